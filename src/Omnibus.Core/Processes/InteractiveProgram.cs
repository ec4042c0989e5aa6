using System.ComponentModel;
using System.Diagnostics;
using Omnibus.Core.Diagnostics;

namespace Omnibus.Core.Processes;

/// <summary>Runs a program on the user's own terminal: a login shell.</summary>
public static class InteractiveProgram
{
    /// <summary>Runs it to its end.</summary>
    /// <returns>Its exit code.</returns>
    /// <exception cref="OmnibusException"><c>ProgramMissing</c> or <c>ProgramNotStarted</c>.</exception>
    public static async Task<int> RunAsync(ProgramCommand command, IProgress<OperationProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        var start = new ProcessStartInfo(ProgramRunner.Require(command.Program)) { UseShellExecute = false };
        foreach (string argument in command.Arguments)
        {
            start.ArgumentList.Add(argument);
        }

        progress?.Report(command.AsProgress(Path.GetFileName(command.Program)));
        try
        {
            using Process process = Process.Start(start)!;
            await process.WaitForExitAsync(cancellationToken).ConfigureAwait(false);
            return process.ExitCode;
        }
        catch (Win32Exception e)
        {
            throw new OmnibusException("ProgramNotStarted", ErrorKind.ProgramFailed, $"'{command.Program}' could not be started: {e.Message}", command.Program, inner: e);
        }
    }
}
