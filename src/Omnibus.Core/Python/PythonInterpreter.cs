using System.Text.Json;
using Omnibus.Core.Building;
using Omnibus.Core.Diagnostics;
using Omnibus.Core.Processes;

namespace Omnibus.Core.Python;

/// <summary>An interpreter of a build root, asked about itself.</summary>
/// <param name="Path">Absolute path.</param>
/// <param name="Version">Major and minor version, which decide what can be run: <c>3.11</c>.</param>
/// <param name="FullVersion"><c>3.11.2</c>.</param>
/// <param name="SoAbi">Tag in the file names of extension modules: <c>cpython-311-x86_64-linux-gnu</c> (PEP 3149).</param>
/// <param name="Pip">Arguments after an interpreter that run pip.</param>
public sealed record PythonInterpreter(string Path, string Version, string FullVersion, string SoAbi, IReadOnlyList<string> Pip)
{
    // pip comes as a wheel beside ensurepip, or in the folder that the distribution chose (WHEEL_PKG_DIR, PEP 453 as Debian and Fedora build it).
    // Run from that wheel pip needs not be installed, and sees nothing of the system's packages when the environment's interpreter runs it.
    private const string Question =
        """
        import glob, json, os, sys, sysconfig
        pip = []
        folders = [sysconfig.get_config_var('WHEEL_PKG_DIR')]
        try:
            import ensurepip
            folders.append(os.path.join(os.path.dirname(ensurepip.__file__), '_bundled'))
        except ImportError:
            pass
        for folder in filter(None, folders):
            pip += sorted(glob.glob(os.path.join(folder, 'pip-*.whl')))
        if pip:
            run = [os.path.join(pip[-1], 'pip')]
        else:
            import importlib.util
            run = ['-m', 'pip'] if importlib.util.find_spec('pip') else []
        print(json.dumps({
            'implementation': sys.implementation.name,
            'version': '%d.%d' % sys.version_info[:2],
            'full': '%d.%d.%d' % sys.version_info[:3],
            'soabi': sysconfig.get_config_var('SOABI') or '',
            'venv': bool(__import__('importlib.util').util.find_spec('venv')),
            'pip': run}))
        """;

    /// <summary>Asks an interpreter.</summary>
    /// <exception cref="OmnibusException"><c>InterpreterMissing</c>, <c>InterpreterUnusable</c>.</exception>
    public static async Task<PythonInterpreter> ProbeAsync(IBuildRoot root, string path, IProgress<OperationProgress>? progress, CancellationToken cancellationToken)
    {
        ProgramResult result = await root.RunAsync(new BuildCommand(path, ["-c", Question]), progress, cancellationToken).ConfigureAwait(false);
        if (result.ExitCode is 126 or 127)
        {
            throw new OmnibusException(
                "InterpreterMissing",
                ErrorKind.MissingDependency,
                $"The build root '{root.Name}' has no interpreter {path}.",
                path,
                "Install that Python from the distribution's packages, or name another in python.interpreter. An interpreter below /opt or a home folder cannot be used: the target would not have it.");
        }

        if (result.ExitCode != 0)
        {
            throw Unusable(path, $"it ended with exit code {result.ExitCode}. {result.StandardError.Trim()}");
        }

        using var answer = JsonDocument.Parse(result.StandardOutput);
        JsonElement json = answer.RootElement;
        if (json.GetProperty("implementation").GetString() != "cpython")
        {
            throw Unusable(path, "it is not CPython.");
        }

        if (!json.GetProperty("venv").GetBoolean() || json.GetProperty("pip").GetArrayLength() == 0)
        {
            throw new OmnibusException(
                "InterpreterUnusable",
                ErrorKind.MissingDependency,
                $"{path} has no venv module or no pip.",
                path,
                "Install python3-venv (Debian, Ubuntu) or the interpreter's pip package (Fedora, RHEL).");
        }

        return new PythonInterpreter(
            path,
            json.GetProperty("version").GetString()!,
            json.GetProperty("full").GetString()!,
            json.GetProperty("soabi").GetString()!,
            [.. json.GetProperty("pip").EnumerateArray().Select(e => e.GetString()!)]);
    }

    private static OmnibusException Unusable(string path, string why) => new(
        "InterpreterUnusable",
        ErrorKind.ProgramFailed,
        $"{path} cannot be used as interpreter: {why}",
        path);
}
