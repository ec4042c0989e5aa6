namespace Omnibus.Core.Vms.State;

/// <summary>Where the files of one machine are.</summary>
/// <param name="Folder">Its folder under the data directory.</param>
/// <param name="RuntimeFolder">Its folder for sockets, which a reboot of the host may empty.</param>
public sealed record VmFiles(string Folder, string RuntimeFolder)
{
    /// <summary>What the machine is.</summary>
    public string Definition => Path.Combine(Folder, "vm.json");

    /// <summary>The lock of the machine.</summary>
    public string Lock => Path.Combine(Folder, "lock");

    /// <summary>The machine's own disk: an overlay over <see cref="Base"/>.</summary>
    public string Disk => Path.Combine(Folder, "disk.qcow2");

    /// <summary>The shared base image, a hard link to the cached one where the file system allows.</summary>
    public string Base => Path.Combine(Folder, "base.img");

    /// <summary>The guest's kernel.</summary>
    public string Kernel => Path.Combine(Folder, "vmlinuz");

    /// <summary>The guest's initial RAM disk.</summary>
    public string Initrd => Path.Combine(Folder, "initrd");

    /// <summary>Seed of a cloud image.</summary>
    public string Seed => Path.Combine(Folder, "seed.iso");

    /// <summary>What the guest wrote to its serial console.</summary>
    public string ConsoleLog => Path.Combine(Folder, "console.log");

    /// <summary>What QEMU itself had to say.</summary>
    public string QemuLog => Path.Combine(Folder, "qemu.log");

    /// <summary>The machine's private key.</summary>
    public string PrivateKey => Path.Combine(Folder, "id_ed25519");

    /// <summary>The machine's public key.</summary>
    public string PublicKey => Path.Combine(Folder, "id_ed25519.pub");

    /// <summary>Host keys of the guest that we have seen.</summary>
    public string KnownHosts => Path.Combine(Folder, "known_hosts");

    /// <summary>What the guest of a disk with its own boot loader is told of itself.</summary>
    public string Facts => Path.Combine(Folder, "facts");

    /// <summary>Hash of the user's password, for the guest alone.</summary>
    public string PasswordFile => Path.Combine(Folder, "password");

    /// <summary>The control socket for commands, used under the lock.</summary>
    public string ControlSocket => Path.Combine(RuntimeFolder, "qmp");

    /// <summary>A second control socket for short questions, used without the lock.</summary>
    public string StatusSocket => Path.Combine(RuntimeFolder, "status");

    /// <summary>The serial console as a socket.</summary>
    public string ConsoleSocket => Path.Combine(RuntimeFolder, "console");

    /// <summary>The shared SSH connection.</summary>
    public string SshSocket => Path.Combine(RuntimeFolder, "ssh");
}
