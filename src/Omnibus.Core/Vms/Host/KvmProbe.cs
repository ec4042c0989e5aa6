using System.Diagnostics;
using System.Text;
using Omnibus.Core.Diagnostics;
using Omnibus.Core.Processes;

namespace Omnibus.Core.Vms.Host;

/// <summary>Finds out whether an accelerator really runs a guest: it runs a tiny one and waits for what it prints.</summary>
/// <remarks>
/// On some hosts /dev/kvm opens and a guest hangs, crawls, or QEMU aborts setting a model-specific register. A look at the device does not show
/// that, and a guest that only prints a line in real mode does not either. So the guest goes to long mode with paging on and does some
/// 26 million rounds of arithmetic on memory, which TCG does in a quarter of a second and a sound KVM in less.
/// </remarks>
internal static class KvmProbe
{
    /// <summary>What the guest prints when its work is done.</summary>
    internal const string Answer = "omnibus: work done";

    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(5);

    /// <summary>Runs the guest.</summary>
    /// <param name="accelerator">KVM or TCG.</param>
    /// <param name="folder">Folder for the guest's firmware image.</param>
    /// <param name="limit">How long it may take; null for five seconds.</param>
    /// <param name="progress">Told the command line.</param>
    /// <param name="cancellationToken">Ends the guest.</param>
    /// <returns>Null when the guest ran, otherwise why it did not.</returns>
    public static async Task<string?> RunAsync(Accelerator accelerator, string folder, TimeSpan? limit = null, IProgress<OperationProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        TimeSpan patience = limit ?? s_limit;
        Directory.CreateDirectory(folder);
        string image = Path.Combine(folder, $"probe-{Guid.NewGuid():N}.rom");
        try
        {
            await File.WriteAllBytesAsync(image, ProbeFirmware.Build(), cancellationToken).ConfigureAwait(false);
            bool kvm = accelerator == Accelerator.Kvm;
            var command = new ProgramCommand(
                "qemu-system-x86_64",
                [
                    "-nodefaults", "-no-user-config", "-display", "none", "-no-reboot", "-machine", "q35",
                    "-accel", kvm ? "kvm" : "tcg", "-cpu", kvm ? "host" : "max", "-m", "32",
                    "-bios", image, "-serial", "stdio", "-device", "isa-debug-exit,iobase=0xf4,iosize=1",
                ])
            {
                // isa-debug-exit ends QEMU with (value << 1) | 1.
                SuccessCodes = [0, 3],
                Timeout = patience,
            };
            long start = Stopwatch.GetTimestamp();
            ProgramResult result = await ProgramRunner.TryRunAsync(command, progress, cancellationToken).ConfigureAwait(false);
            if (Stopwatch.GetElapsedTime(start) > patience)
            {
                // It ended before the timer that ends it had its turn.
                return TooLong(patience);
            }

            return result.StandardOutput.Contains(Answer, StringComparison.Ordinal)
                ? null
                : $"QEMU ended with exit code {result.ExitCode}: {LastLine(result.StandardError)}";
        }
        catch (OmnibusException e) when (e.Id == "ProgramTimeout")
        {
            return TooLong(patience);
        }
        finally
        {
            File.Delete(image);
        }
    }

    private static string TooLong(TimeSpan limit) => $"a guest started but did not finish a quarter of a second's work within {limit.TotalSeconds:0.#} s";

    private static string LastLine(string text)
    {
        string[] lines = text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        // The reason stands before "Aborted" and assertion lines.
        return lines.FirstOrDefault(line => line.Contains("error", StringComparison.OrdinalIgnoreCase) || line.Contains("could not", StringComparison.OrdinalIgnoreCase))
            ?? (lines.Length > 0 ? lines[^1] : "it said nothing");
    }
}
