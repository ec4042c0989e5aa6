using Omnibus.Core.Packages;

namespace Omnibus.Tests.Integration;

/// <summary>A package with one of everything that a deb can have.</summary>
internal static class DebExample
{
    public static PackageDefinition Create() => new()
    {
        Name = "notes",
        Version = new PackageVersion("1.4.0~rc1", "1"),
        Architecture = "all",
        Summary = "keeps notes of the things that matter",
        Description = "This package keeps notes. It is made for tests alone and has one of everything that a package of this kind can have in it.\n\n"
            + "A second paragraph:\n  * with an item\n  * and another one",
        Maintainer = "Example Packaging <packages@example.com>",
        License = "Apache-2.0",
        Homepage = "https://example.com/notes",
        Section = "utils",
        Timestamp = DateTimeOffset.FromUnixTimeSeconds(1_700_000_000),
        Copyright = """
            Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/
            Upstream-Name: notes

            Files: *
            Copyright: 2026 Example Packaging
            License: Apache-2.0
             On Debian systems, the full text of the Apache License, Version 2.0 can be
             found in the file /usr/share/common-licenses/Apache-2.0.
            """,
        Entries =
        [
            new PackageEntry(PackageEntryKind.File, "/opt/notes/bin/notes") { Content = new MemoryContent("#!/bin/sh\necho hello from notes\n"), Mode = 0b111_101_101 },
            new PackageEntry(PackageEntryKind.HardLink, "/opt/notes/lib/notes") { LinkTarget = "/opt/notes/bin/notes" },
            new PackageEntry(PackageEntryKind.SymbolicLink, "/usr/bin/notes") { LinkTarget = "/opt/notes/bin/notes" },
            new PackageEntry(PackageEntryKind.File, "/etc/notes.conf") { Content = new MemoryContent("port=1\n"), Flags = PackageEntryFlags.Config | PackageEntryFlags.NoReplace },
            new PackageEntry(PackageEntryKind.Directory, "/var/lib/notes") { Owner = "www-data", Group = "www-data", Mode = 0b111_101_000 },
            new PackageEntry(PackageEntryKind.Ghost, "/var/log/notes.log"),
            new PackageEntry(PackageEntryKind.File, "/opt/notes/empty") { Content = new MemoryContent(string.Empty) },
            new PackageEntry(PackageEntryKind.File, "/opt/notes/ünïcödé") { Content = new MemoryContent("x\n") },
            new PackageEntry(PackageEntryKind.File, $"/opt/notes/share/{string.Join('/', Enumerable.Repeat("deep-folder-name", 12))}/file")
            {
                // More than one piece of any compressor.
                Content = new MemoryContent(new byte[5_000_000]),
            },
        ],
        Relations =
        [
            PackageRelation.To(RelationKind.Depends, "base-files", RelationOperator.GreaterOrEqual, "1"),
            PackageRelation.To(RelationKind.Obsoletes, "jotter", RelationOperator.Less, "2"),
            PackageRelation.To(RelationKind.Provides, "note-keeper", RelationOperator.Equal, "1"),
        ],
        Scripts =
        [
            new PackageScript(ScriptKind.PostInstall, "#!/bin/sh\nset -e\nif [ \"$1\" = configure ]; then\n    echo \"$1\" > /var/lib/notes/postinst-ran\nfi\n"),
            new PackageScript(ScriptKind.PostRemove, "#!/bin/sh\nset -e\nif [ \"$1\" = purge ]; then\n    rm -rf /var/lib/notes\nfi\n"),
        ],
        Triggers = [new PackageTrigger(TriggerKind.Deb, [new RelationTarget("/usr/share/notes-plugins")]) { Directive = "interest-noawait" }],
        Changelog =
        [
            new ChangelogEntry("1.4.0~rc1-1", DateTimeOffset.FromUnixTimeSeconds(1_700_000_000), "Example Packaging <packages@example.com>", ["A change whose description is so long that it does not fit into one line of eighty columns.", "Another."]),
            new ChangelogEntry("1.3.0-1", DateTimeOffset.FromUnixTimeSeconds(1_600_000_000), "Example Packaging <packages@example.com>", ["First."]),
        ],
        Distribution = "debian-12",
    };
}
