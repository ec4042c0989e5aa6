using System.Text;
using Omnibus.Core.Packages.Rpm;

namespace Omnibus.Core.Repositories.Yum;

/// <summary>One dependency as the metadata spell it. All texts are bytes of the header.</summary>
internal readonly ref struct MetadataDependency(ReadOnlySpan<byte> name, RpmSense flags, ReadOnlySpan<byte> version)
{
    public ReadOnlySpan<byte> Name { get; } = name;

    public RpmSense Flags { get; } = flags;

    /// <summary>Epoch, version and release together.</summary>
    public ReadOnlySpan<byte> Version { get; } = version;

    /// <summary>The comparison; empty when there is none.</summary>
    public ReadOnlySpan<byte> Comparison => (Flags & RpmSense.Comparison) switch
    {
        RpmSense.Less => "LT"u8,
        RpmSense.Greater => "GT"u8,
        RpmSense.Equal => "EQ"u8,
        RpmSense.Less | RpmSense.Equal => "LE"u8,
        RpmSense.Greater | RpmSense.Equal => "GE"u8,
        _ => default,
    };

    /// <summary>Whether it must be there before the package is installed.</summary>
    public bool IsPre => (Flags & (RpmSense.Prereq | RpmSense.ScriptPre | RpmSense.ScriptPost)) != 0;
}

/// <summary>Writes the dependencies of a package and leaves out what clients need not see, as createrepo_c does (its <c>src/parsehdr.c</c>).</summary>
internal sealed class PackageDependencies(RpmHeader header, XmlBuffer xml)
{
    private readonly HashSet<string> _provided = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _seen = new(StringComparer.Ordinal);
    private readonly HashSet<string> _primaryFiles = new(StringComparer.Ordinal);
    private byte[]? _highestLibc;
    private bool _highestLibcIsPre;

    /// <summary>Writes all kinds in their order.</summary>
    /// <param name="files">The package's own files.</param>
    public void Write(PackageFileNames files)
    {
        foreach (byte[] path in files.Paths)
        {
            if (PackageFileNames.IsPrimary(path))
            {
                _primaryFiles.Add(Encoding.Latin1.GetString(path));
            }
        }

        WriteKind("rpm:provides"u8, RpmTag.ProvideName, RpmTag.ProvideVersion, RpmTag.ProvideFlags);
        WriteKind("rpm:requires"u8, RpmTag.RequireName, RpmTag.RequireVersion, RpmTag.RequireFlags);
        WriteKind("rpm:conflicts"u8, RpmTag.ConflictName, RpmTag.ConflictVersion, RpmTag.ConflictFlags);
        WriteKind("rpm:obsoletes"u8, RpmTag.ObsoleteName, RpmTag.ObsoleteVersion, RpmTag.ObsoleteFlags);
        WriteWeak("rpm:suggests"u8, RpmTag.SuggestName, RpmTag.OldSuggestsName);
        WriteWeak("rpm:enhances"u8, RpmTag.EnhanceName, RpmTag.OldEnhancesName);
        WriteKind("rpm:recommends"u8, RpmTag.RecommendName, RpmTag.RecommendVersion, RpmTag.RecommendFlags);
        WriteKind("rpm:supplements"u8, RpmTag.SupplementName, RpmTag.SupplementVersion, RpmTag.SupplementFlags);
    }

    // The three tags of a weak dependency follow one another, new and old ones alike.
    private void WriteWeak(ReadOnlySpan<byte> element, int nameTag, int oldNameTag)
    {
        int tag = header.Has(nameTag) || !header.Has(oldNameTag) ? nameTag : oldNameTag;
        WriteKind(element, tag, tag + 1, tag + 2);
    }

    private void WriteKind(ReadOnlySpan<byte> element, int nameTag, int versionTag, int flagsTag)
    {
        if (!header.Has(nameTag))
        {
            return;
        }

        RpmNumbers flags = header.GetNumbers(flagsTag);
        RpmStrings versions = header.GetStrings(versionTag);
        int index = 0;
        bool open = false;
        foreach (ReadOnlySpan<byte> name in header.GetStrings(nameTag))
        {
            ReadOnlySpan<byte> version = versions.MoveNext() ? versions.Current : default;
            var dependency = new MetadataDependency(name, (RpmSense)(uint)flags.At(index++), version);
            if (name.IsEmpty || (nameTag == RpmTag.RequireName && !KeepRequirement(dependency)))
            {
                continue;
            }

            if (nameTag == RpmTag.ProvideName)
            {
                _provided.Add(IdentityOf(dependency));
            }

            Open(element, ref open);
            WriteEntry(dependency, nameTag == RpmTag.RequireName);
        }

        if (nameTag == RpmTag.RequireName && _highestLibc is not null)
        {
            Open(element, ref open);
            var flagsOfLibc = _highestLibcIsPre ? RpmSense.ScriptPre : RpmSense.Any;
            WriteEntry(new MetadataDependency(_highestLibc, flagsOfLibc, default), isRequirement: true);
        }

        if (open)
        {
            xml.Raw("    </"u8).Raw(element).Raw(">\n"u8);
        }
    }

    private void Open(ReadOnlySpan<byte> element, ref bool open)
    {
        if (!open)
        {
            xml.Raw("    <"u8).Raw(element).Raw(">\n"u8);
            open = true;
        }
    }

    private bool KeepRequirement(MetadataDependency dependency)
    {
        ReadOnlySpan<byte> name = dependency.Name;
        if (name.StartsWith("rpmlib("u8))
        {
            return false;
        }

        if (name[0] == (byte)'/' && PackageFileNames.IsPrimary(name) && _primaryFiles.Contains(Encoding.Latin1.GetString(name)))
        {
            return false;
        }

        string identity = IdentityOf(dependency);
        if (_provided.Contains(identity))
        {
            return false;
        }

        // Only the last one of a name is remembered, so that another in between lets the first appear again.
        string key = Encoding.Latin1.GetString(name);
        string full = dependency.IsPre ? identity + "\n1" : identity;
        if (_seen.TryGetValue(key, out string? last) && last == full)
        {
            return false;
        }

        if (name.StartsWith("libc.so.6"u8))
        {
            // glibc keeps every older symbol version: the highest says it all.
            if (_highestLibc is null || GlibcSymbolVersion.IsHigher(name, _highestLibc))
            {
                _highestLibc = name.ToArray();
                _highestLibcIsPre = dependency.IsPre;
            }

            return false;
        }

        _seen[key] = full;
        return true;
    }

    private static string IdentityOf(MetadataDependency dependency) =>
        $"{Encoding.Latin1.GetString(dependency.Name)}\n{Encoding.Latin1.GetString(dependency.Comparison)}\n{Encoding.Latin1.GetString(dependency.Version)}";

    private void WriteEntry(MetadataDependency dependency, bool isRequirement)
    {
        xml.Raw("      <rpm:entry"u8).Attribute("name"u8, dependency.Name);
        if (!dependency.Comparison.IsEmpty)
        {
            xml.Attribute("flags"u8, dependency.Comparison);
            WriteVersion(dependency.Version);
        }

        if (isRequirement && dependency.IsPre)
        {
            xml.Raw(" pre=\"1\""u8);
        }

        xml.Raw("/>\n"u8);
    }

    private void WriteVersion(ReadOnlySpan<byte> text)
    {
        if (text.IsEmpty)
        {
            return;
        }

        int colon = text.IndexOf((byte)':');
        ReadOnlySpan<byte> epoch = colon < 0 ? "0"u8 : text[..colon];
        if (!epoch.IsEmpty && !epoch.ContainsAnyExceptInRange((byte)'0', (byte)'9'))
        {
            xml.Attribute("epoch"u8, epoch);
        }

        ReadOnlySpan<byte> rest = text[(colon + 1)..];
        int dash = rest.IndexOf((byte)'-');
        ReadOnlySpan<byte> version = dash < 0 ? rest : rest[..dash];
        if (!version.IsEmpty)
        {
            xml.Attribute("ver"u8, version);
        }

        if (dash >= 0 && dash + 1 < rest.Length)
        {
            xml.Attribute("rel"u8, rest[(dash + 1)..]);
        }
    }
}
