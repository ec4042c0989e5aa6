using System.Globalization;
using Omnibus.Core.Diagnostics;

namespace Omnibus.Core.Python;

/// <summary>Holds an environment against the target that is to run it.</summary>
public static class TargetCheck
{
    /// <summary>Before anything is built: whether the target has the interpreter at all.</summary>
    /// <exception cref="OmnibusException"><c>PythonTargetMismatch</c>.</exception>
    public static void RequireInterpreter(PythonEnvironmentSpec spec, PythonTarget target)
    {
        if (!target.Interpreters.Any(i => i.Key == spec.Interpreter))
        {
            throw Mismatch(
                $"the environment wants {spec.Interpreter}, and {target.Name} offers {List(target)}.",
                target,
                "Set python.interpreter for this distribution, or leave the distribution out.");
        }
    }

    /// <summary>After the build: interpreter version, tags of extension modules, and the C library, all at once.</summary>
    /// <exception cref="OmnibusException"><c>PythonTargetMismatch</c>; its findings list every mismatch.</exception>
    public static void Require(PythonEnvironment environment, PythonTarget target)
    {
        var findings = new List<Finding>();
        void Add(string message, string? path) => findings.Add(new Finding("PythonTargetMismatch", FindingSeverity.Error, message, target.Name, path));

        string version = environment.Interpreter.Version;
        string offered = target.Interpreters.Where(i => i.Key == environment.Spec.Interpreter).Select(i => i.Value).FirstOrDefault(version);
        if (offered != version)
        {
            Add($"built with Python {environment.Interpreter.FullVersion}, and {environment.Spec.Interpreter} of {target.Name} is Python {offered}", null);
        }

        foreach (PythonDistribution distribution in environment.Distributions)
        {
            if (distribution.Tags.Count > 0 && !distribution.Tags.Any(t => WheelTag.Runs(t, offered, target.Architecture)))
            {
                Add($"{distribution.Name} {distribution.Version} was built for {string.Join(", ", distribution.Tags)}, and {target.Name} runs Python {offered} on {target.Architecture}", distribution.InfoDirectory);
            }
        }

        if (environment.Native.GlibcFloor is { } floor && floor > target.GlibcVersion)
        {
            Add($"{environment.Native.GlibcFloorFile} needs glibc {floor}, and {target.Name} has glibc {target.GlibcVersion}", environment.Native.GlibcFloorFile);
        }

        if (findings.Count > 0)
        {
            throw Mismatch(
                $"{string.Join("; ", findings.Select(f => f.Message))}.",
                target,
                "Build on a system as old as the target, use wheels that fit it, or leave the distribution out.",
                findings);
        }
    }

    private static string List(PythonTarget target) =>
        target.Interpreters.Count == 0 ? "no Python 3" : string.Join(", ", target.Interpreters.Select(i => string.Create(CultureInfo.InvariantCulture, $"{i.Key} (Python {i.Value})")));

    private static OmnibusException Mismatch(string message, PythonTarget target, string advice, IReadOnlyList<Finding>? findings = null) =>
        new("PythonTargetMismatch", ErrorKind.Unsupported, $"{target.Name} cannot run this environment: {message}", target.Name, advice)
        {
            Findings = findings ?? [],
        };
}
