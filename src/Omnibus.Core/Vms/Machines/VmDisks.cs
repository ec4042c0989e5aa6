using System.Globalization;
using System.Text.Json;
using Omnibus.Core.Diagnostics;
using Omnibus.Core.Processes;
using Omnibus.Core.Vms.State;

namespace Omnibus.Core.Vms.Machines;

/// <summary>Makes, inspects and converts disks with qemu-img(1).</summary>
public sealed class VmDisks(VmDirectory directory)
{
    private static readonly Dictionary<string, string> s_formats = new(StringComparer.OrdinalIgnoreCase)
    {
        ["qcow2"] = "qcow2",
        ["raw"] = "raw",
        ["vdi"] = "vdi",
        ["vmdk"] = "vmdk",
        ["vhdx"] = "vhdx",
    };

    /// <summary>The formats that a disk is converted to.</summary>
    public static IReadOnlyCollection<string> Formats => s_formats.Keys;

    /// <summary>Writes a machine's disk, whole and without the base image under it, in another format.</summary>
    /// <param name="name">The machine; it must not run.</param>
    /// <param name="destination">The file to write.</param>
    /// <param name="format">One of <see cref="Formats"/>.</param>
    /// <param name="overwrite">Replaces an existing file.</param>
    /// <param name="progress">Told the command line.</param>
    /// <param name="cancellationToken">Ends it and removes what was half written.</param>
    /// <exception cref="OmnibusException"><c>VmRunning</c>, <c>DiskFormatUnknown</c>, <c>FileExists</c>, <c>DiskSpaceLow</c>.</exception>
    public async Task ConvertAsync(string name, string destination, string format, bool overwrite = false, IProgress<OperationProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        if (!s_formats.TryGetValue(format, out string? driver))
        {
            throw new OmnibusException("DiskFormatUnknown", ErrorKind.InvalidArgument, $"There is no disk format '{format}'.", format, $"Use {string.Join(", ", Formats)}.");
        }

        if (File.Exists(destination) && !overwrite)
        {
            throw new OmnibusException("FileExists", ErrorKind.AlreadyExists, $"'{destination}' exists.", destination, "Use -Force to replace it.");
        }

        VmFiles files = directory.Files(name);
        using VmLock held = await directory.LockAsync(name, cancellationToken).ConfigureAwait(false);
        RequireStopped(new VmInspection(directory).LoadCurrent(name));
        string part = $"{destination}.{Guid.NewGuid():N}";
        try
        {
            await RunAsync(["convert", "-q", "-f", "qcow2", "-O", driver, files.Disk, part], destination, progress, cancellationToken).ConfigureAwait(false);
            File.Move(part, destination, overwrite);
        }
        finally
        {
            File.Delete(part);
        }
    }

    /// <summary>The size of a disk as the guest sees it, in bytes.</summary>
    internal static async Task<long> VirtualSizeAsync(string path, string format, IProgress<OperationProgress>? progress, CancellationToken cancellationToken)
    {
        if (format == "raw")
        {
            return new FileInfo(File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? path).Length;
        }

        ProgramResult result = await ProgramRunner.RunAsync(new ProgramCommand("qemu-img", ["info", "--output=json", "-f", format, path]), progress, cancellationToken).ConfigureAwait(false);
        using JsonDocument info = JsonDocument.Parse(result.StandardOutput);
        return info.RootElement.GetProperty("virtual-size").GetInt64();
    }

    /// <summary>Makes the machine's own disk over its base.</summary>
    internal static Task CreateOverlayAsync(VmFiles files, string baseFormat, long? size, IProgress<OperationProgress>? progress, CancellationToken cancellationToken)
    {
        var arguments = new List<string> { "create", "-q", "-f", "qcow2", "-F", baseFormat, "-b", Path.GetFileName(files.Base), files.Disk };
        if (size is { } bytes)
        {
            arguments.Add(bytes.ToString(CultureInfo.InvariantCulture));
        }

        return RunAsync(arguments, files.Disk, progress, cancellationToken);
    }

    /// <summary>Copies what a machine wrote, without its checkpoints, over the same base or as a disk of its own.</summary>
    internal static async Task CopyAsync(VmFiles source, VmFiles target, bool full, IProgress<OperationProgress>? progress, CancellationToken cancellationToken)
    {
        bool linked = !full && File.Exists(source.Base);
        string[] backing = [];
        if (linked)
        {
            HardLink.Create(source.Base, target.Base);
            backing = ["-B", Path.GetFullPath(target.Base), "-F", await BackingFormatAsync(source.Disk, progress, cancellationToken).ConfigureAwait(false)];
        }

        await RunAsync(["convert", "-q", "-f", "qcow2", "-O", "qcow2", .. backing, source.Disk, target.Disk], target.Disk, progress, cancellationToken).ConfigureAwait(false);
        if (linked)
        {
            // The folder is renamed afterwards: the name of the base must not hold it.
            await RunAsync(["rebase", "-q", "-u", "-f", "qcow2", "-F", backing[3], "-b", Path.GetFileName(target.Base), target.Disk], target.Disk, progress, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Runs qemu-img and tells a full disk by name.</summary>
    internal static async Task RunAsync(IReadOnlyList<string> arguments, string item, IProgress<OperationProgress>? progress, CancellationToken cancellationToken)
    {
        try
        {
            await ProgramRunner.RunAsync(new ProgramCommand("qemu-img", arguments), progress, cancellationToken).ConfigureAwait(false);
        }
        catch (OmnibusException e) when (e.Id == "ProgramFailed" && e.Message.Contains("No space left", StringComparison.Ordinal))
        {
            throw new OmnibusException("DiskSpaceLow", ErrorKind.Storage, $"The disk is full: '{item}' was not written.", item, "Make room and try again.", e);
        }
    }

    /// <summary>Refuses a machine that runs.</summary>
    internal static void RequireStopped(VmDefinition machine)
    {
        if (machine.Run is not null)
        {
            throw new OmnibusException("VmRunning", ErrorKind.Conflict, $"The machine '{machine.Name}' runs.", machine.Name, "Stop it first with Stop-BuildVm.");
        }
    }

    private static async Task<string> BackingFormatAsync(string disk, IProgress<OperationProgress>? progress, CancellationToken cancellationToken)
    {
        ProgramResult result = await ProgramRunner.RunAsync(new ProgramCommand("qemu-img", ["info", "--output=json", "-f", "qcow2", disk]), progress, cancellationToken).ConfigureAwait(false);
        using JsonDocument info = JsonDocument.Parse(result.StandardOutput);
        return info.RootElement.TryGetProperty("backing-filename-format", out JsonElement format) ? format.GetString() ?? "raw" : "raw";
    }
}
