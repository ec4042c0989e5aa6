using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using Omnibus.Core.Diagnostics;
using Omnibus.Core.Processes;
using Omnibus.Core.Vms.Images;
using Omnibus.Core.Vms.State;

namespace Omnibus.Core.Vms.Machines;

/// <summary>Makes machines: a copy-on-write disk over a base image, a key pair, a JSON file.</summary>
public sealed partial class VmCreation(VmDirectory directory)
{
    private const long MinimumMemory = 128L << 20;

    /// <summary>Makes a machine. It appears whole or not at all, and does not run yet.</summary>
    /// <exception cref="OmnibusException"><c>VmExists</c>, <c>VmNameInvalid</c>, <c>VmSizeInvalid</c>, <c>SshKeyInvalid</c>, <c>UserNameInvalid</c>, <c>DiskTooSmall</c>, <c>ProgramMissing</c>.</exception>
    public async Task<BuildVm> CreateAsync(VmCreationRequest request, IProgress<OperationProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        VmFiles files = directory.Files(request.Name);
        Validate(request);
        if (Directory.Exists(files.Folder))
        {
            throw Exists(request.Name, null);
        }

        Directory.CreateDirectory(directory.DataFolder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        string part = Path.Combine(directory.DataFolder, $".{request.Name}.{Guid.NewGuid():N}");
        var partFiles = new VmFiles(part, files.RuntimeFolder);
        try
        {
            Directory.CreateDirectory(part, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            await MakeDiskAsync(request, partFiles, progress, cancellationToken).ConfigureAwait(false);
            await MakeKeyAsync(request.Name, partFiles, progress, cancellationToken).ConfigureAwait(false);
            string? hash = request.Password is { } password ? await HashAsync(password, progress, cancellationToken).ConfigureAwait(false) : null;
            VmDefinition machine = Define(request, hash);
            await File.WriteAllBytesAsync(partFiles.Definition, System.Text.Json.JsonSerializer.SerializeToUtf8Bytes(machine, VmDirectory.Json), cancellationToken).ConfigureAwait(false);
            File.SetUnixFileMode(partFiles.Definition, UnixFileMode.UserRead | UnixFileMode.UserWrite);
            if (hash is not null)
            {
                await File.WriteAllTextAsync(partFiles.PasswordFile, hash, cancellationToken).ConfigureAwait(false);
                File.SetUnixFileMode(partFiles.PasswordFile, UnixFileMode.UserRead | UnixFileMode.UserWrite);
            }

            await NoCloudSeed.WriteAsync(machine, partFiles, machine.Proxy, cancellationToken).ConfigureAwait(false);
            Directory.Move(part, files.Folder);
        }
        catch (IOException e) when (Directory.Exists(files.Folder))
        {
            // Another process was faster.
            throw Exists(request.Name, e);
        }
        finally
        {
            if (Directory.Exists(part))
            {
                Directory.Delete(part, recursive: true);
            }
        }

        return await new VmInspection(directory).GetAsync(request.Name, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>A random address of QEMU's own range.</summary>
    internal static string NewMacAddress()
    {
        byte[] random = RandomNumberGenerator.GetBytes(3);
        return $"52:54:00:{random[0]:x2}:{random[1]:x2}:{random[2]:x2}";
    }

    /// <summary>Makes the machine's own key pair.</summary>
    internal static Task MakeKeyAsync(string name, VmFiles files, IProgress<OperationProgress>? progress, CancellationToken cancellationToken) =>
        ProgramRunner.RunAsync(new ProgramCommand("ssh-keygen", ["-q", "-t", "ed25519", "-N", string.Empty, "-C", $"omnibus-{name}", "-f", files.PrivateKey]), progress, cancellationToken);

    private static VmDefinition Define(VmCreationRequest request, string? passwordHash) => new()
    {
        Name = request.Name,
        Id = Guid.NewGuid(),
        Distribution = request.Distribution,
        Architecture = request.Architecture,
        Boot = request.Image.Boot,
        MemoryMiB = (int)(request.Memory >> 20),
        Cpus = request.Cpus,
        User = request.User,
        AuthorizedKeys = request.AuthorizedKeys,
        PasswordHash = passwordHash,
        MacAddress = NewMacAddress(),
        PortForwards = request.PortForwards,
        Proxy = request.Proxy,
        Bridge = request.Bridge,
        Address = request.Address,
        Created = DateTimeOffset.UtcNow,
    };

    private static async Task MakeDiskAsync(VmCreationRequest request, VmFiles files, IProgress<OperationProgress>? progress, CancellationToken cancellationToken)
    {
        HardLink.Create(request.Image.Disk, files.Base);
        if (request.Image.Boot == BootMode.DirectKernel)
        {
            HardLink.Create(request.Image.Kernel, files.Kernel);
            HardLink.Create(request.Image.Initrd, files.Initrd);
        }

        long own = await VmDisks.VirtualSizeAsync(files.Base, request.Image.Format, progress, cancellationToken).ConfigureAwait(false);
        if (request.DiskSize < own)
        {
            throw new OmnibusException("DiskTooSmall", ErrorKind.InvalidArgument, $"The disk of '{request.Name}' cannot be smaller than its image, {own} bytes.", request.Name, "Leave -DiskSize out, or give a larger one.");
        }

        await VmDisks.CreateOverlayAsync(files, request.Image.Format, request.DiskSize, progress, cancellationToken).ConfigureAwait(false);
    }

    private static async Task<string> HashAsync(string password, IProgress<OperationProgress>? progress, CancellationToken cancellationToken)
    {
        if (password.Any(char.IsControl))
        {
            throw new OmnibusException("PasswordInvalid", ErrorKind.InvalidArgument, "The password holds a control character.");
        }

        using var input = new MemoryStream(Encoding.UTF8.GetBytes(password + "\n"));
        ProgramResult result = await ProgramRunner.RunAsync(new ProgramCommand("openssl", ["passwd", "-6", "-stdin"]) { StandardInput = input }, progress, cancellationToken).ConfigureAwait(false);
        return result.StandardOutput.Trim();
    }

    private static void Validate(VmCreationRequest request)
    {
        if (request.Memory < MinimumMemory || request.Memory > 1L << 42 || request.Cpus is < 1 or > 255)
        {
            throw new OmnibusException("VmSizeInvalid", ErrorKind.InvalidArgument, $"A machine needs at least 128 MiB of memory and 1 to 255 processors; '{request.Name}' has {request.Memory >> 20} MiB and {request.Cpus}.", request.Name);
        }

        if (!UserPattern().IsMatch(request.User))
        {
            throw new OmnibusException("UserNameInvalid", ErrorKind.InvalidArgument, $"'{request.User}' is no name for a user.", request.User, "Use lower-case letters, digits, hyphens and underscores, beginning with a letter.");
        }

        foreach (string key in request.AuthorizedKeys)
        {
            if (!KeyPattern().IsMatch(key))
            {
                throw new OmnibusException("SshKeyInvalid", ErrorKind.InvalidArgument, $"'{key[..Math.Min(key.Length, 40)]}' is no public SSH key.", key, "Give the line of a .pub file, or its path.");
            }
        }
    }

    private static OmnibusException Exists(string name, Exception? inner) =>
        new("VmExists", ErrorKind.AlreadyExists, $"There is a machine '{name}' already.", name, "Choose another name, or remove it with Remove-BuildVm.", inner);

    [GeneratedRegex(@"\A[a-z_][a-z0-9_-]{0,31}\z", RegexOptions.CultureInvariant)]
    private static partial Regex UserPattern();

    [GeneratedRegex(@"\A[a-z0-9@.-]{6,64} [A-Za-z0-9+/]{32,2000}={0,2}( [^\x00-\x1f]{0,200})?\z", RegexOptions.CultureInvariant)]
    private static partial Regex KeyPattern();
}
