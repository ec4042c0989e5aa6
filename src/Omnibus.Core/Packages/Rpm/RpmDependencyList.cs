namespace Omnibus.Core.Packages.Rpm;

/// <summary>Gathers the dependencies of a package to be written: the definition's own, those of its scripts, what it provides by being itself, and the rpmlib() features that a reader must know.</summary>
internal sealed class RpmDependencyList
{
    private readonly Dictionary<RelationKind, HashSet<RpmDependency>> _byKind = [];

    private RpmDependencyList()
    {
    }

    /// <summary>Gathers everything that the definition, its files and its compressor ask for.</summary>
    public static RpmDependencyList Create(PackageDefinition definition, RpmFileTable files, RpmScriptSet scripts, string compressor)
    {
        var list = new RpmDependencyList();
        foreach (PackageRelation relation in definition.Relations)
        {
            if (RpmRelations.KindOf(relation.Kind) is { } kind)
            {
                list.Add(kind, RpmRelations.ToDependency(relation));
            }
        }

        list.AddIdentity(definition, files);
        foreach (RpmDependency interpreter in scripts.Interpreters)
        {
            list.Add(RelationKind.Depends, interpreter);
        }

        list.AddFeatures(files, scripts, compressor);
        return list;
    }

    /// <summary>Puts all dependencies into a header, each kind ordered by name, as rpm's lookups want them.</summary>
    public void Write(RpmHeaderBuilder header)
    {
        foreach (RpmDependencyTags tags in RpmDependencyTags.All)
        {
            if (!_byKind.TryGetValue(tags.Kind, out HashSet<RpmDependency>? set))
            {
                continue;
            }

            RpmDependency[] sorted = [.. set];
            Array.Sort(sorted, Compare);
            header.AddStrings(tags.Name, Array.ConvertAll(sorted, d => d.Name));
            header.AddStrings(tags.Version, Array.ConvertAll(sorted, d => d.Version));
            header.AddInt32(tags.Flags, Array.ConvertAll(sorted, d => (uint)d.Flags));
        }
    }

    // The part of `name(isa)` that rpm's platform files define (installplatform, %__isa_name and %__isa_bits).
    internal static string? IsaOf(string architecture) => architecture switch
    {
        "x86_64" or "x86_64_v2" or "x86_64_v3" or "x86_64_v4" or "amd64" or "ia32e" => "x86-64",
        "i386" or "i486" or "i586" or "i686" or "pentium3" or "pentium4" or "athlon" or "geode" => "x86-32",
        "aarch64" => "aarch-64",
        "ppc64" or "ppc64le" or "ppc64p7" => "ppc-64",
        "ppc" => "ppc-32",
        "s390x" => "s390-64",
        "s390" => "s390-32",
        "riscv64" => "riscv-64",
        "loongarch64" => "loongarch64-64",
        "mips64" or "mips64el" => "mips-64",
        "mips" or "mipsel" => "mips-32",
        _ when architecture.StartsWith("armv", StringComparison.Ordinal) => architecture + "-32",
        _ => null,
    };

    private static int Compare(RpmDependency a, RpmDependency b)
    {
        int order = string.CompareOrdinal(a.Name, b.Name);
        order = order != 0 ? order : string.CompareOrdinal(a.Version, b.Version);
        return order != 0 ? order : a.Flags.CompareTo(b.Flags);
    }

    private void AddIdentity(PackageDefinition definition, RpmFileTable files)
    {
        string evr = definition.Version.ToString();
        Add(RelationKind.Provides, new RpmDependency(definition.Name, RpmSense.Equal, evr));
        if (IsaOf(definition.Architecture) is { } isa)
        {
            Add(RelationKind.Provides, new RpmDependency($"{definition.Name}({isa})", RpmSense.Equal, evr));
        }

        // rpmbuild's file attributes do the same: a package of another version that brings this one's configuration can be told.
        if (files.Files.Any(f => f.Entry.Flags.HasFlag(PackageEntryFlags.Config) && f.Entry.Kind != PackageEntryKind.Ghost))
        {
            var config = new RpmDependency($"config({definition.Name})", RpmSense.Equal | RpmSense.Config, evr);
            Add(RelationKind.Provides, config);
            Add(RelationKind.Depends, config);
        }
    }

    // Names and versions: the table rpmlibProvides in rpm's lib/rpmds.cc.
    private void AddFeatures(RpmFileTable files, RpmScriptSet scripts, string compressor)
    {
        AddFeature(true, "PayloadFilesHavePrefix", "4.0-1");
        AddFeature(files.Files.Length > 0, "CompressedFileNames", "3.0.4-1");
        AddFeature(files.Files.Any(f => f.IsRegular), "FileDigests", "4.6.0-1");
        AddFeature(files.Files.Any(f => f.Entry.Capabilities is { Length: > 0 }), "FileCaps", "4.6.1-1");
        AddFeature(files.HasHardLinks, "PartialHardlinkSets", "4.0.4-1");
        AddFeature(files.UsesLongSizes, "LargeFiles", "4.12.0-1");
        AddFeature(compressor == "xz", "PayloadIsXz", "5.2-1");
        AddFeature(compressor == "zstd", "PayloadIsZstd", "5.4.18-1");
        AddFeature(scripts.UsesLua, "BuiltinLuaScripts", "4.2.2-1");
        AddFeature(scripts.UsesArguments, "ScriptletInterpreterArgs", "4.0.3-1");

        bool rich = false;
        bool tilde = false;
        bool caret = false;
        foreach (RpmDependency dependency in _byKind.Values.SelectMany(set => set))
        {
            bool isRich = dependency.Name.StartsWith('(');
            string versioned = isRich ? dependency.Name : dependency.Version;
            rich |= isRich;
            tilde |= versioned.Contains('~', StringComparison.Ordinal);
            caret |= versioned.Contains('^', StringComparison.Ordinal);
        }

        AddFeature(rich, "RichDependencies", "4.12.0-1");
        AddFeature(tilde, "TildeInVersions", "4.10.0-1");
        AddFeature(caret, "CaretInVersions", "4.15.0-1");
    }

    private void AddFeature(bool needed, string feature, string version)
    {
        if (needed)
        {
            Add(RelationKind.Depends, new RpmDependency($"rpmlib({feature})", RpmSense.RpmLib | RpmSense.Less | RpmSense.Equal, version));
        }
    }

    private void Add(RelationKind kind, RpmDependency dependency)
    {
        if (!_byKind.TryGetValue(kind, out HashSet<RpmDependency>? set))
        {
            _byKind.Add(kind, set = []);
        }

        set.Add(dependency);
    }
}
