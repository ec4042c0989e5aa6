namespace Omnibus.Core.Packages.Rpm;

/// <summary>One dependency as a header keeps it.</summary>
/// <param name="Name">Package, capability, path or rich expression.</param>
/// <param name="Flags">Comparison and when it counts.</param>
/// <param name="Version">Epoch, version and release; empty when any will do.</param>
internal readonly record struct RpmDependency(string Name, RpmSense Flags, string Version);

/// <summary>The header tags of one kind of dependency.</summary>
internal readonly record struct RpmDependencyTags(RelationKind Kind, int Name, int Version, int Flags)
{
    /// <summary>Every kind that a header can hold, as rpm 4.12 and later write them.</summary>
    public static IReadOnlyList<RpmDependencyTags> All { get; } =
    [
        new(RelationKind.Depends, RpmTag.RequireName, RpmTag.RequireVersion, RpmTag.RequireFlags),
        new(RelationKind.Provides, RpmTag.ProvideName, RpmTag.ProvideVersion, RpmTag.ProvideFlags),
        new(RelationKind.Conflicts, RpmTag.ConflictName, RpmTag.ConflictVersion, RpmTag.ConflictFlags),
        new(RelationKind.Obsoletes, RpmTag.ObsoleteName, RpmTag.ObsoleteVersion, RpmTag.ObsoleteFlags),
        new(RelationKind.Recommends, RpmTag.RecommendName, RpmTag.RecommendVersion, RpmTag.RecommendFlags),
        new(RelationKind.Suggests, RpmTag.SuggestName, RpmTag.SuggestVersion, RpmTag.SuggestFlags),
        new(RelationKind.Supplements, RpmTag.SupplementName, RpmTag.SupplementVersion, RpmTag.SupplementFlags),
        new(RelationKind.Enhances, RpmTag.EnhanceName, RpmTag.EnhanceVersion, RpmTag.EnhanceFlags),
    ];

    /// <summary>Reads dependencies. Packages of rpm 3 may lack versions and flags.</summary>
    public static RpmDependency[] Read(RpmHeader header, int nameTag, int versionTag, int flagsTag)
    {
        string[] names = header.GetStringArray(nameTag);
        string[] versions = header.GetStringArray(versionTag);
        RpmNumbers flags = header.GetNumbers(flagsTag);
        var result = new RpmDependency[names.Length];
        for (int i = 0; i < names.Length; i++)
        {
            result[i] = new RpmDependency(names[i], (RpmSense)(uint)flags.At(i), i < versions.Length ? versions[i] : string.Empty);
        }

        return result;
    }
}
