using System.Globalization;

namespace Omnibus.Core.Packages.Rpm;

/// <summary>Turns the headers of an rpm into the neutral view of a package.</summary>
internal static class RpmReader
{
    // Tags that name the package, as `rpm -qi` calls them.
    private static readonly (string Name, int Tag)[] s_fields =
    [
        ("Name", RpmTag.Name),
        ("Epoch", RpmTag.Epoch),
        ("Version", RpmTag.Version),
        ("Release", RpmTag.Release),
        ("Architecture", RpmTag.Arch),
        ("Group", RpmTag.Group),
        ("License", RpmTag.License),
        ("Source RPM", RpmTag.SourceRpm),
        ("Build Date", RpmTag.BuildTime),
        ("Build Host", RpmTag.BuildHost),
        ("Packager", RpmTag.Packager),
        ("Vendor", RpmTag.Vendor),
        ("Distribution", RpmTag.Distribution),
        ("URL", RpmTag.Url),
        ("Summary", RpmTag.Summary),
        ("Payload Compressor", RpmTag.PayloadCompressor),
        ("Modularity Label", RpmTag.ModularityLabel),
    ];

    /// <summary>Reads a package file.</summary>
    public static async Task<PackageFile> ReadAsync(string path, PackageReadParts parts, CancellationToken cancellationToken)
    {
        RpmPackage package = await RpmPackageReader.ReadAsync(path, parts.HasFlag(PackageReadParts.Digest), cancellationToken).ConfigureAwait(false);
        return Describe(package, parts);
    }

    /// <summary>The neutral view of headers that were read.</summary>
    public static PackageFile Describe(RpmPackage package, PackageReadParts parts)
    {
        RpmHeader header = package.Header;
        bool scripts = parts.HasFlag(PackageReadParts.Scripts);
        return new PackageFile
        {
            Name = header.GetString(RpmTag.Name)!,
            Version = header.GetString(RpmTag.Version)!,
            Release = header.GetString(RpmTag.Release) ?? string.Empty,
            Epoch = (int)Math.Min(header.GetNumber(RpmTag.Epoch) ?? 0, int.MaxValue),
            Architecture = package.Architecture,
            Format = "Rpm",
            Path = Path.GetFullPath(package.Path),
            Size = package.FileSize,
            Sha256 = package.Sha256,
            InstalledSize = package.InstalledSize,
            Summary = header.GetString(RpmTag.Summary) ?? string.Empty,
            Description = header.GetString(RpmTag.Description) ?? string.Empty,
            Maintainer = header.GetString(RpmTag.Packager),
            Vendor = header.GetString(RpmTag.Vendor),
            License = header.GetString(RpmTag.License),
            Homepage = header.GetString(RpmTag.Url),
            Section = header.GetString(RpmTag.Group),
            Fields = ReadFields(header),
            Relations = ReadRelations(header),
            Files = parts.HasFlag(PackageReadParts.Files) ? RpmFileList.Read(header) : [],
            Scripts = scripts ? ReadScripts(header) : [],
            Triggers = scripts ? ReadTriggers(header) : [],
            Changelog = ReadChangelog(header),
        };
    }

    private static List<KeyValuePair<string, string>> ReadFields(RpmHeader header)
    {
        var fields = new List<KeyValuePair<string, string>>();
        foreach ((string name, int tag) in s_fields)
        {
            string? value = header.GetString(tag) ?? header.GetNumber(tag)?.ToString(CultureInfo.InvariantCulture);
            if (value is not null)
            {
                fields.Add(new(name, value));
            }
        }

        return fields;
    }

    private static List<PackageRelation> ReadRelations(RpmHeader header)
    {
        var relations = new List<PackageRelation>();
        foreach (RpmDependencyTags tags in RpmDependencyTags.All)
        {
            foreach (RpmDependency dependency in RpmDependencyTags.Read(header, tags.Name, tags.Version, tags.Flags))
            {
                relations.Add(RpmRelations.ToRelation(tags.Kind, dependency));
            }
        }

        return relations;
    }

    private static List<PackageScript> ReadScripts(RpmHeader header)
    {
        var scripts = new List<PackageScript>();
        foreach (RpmScriptTags tags in RpmScriptTags.All)
        {
            string[] program = header.GetStringArray(tags.Program);
            string? text = header.GetString(tags.Script);
            if (text is not null || program.Length > 0)
            {
                scripts.Add(new PackageScript(tags.Kind, text ?? string.Empty, program.Length > 0 ? program : null));
            }
        }

        return scripts;
    }

    private static List<PackageTrigger> ReadTriggers(RpmHeader header)
    {
        var triggers = new List<PackageTrigger>();
        foreach ((RpmTriggerTags tags, (TriggerKind Kind, RpmSense Sense)[] kinds) in RpmTriggerTags.All)
        {
            string[] scripts = header.GetStringArray(tags.Scripts);
            string[] programs = header.GetStringArray(tags.Program);
            RpmDependency[] conditions = RpmDependencyTags.Read(header, tags.Name, tags.Version, tags.Flags);
            RpmNumbers indexes = header.GetNumbers(tags.Index);
            RpmNumbers priorities = tags.Priorities is { } tag ? header.GetNumbers(tag) : default;
            var targets = new List<RelationTarget>[scripts.Length];
            var senses = new RpmSense[scripts.Length];
            for (int i = 0; i < conditions.Length; i++)
            {
                long index = indexes.At(i, -1);
                if (index >= 0 && index < scripts.Length)
                {
                    (targets[index] ??= []).Add(RpmRelations.ToTarget(conditions[i]));
                    senses[index] |= conditions[i].Flags;
                }
            }

            for (int i = 0; i < scripts.Length; i++)
            {
                int kind = Array.FindIndex(kinds, k => (senses[i] & k.Sense) != 0);
                if (kind >= 0)
                {
                    triggers.Add(new PackageTrigger(kinds[kind].Kind, targets[i])
                    {
                        Script = scripts[i],
                        Interpreter = i < programs.Length ? [programs[i]] : null,
                        Priority = (int)Math.Min(priorities.At(i, 1_000_000), int.MaxValue),
                    });
                }
            }
        }

        return triggers;
    }

    private static List<ChangelogEntry> ReadChangelog(RpmHeader header)
    {
        string[] names = header.GetStringArray(RpmTag.ChangelogName);
        string[] texts = header.GetStringArray(RpmTag.ChangelogText);
        RpmNumbers times = header.GetNumbers(RpmTag.ChangelogTime);
        var entries = new List<ChangelogEntry>(names.Length);
        for (int i = 0; i < names.Length; i++)
        {
            // `Name <mail> - version`; the version is a habit, not a rule.
            int dash = names[i].LastIndexOf("> - ", StringComparison.Ordinal);
            (string author, string version) = dash < 0 ? (names[i], string.Empty) : (names[i][..(dash + 1)], names[i][(dash + 4)..]);
            entries.Add(new ChangelogEntry(version, DateTimeOffset.FromUnixTimeSeconds(times.At(i)), author, SplitChanges(i < texts.Length ? texts[i] : string.Empty)));
        }

        return entries;
    }

    private static List<string> SplitChanges(string text)
    {
        var changes = new List<string>();
        foreach (string line in text.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            if (line.StartsWith("- ", StringComparison.Ordinal) || changes.Count == 0)
            {
                changes.Add(line.StartsWith("- ", StringComparison.Ordinal) ? line[2..] : line);
            }
            else
            {
                changes[^1] += "\n" + line.Trim();
            }
        }

        return changes;
    }
}
