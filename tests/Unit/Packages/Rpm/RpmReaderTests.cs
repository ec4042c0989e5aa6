using Omnibus.Core.Diagnostics;
using Omnibus.Core.Packages;
using Omnibus.Core.Packages.Rpm;

namespace Omnibus.Tests.Unit.Packages.Rpm;

public class RpmReaderTests
{
    [Fact]
    public async Task A_package_cut_short_anywhere_is_refused_or_read_but_never_breaks_the_reader()
    {
        byte[] whole = await RpmSample.BytesAsync(RpmSample.Definition(RpmSample.File("/usr/share/sample/a"), RpmSample.File("/etc/b")));
        string path = RpmSample.WriteFile(whole);
        try
        {
            RpmPackage package = RpmPackageReader.Read(path, digest: false, CancellationToken.None);
            int headerEnd = (int)package.HeaderEnd;

            // The reserved space of the signature header is zeros: one cut in it is like any other.
            using var file = new FileStream(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite);
            for (int length = whole.Length - 1; length >= 0; length--)
            {
                if (length is > 300 and < 4300 && length % 97 != 0)
                {
                    continue;
                }

                file.SetLength(length);
                if (length < headerEnd)
                {
                    Assert.Equal("PackageUnreadable", Assert.Throws<OmnibusException>(() => RpmPackageReader.Read(path, digest: true, CancellationToken.None)).Id);
                }
                else
                {
                    // The headers alone can be read; a repository, which reads the whole, refuses it.
                    Assert.NotNull(RpmPackageReader.Read(path, digest: false, CancellationToken.None));
                    Assert.Equal("PackageUnreadable", Assert.Throws<OmnibusException>(() => RpmPackageReader.Read(path, digest: true, CancellationToken.None)).Id);
                    Assert.Contains(await RpmVerifier.CheckAsync(path, CancellationToken.None), f => f.Severity == FindingSeverity.Error);
                }
            }
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public async Task A_byte_changed_anywhere_is_found_by_a_digest_or_refused()
    {
        byte[] whole = await RpmSample.BytesAsync(RpmSample.Definition(RpmSample.File("/usr/share/sample/a")));
        string path = RpmSample.WriteFile(whole);
        try
        {
            Assert.Empty(await RpmVerifier.CheckAsync(path, CancellationToken.None));
            int start = (int)RpmPackageReader.Read(path, digest: false, CancellationToken.None).HeaderStart;
            for (int i = start; i < whole.Length; i += 7)
            {
                byte[] damaged = [.. whole];
                damaged[i] ^= 0x55;
                await File.WriteAllBytesAsync(path, damaged);
                Assert.Equal("PackageUnreadable", Assert.Throws<OmnibusException>(() => RpmPackageReader.Read(path, digest: true, CancellationToken.None)).Id);
                try
                {
                    Assert.Contains(await RpmVerifier.CheckAsync(path, CancellationToken.None), f => f.Severity == FindingSeverity.Error);
                }
                catch (OmnibusException e)
                {
                    Assert.Equal("PackageUnreadable", e.Id);
                }
            }
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public async Task What_was_written_is_read_back()
    {
        string path = RpmSample.WriteFile(await RpmSample.BytesAsync(RpmSample.Definition(
            RpmSample.File("/usr/share/sample/a") with { Flags = PackageEntryFlags.Config | PackageEntryFlags.NoReplace, Owner = "daemon" },
            new PackageEntry(PackageEntryKind.Directory, "/usr/share/sample"),
            new PackageEntry(PackageEntryKind.SymbolicLink, "/usr/share/sample/l") { LinkTarget = "a" },
            new PackageEntry(PackageEntryKind.HardLink, "/usr/share/sample/h") { LinkTarget = "/usr/share/sample/a" },
            new PackageEntry(PackageEntryKind.Ghost, "/var/log/sample")) with
        {
            Relations = [PackageRelation.To(RelationKind.Depends, "x", RelationOperator.GreaterOrEqual, "1:2-3") with { Qualifiers = RelationQualifiers.Post }],
            Scripts = [new PackageScript(ScriptKind.PostInstall, "exit 0", ["/bin/sh"])],
            Triggers = [new PackageTrigger(TriggerKind.FileInstall, [new("/etc")]) { Script = "exit 1", Priority = 7 }],
            Changelog = [new ChangelogEntry("1.0-1", DateTimeOffset.UnixEpoch, "A B <a@example.com>", ["one\nmore", "two"])],
        }));
        try
        {
            PackageFile package = await new RpmFormat().ReadAsync(path, PackageReadParts.All, CancellationToken.None);
            Assert.Equal("sample 1.0-1 noarch", package.ToString());
            Assert.Equal(
                ["Directory /usr/share/sample ", "File /usr/share/sample/a ", "HardLink /usr/share/sample/h /usr/share/sample/a", "SymbolicLink /usr/share/sample/l a", "Ghost /var/log/sample "],
                package.Files.Select(f => $"{f.Kind} {f.Path} {f.LinkTarget}"));
            Assert.Equal(PackageEntryFlags.Config | PackageEntryFlags.NoReplace, package.Files[1].Flags);
            Assert.Equal("daemon", package.Files[1].Owner);
            Assert.Equal("daemon", package.Files[2].Owner);
            Assert.Equal(Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData("text\n"u8)), package.Files[2].Digest);
            PackageRelation relation = Assert.Single(package.Relations, r => r.Alternatives is [{ Name: "x" }]);
            Assert.Equal(new RelationTarget("x", RelationOperator.GreaterOrEqual, "1:2-3"), relation.Alternatives[0]);
            Assert.Equal(RelationQualifiers.Post, relation.Qualifiers);
            Assert.Equal("exit 0", Assert.Single(package.Scripts).Text);
            PackageTrigger trigger = Assert.Single(package.Triggers);
            Assert.Equal((TriggerKind.FileInstall, 7, "exit 1", "/etc"), (trigger.Kind, trigger.Priority, trigger.Script, trigger.Targets[0].Name));
            ChangelogEntry entry = Assert.Single(package.Changelog);
            Assert.Equal(["one\nmore", "two"], entry.Changes);
            Assert.Equal(("1.0-1", "A B <a@example.com>"), (entry.Version, entry.Author));
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void A_file_that_is_not_there_is_told_apart_from_a_bad_one()
    {
        Assert.Equal("PackageNotFound", Assert.Throws<OmnibusException>(() => RpmPackageReader.Read("/nowhere/x.rpm", digest: false, CancellationToken.None)).Id);
    }
}
