using Omnibus.Core.Diagnostics;

namespace Omnibus.Core.Vms.State;

/// <summary>Serialises the commands on one machine, across processes: an exclusive flock(2) on a file beside it.</summary>
public sealed class VmLock : IDisposable
{
    private readonly FileStream _file;

    private VmLock(FileStream file) => _file = file;

    /// <summary>Waits for the lock.</summary>
    /// <exception cref="OmnibusException"><c>VmBusy</c> when another command holds it longer than the time allowed.</exception>
    internal static async Task<VmLock> AcquireAsync(string path, string name, TimeSpan timeout, CancellationToken cancellationToken)
    {
        long deadline = Environment.TickCount64 + (long)timeout.TotalMilliseconds;
        while (true)
        {
            try
            {
                // FileShare.None is flock(LOCK_EX | LOCK_NB) on Linux; the system drops it when the process dies.
                return new VmLock(new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, 1));
            }
            catch (DirectoryNotFoundException e)
            {
                throw new OmnibusException("VmNotFound", ErrorKind.NotFound, $"There is no machine '{name}'.", name, "Get-BuildVm lists the machines.", e);
            }
            catch (IOException e)
            {
                if (Environment.TickCount64 >= deadline)
                {
                    throw new OmnibusException(
                        "VmBusy",
                        ErrorKind.Conflict,
                        $"Another command works on the machine '{name}' and did not end within {timeout.TotalSeconds:0} s.",
                        name,
                        "Wait for it, or look for the process that holds the lock with fuser(1).",
                        e);
                }
            }

            await Task.Delay(100, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Frees the machine for others.</summary>
    public void Dispose() => _file.Dispose();
}
