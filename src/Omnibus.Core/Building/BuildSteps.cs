using System.Globalization;
using Omnibus.Core.Diagnostics;
using Omnibus.Core.Processes;
using Omnibus.Core.Python;
using Omnibus.Core.Recipes.Plans;

namespace Omnibus.Core.Building;

/// <summary>Runs the recipe's commands in the build root: the recipe's folder can be read, the scratch folder written.</summary>
internal sealed class BuildSteps(IBuildRoot root, string scratchFolder, DateTimeOffset timestamp, IProgress<OperationProgress>? progress)
{
    private const string Scripts = BuildRootPaths.Staging + "/steps";
    private const int ShownLines = 20;

    /// <summary>Runs the steps of one time, in order.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="beforeEnvironment">Those before the Python environment, or those after it.</param>
    /// <param name="environment">The environment, which the steps may read; null when there is none (yet).</param>
    /// <param name="cancellationToken">Ends the command and everything that it started.</param>
    /// <exception cref="OmnibusException"><c>BuildStepFailed</c>.</exception>
    public async Task RunAsync(BuildPlan plan, bool beforeEnvironment, PythonEnvironment? environment, CancellationToken cancellationToken)
    {
        for (int i = 0; i < plan.Steps.Count; i++)
        {
            if (plan.Steps[i].BeforeEnvironment == beforeEnvironment)
            {
                await RunAsync(plan, plan.Steps[i], i, environment, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private async Task RunAsync(BuildPlan plan, BuildStep step, int index, PythonEnvironment? environment, CancellationToken cancellationToken)
    {
        progress?.Report(new OperationProgress(plan.Distribution.Name, "running build steps") { Item = step.Name });
        List<BuildMount> mounts =
        [
            new BuildMount(plan.RecipeDirectory, BuildRootPaths.Source),
            new BuildMount(scratchFolder, BuildRootPaths.Scratch, Writable: true),
        ];
        if (environment is not null)
        {
            mounts.Add(new BuildMount(environment.HostPath, environment.Spec.EnvironmentPath));
        }

        string[] command = [.. step.Arguments];
        if (step.Script is { } script)
        {
            string folder = Directory.CreateDirectory(scratchFolder + "-steps").FullName;
            string name = string.Create(CultureInfo.InvariantCulture, $"step-{index + 1}");
            await File.WriteAllTextAsync(Path.Combine(folder, name), script, cancellationToken).ConfigureAwait(false);
            mounts.Add(new BuildMount(folder, Scripts));
            command = [.. command, $"{Scripts}/{name}"];
        }

        var log = new Queue<string>();
        ProgramResult result = await root.RunAsync(
            new BuildCommand(command[0], command[1..])
            {
                Mounts = mounts,
                Environment = Variables(plan, step),
                Network = plan.Python is not { IsOffline: true },
                WorkingDirectory = Inside(plan, step.WorkingDirectory),
                OnLine = line => Keep(log, line),
            },
            progress,
            cancellationToken).ConfigureAwait(false);
        if (result.ExitCode != 0)
        {
            string end = string.Join('\n', log.ToArray().Select(l => "  " + l));
            bool full = end.Contains("No space left on device", StringComparison.Ordinal);
            throw new OmnibusException(
                full ? "DiskFull" : "BuildStepFailed",
                full ? ErrorKind.Storage : ErrorKind.ProgramFailed,
                $"{plan.Name} for {plan.Distribution.Name}: the build step '{step.Name}' ended with exit code {result.ExitCode}.\nThe end of its log:\n{end}",
                step.Name,
                full ? "Free some space, or set XDG_CACHE_HOME to a larger disk." : "It can read the recipe's folder (OMNIBUS_SOURCE) and write only to the scratch folder (OMNIBUS_BUILD).");
        }
    }

    private static void Keep(Queue<string> log, string line)
    {
        lock (log)
        {
            log.Enqueue(line);
            if (log.Count > ShownLines)
            {
                log.Dequeue();
            }
        }
    }

    private Dictionary<string, string> Variables(BuildPlan plan, BuildStep step)
    {
        var variables = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["OMNIBUS_SOURCE"] = BuildRootPaths.Source,
            ["OMNIBUS_BUILD"] = BuildRootPaths.Scratch,
            ["SOURCE_DATE_EPOCH"] = timestamp.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture),
        };
        foreach ((string name, string value) in plan.Variables)
        {
            variables.TryAdd("OMNIBUS_" + name.ToUpperInvariant().Replace('-', '_'), value);
        }

        foreach ((string name, string value) in step.Environment)
        {
            variables[name] = value;
        }

        return variables;
    }

    private static string Inside(BuildPlan plan, PlanPath? folder)
    {
        if (folder is null || folder.Base == PlanPathBase.Build)
        {
            return Path.Join(BuildRootPaths.Scratch, folder?.Path).TrimEnd('/');
        }

        string relative = Path.GetRelativePath(plan.RecipeDirectory, folder.Path);
        return relative.StartsWith("..", StringComparison.Ordinal)
            ? throw new OmnibusException("BuildStepFolderOutside", ErrorKind.InvalidArgument, $"{folder.Path}: a build step can only run in the recipe's folder or in the scratch folder.", folder.Path)
            : relative == "." ? BuildRootPaths.Source : $"{BuildRootPaths.Source}/{relative}";
    }
}
