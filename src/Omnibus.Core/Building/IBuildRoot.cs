using Omnibus.Core.Diagnostics;
using Omnibus.Core.Processes;

namespace Omnibus.Core.Building;

/// <summary>A folder of the build machine that a build root shows at a path of its own.</summary>
/// <param name="HostPath">Absolute path on the build machine; it must exist.</param>
/// <param name="RootPath">Where commands in the root see it.</param>
/// <param name="Writable">Whether they may write there.</param>
public sealed record BuildMount(string HostPath, string RootPath, bool Writable = false);

/// <summary>A command that runs inside a build root.</summary>
/// <param name="Program">Absolute path inside the root, or a name looked up in the root's PATH.</param>
/// <param name="Arguments">Arguments, passed as they are.</param>
public sealed record BuildCommand(string Program, IReadOnlyList<string> Arguments)
{
    /// <summary>Variables beside the root's own few (<see cref="BuildRootPaths.BaseEnvironment"/>); they win. Nothing of the caller's environment gets in.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    /// <summary>Where the root shows what the command needs.</summary>
    public IReadOnlyList<BuildMount> Mounts { get; init; } = [];

    /// <summary>Folder it runs in, inside the root.</summary>
    public string WorkingDirectory { get; init; } = "/";

    /// <summary>Whether it has the machine's network. Otherwise there is not even a loopback to the machine.</summary>
    public bool Network { get; init; }

    /// <summary>Called with each line of output.</summary>
    public Action<string>? OnLine { get; init; }
}

/// <summary>
/// Where commands of a build run: a file system of their own with an operating system's programs, in which paths of the target can be
/// written without touching the same paths of the build machine.
/// </summary>
public interface IBuildRoot
{
    /// <summary>What it is, for messages: <c>host</c>.</summary>
    string Name { get; }

    /// <summary>Makes sure that the root works here, before anything is begun.</summary>
    /// <exception cref="OmnibusException"><c>BuildRootUnavailable</c>.</exception>
    Task ProbeAsync(CancellationToken cancellationToken);

    /// <summary>Runs a command to its end, whatever its exit code. Everything it started is gone when this returns.</summary>
    /// <exception cref="OmnibusException"><c>ProgramMissing</c>, <c>BuildRootUnavailable</c>.</exception>
    Task<ProgramResult> RunAsync(BuildCommand command, IProgress<OperationProgress>? progress, CancellationToken cancellationToken);
}
