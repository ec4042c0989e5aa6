using Omnibus.Core.Building;
using Omnibus.Core.Diagnostics;
using Omnibus.Core.Packages;

namespace Omnibus.Tests.Unit.Building;

public sealed class DebianTreeTests : IDisposable
{
    private const string Control = "Package: tree\nVersion: 2:1.0-3\nArchitecture: all\nMaintainer: A <a@example.com>\nDepends: a (>= 1) | b\nX-Note: kept\nDescription: short\n long\n .\n more\n";
    private readonly string _folder = Directory.CreateTempSubdirectory("omnibus-tree-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_tree_becomes_a_definition()
    {
        Write("DEBIAN/control", Control);
        Write("DEBIAN/conffiles", "/etc/a.conf\nremove-on-upgrade /etc/old.conf\n");
        Write("DEBIAN/preinst", "#!/bin/sh\n");
        Write("DEBIAN/triggers", "# comment\nactivate-noawait x\n");
        Write("DEBIAN/md5sums", "wrong\n");
        Write("etc/a.conf", "a");
        File.CreateSymbolicLink(Path.Combine(_folder, "etc/link"), "/nowhere");
        Assert.True(DebianTree.IsTree(_folder));
        PackageDefinition tree = DebianTree.Read(_folder, null, null, CancellationToken.None);
        Assert.Equal(new PackageVersion("1.0", "3", 2), tree.Version);
        Assert.Equal(("short", "long\n\nmore"), (tree.Summary, tree.Description));
        Assert.Equal(["a", "b"], tree.Relations.Single().Alternatives.Select(a => a.Name));
        Assert.Equal([KeyValuePair.Create("X-Note", "kept")], tree.CustomFields);
        Assert.Equal(ScriptKind.PreInstall, tree.Scripts.Single().Kind);
        Assert.Equal("activate-noawait", tree.Triggers.Single().Directive);
        Dictionary<string, PackageEntry> entries = tree.Entries.ToDictionary(e => e.Path, StringComparer.Ordinal);
        Assert.Equal(["/etc", "/etc/a.conf", "/etc/link", "/etc/old.conf"], entries.Keys.Order(StringComparer.Ordinal));
        Assert.Equal(PackageEntryFlags.Config, entries["/etc/a.conf"].Flags);
        Assert.Equal("/nowhere", entries["/etc/link"].LinkTarget);
        Assert.Equal((PackageEntryKind.Ghost, PackageEntryFlags.RemoveOnUpgrade), (entries["/etc/old.conf"].Kind, entries["/etc/old.conf"].Flags));
    }

    [Fact]
    public void A_template_loses_comments_and_empty_lines_and_takes_the_given_version()
    {
        Write("DEBIAN/control.template", "# about\nPackage: tree\n\nArchitecture: all\nMaintainer: A <a@example.com>\n# more\nDescription: short\n");
        Assert.Equal("VersionUnknown", Assert.Throws<OmnibusException>(() => DebianTree.Read(_folder, null, null, CancellationToken.None)).Id);
        Assert.Equal("1.2", DebianTree.Read(_folder, "1.2", null, CancellationToken.None).Version.ToString());
    }

    [Theory]
    [InlineData("DEBIAN/control", "Package: tree\nVersion: 1\n", "DebianTreeInvalid")]
    [InlineData("DEBIAN/control", " x\n", "DebianTreeInvalid")]
    [InlineData("DEBIAN/control", Control + "\nPackage: second\n", "DebianTreeInvalid")]
    [InlineData("DEBIAN/conffiles", "/etc/none\n", "DebianTreeInvalid")]
    [InlineData("DEBIAN/triggers", "interest\n", "DebianTreeInvalid")]
    [InlineData("DEBIAN/shlibs", "x\n", "ControlFileUnsupported")]
    public void A_broken_tree_is_refused(string path, string text, string id)
    {
        Write("DEBIAN/control", Control);
        Write(path, text);
        Assert.Equal(id, Assert.Throws<OmnibusException>(() => DebianTree.Read(_folder, null, null, CancellationToken.None)).Id);
    }

    [Theory]
    [InlineData("")]
    [InlineData("x:1")]
    [InlineData("99999999999:1")]
    public void A_version_that_is_none_is_refused(string version)
    {
        Write("DEBIAN/control", Control);
        Assert.Equal("VersionInvalid", Assert.Throws<OmnibusException>(() => DebianTree.Read(_folder, version, null, CancellationToken.None)).Id);
    }

    [Fact]
    public void A_folder_without_control_is_no_tree() => Assert.False(DebianTree.IsTree(_folder));

    private void Write(string path, string text)
    {
        string full = Path.Combine(_folder, path);
        Directory.CreateDirectory(Path.GetDirectoryName(full)!);
        File.WriteAllText(full, text);
    }
}
