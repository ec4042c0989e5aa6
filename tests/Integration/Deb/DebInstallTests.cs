using Omnibus.Core.Compression;
using Omnibus.Core.Packages;
using Omnibus.Core.Packages.Deb;
using Omnibus.Core.Processes;
using Omnibus.Tests.Integration.Fixtures;

namespace Omnibus.Tests.Integration;

/// <summary>Real dpkg and apt install what we write.</summary>
public sealed class DebInstallTests
{
    [Fact]
    public async Task Apt_installs_upgrades_and_removes_a_package_of_every_compressor()
    {
        using DebianRoot root = await DebianRoot.CreateAsync();
        using var scratch = new ScratchFolder();
        foreach ((CompressionKind kind, string version) in new[]
        {
            (CompressionKind.None, "1"), (CompressionKind.Gzip, "2"), (CompressionKind.Xz, "3"), (CompressionKind.Zstd, "4"),
        })
        {
            PackageDefinition definition = DebExample.Create() with { Version = new PackageVersion(version, "1") };
            PackageFile package = await new DebFormat().WriteAsync(
                definition, scratch.Path, new PackageWriteOptions(new CompressionSettings(kind)), CancellationToken.None);
            await root.AptAsync("install", root.CopyIn(package.Path));
            Assert.Equal("installed " + version + "-1\n", (await root.RunAsync("dpkg-query", "-W", "-f", "${db:Status-Status} ${Version}", definition.Name)).StandardOutput);
            Assert.Equal(string.Empty, (await root.RunAsync("dpkg", "--verify", definition.Name)).StandardOutput);
            Assert.Contains("configure", File.ReadAllText(root.PathOf("/var/lib/notes/postinst-ran")), StringComparison.Ordinal);
        }

        // What the package holds is there, with the right owner, mode and links.
        ProgramResult listed = await root.RunAsync("stat", "-c", "%n %a %U %h %F", "/opt/notes/bin/notes", "/opt/notes/lib/notes", "/usr/bin/notes", "/var/lib/notes", "/etc/notes.conf");
        Assert.Equal(
            "/opt/notes/bin/notes 755 root 2 regular file\n/opt/notes/lib/notes 755 root 2 regular file\n/usr/bin/notes 777 root 1 symbolic link\n"
            + "/var/lib/notes 750 www-data 2 directory\n/etc/notes.conf 644 root 1 regular file\n",
            listed.StandardOutput);
        Assert.Equal("hello from notes\n", (await root.RunAsync("/usr/bin/notes")).StandardOutput);
        Assert.Contains("deep-folder-name", (await root.RunAsync("find", "/opt/notes/share", "-type", "f")).StandardOutput, StringComparison.Ordinal);

        // dpkg knows the configuration file: an edited copy stays.
        Assert.Contains("/etc/notes.conf", (await root.RunAsync("dpkg-query", "-W", "-f", "${Conffiles}", "notes")).StandardOutput, StringComparison.Ordinal);
        await root.RunAsync("apt-get", "-y", "purge", "notes");
        Assert.False(File.Exists(root.PathOf("/etc/notes.conf")));
        Assert.False(Directory.Exists(root.PathOf("/opt/notes")));
    }
}
