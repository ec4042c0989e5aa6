using Omnibus.Core.Packages;

namespace Omnibus.Tests.Integration.Rpm;

/// <summary>Definitions that the tests share.</summary>
internal static class RpmSamples
{
    public static readonly DateTimeOffset Time = new(2024, 3, 1, 12, 0, 0, TimeSpan.Zero);

    /// <summary>Nothing but what is required.</summary>
    public static PackageDefinition Small(string version = "1.0", params PackageEntry[] entries) => new()
    {
        Name = "small",
        Version = PackageVersion.Parse(version + "-1"),
        Architecture = "noarch",
        Summary = "A small package",
        Maintainer = "A B <a@example.com>",
        License = "MIT",
        Timestamp = Time,
        Entries = entries,
    };

    public static PackageEntry File(string path, string text, int mode = 0b110_100_100, PackageEntryFlags flags = PackageEntryFlags.None) =>
        new(PackageEntryKind.File, path) { Content = new MemoryContent(text), Mode = mode, Flags = flags, ModifiedTime = Time };

    public static PackageEntry Folder(string path) => new(PackageEntryKind.Directory, path) { ModifiedTime = Time };

    /// <summary>Every kind of entry, relation, script and trigger.</summary>
    public static PackageDefinition Rich()
    {
        PackageRelation On(string name, RelationQualifiers qualifiers) =>
            PackageRelation.To(RelationKind.Depends, name) with { Qualifiers = qualifiers };
        return new PackageDefinition
        {
            Name = "reftool",
            Version = new PackageVersion("1.2~rc1", "3", 2),
            Architecture = "x86_64",
            Summary = "A reference package",
            Description = "A long\ntext, with ä and 漢.\n\nMore.",
            Maintainer = "A B <a@example.com>",
            Vendor = "Example",
            License = "MIT",
            Homepage = "https://example.com/",
            Timestamp = Time,
            Entries =
            [
                File("/usr/bin/reftool", "hello\n", 0b111_101_101),
                new PackageEntry(PackageEntryKind.SymbolicLink, "/usr/bin/reflink") { LinkTarget = "reftool" },
                new PackageEntry(PackageEntryKind.File, "/usr/bin/elf")
                {
                    Content = new FileContent("/bin/true"),
                    Mode = 0b100_111_101_000,
                    Owner = "daemon",
                    Group = "adm",
                    Capabilities = "cap_net_raw=ep",
                    ModifiedTime = Time.AddYears(10),
                },
                File("/etc/reftool/a.conf", "conf\n", flags: PackageEntryFlags.Config),
                File("/etc/reftool/b.conf", "conf\n", flags: PackageEntryFlags.Config | PackageEntryFlags.NoReplace),
                new PackageEntry(PackageEntryKind.Ghost, "/etc/reftool/ghost"),
                new PackageEntry(PackageEntryKind.Ghost, "/etc/reftool/ghost2") { Mode = 0b110_000_000, Flags = PackageEntryFlags.Config | PackageEntryFlags.MissingOk },
                Folder("/usr/share/reftool"),
                Folder("/usr/share/reftool/empty"),
                File("/usr/share/reftool/two", "data\n"),
                new PackageEntry(PackageEntryKind.HardLink, "/usr/share/reftool/one") { LinkTarget = "/usr/share/reftool/two" },
                new PackageEntry(PackageEntryKind.HardLink, "/usr/share/reftool/three") { LinkTarget = "/usr/share/reftool/two" },
                File("/usr/share/reftool/nothing", string.Empty),
                File("/usr/share/doc/reftool/README", "doc\n", flags: PackageEntryFlags.Documentation | PackageEntryFlags.Readme),
                File("/usr/share/licenses/reftool/LICENSE", "lic\n", flags: PackageEntryFlags.License),
                File("/usr/share/reftool/büro", "umlaut\n", flags: PackageEntryFlags.Artifact),
            ],
            Relations =
            [
                PackageRelation.To(RelationKind.Depends, "plain"),
                PackageRelation.To(RelationKind.Depends, "bound", RelationOperator.GreaterOrEqual, "1.0-2"),
                PackageRelation.To(RelationKind.PreDepends, "prereq"),
                On("postreq", RelationQualifiers.Post),
                On("preunreq", RelationQualifiers.PreUninstall),
                On("postunreq", RelationQualifiers.PostUninstall),
                On("pretransreq", RelationQualifiers.PreTransaction),
                On("posttransreq", RelationQualifiers.PostTransaction),
                On("verifyreq", RelationQualifiers.Verify),
                On("metareq", RelationQualifiers.Meta),
                On("prepost", RelationQualifiers.Pre | RelationQualifiers.Post),
                new PackageRelation(RelationKind.Depends, [new("rich-a"), new("rich-b", RelationOperator.Less, "2^1")]),
                new PackageRelation(RelationKind.Recommends, []) { RichExpression = "(rec-a if (rec-b and rec-c) else rec-d)" },
                PackageRelation.To(RelationKind.Recommends, "rec", RelationOperator.Greater, "1"),
                PackageRelation.To(RelationKind.Suggests, "sug", RelationOperator.Less, "2"),
                PackageRelation.To(RelationKind.Supplements, "sup"),
                PackageRelation.To(RelationKind.Enhances, "enh", RelationOperator.LessOrEqual, "3"),
                PackageRelation.To(RelationKind.Provides, "virtual", RelationOperator.Equal, "7"),
                PackageRelation.To(RelationKind.Conflicts, "conf", RelationOperator.Less, "1"),
                PackageRelation.To(RelationKind.Breaks, "broken", RelationOperator.Less, "4"),
                PackageRelation.To(RelationKind.Obsoletes, "obs", RelationOperator.Less, "2"),
                PackageRelation.To(RelationKind.Replaces, "not-here"),
            ],
            Scripts =
            [
                new PackageScript(ScriptKind.PreInstall, "#!/bin/sh\necho pre\n"),
                new PackageScript(ScriptKind.PostInstall, string.Empty, ["/sbin/ldconfig"]),
                new PackageScript(ScriptKind.PreRemove, "print(\"x\")", ["<lua>"]),
                new PackageScript(ScriptKind.PostRemove, "echo postun\n"),
                new PackageScript(ScriptKind.PreTransaction, "print(\"y\")", ["<lua>"]),
                new PackageScript(ScriptKind.PostTransaction, "echo hi", ["/usr/bin/bash", "-x"]),
                new PackageScript(ScriptKind.Verify, "echo verify"),
            ],
            Triggers =
            [
                new PackageTrigger(TriggerKind.Install, [new("foo", RelationOperator.Greater, "1"), new("bar")]) { Script = "echo trigin" },
                new PackageTrigger(TriggerKind.Uninstall, [new("foo")]) { Script = "print(\"z\")", Interpreter = ["<lua>"] },
                new PackageTrigger(TriggerKind.PostUninstall, [new("baz", RelationOperator.Less, "3")]) { Script = "echo tpu" },
                new PackageTrigger(TriggerKind.PreInstall, [new("foo")]) { Script = "echo tpi" },
                new PackageTrigger(TriggerKind.FileInstall, [new("/usr/lib"), new("/etc")]) { Script = "echo ft", Priority = 100 },
                new PackageTrigger(TriggerKind.FileUninstall, [new("/usr/lib")]) { Script = "print(\"q\")", Interpreter = ["<lua>"] },
                new PackageTrigger(TriggerKind.TransactionFileInstall, [new("/usr/share")]) { Script = "echo tft" },
                new PackageTrigger(TriggerKind.TransactionFilePostUninstall, [new("/opt")]) { Script = "echo tftpu", Priority = 5 },
            ],
            Changelog =
            [
                new ChangelogEntry("1.2-1", new DateTimeOffset(2023, 1, 2, 8, 0, 0, TimeSpan.Zero), "A B <a@example.com>", ["one", "two"]),
                new ChangelogEntry("1.1-1", new DateTimeOffset(2023, 1, 1, 23, 0, 0, TimeSpan.Zero), "A B <a@example.com>", ["zero"]),
            ],
        };
    }
}
