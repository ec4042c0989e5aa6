using System.IO.Hashing;
using System.Net;
using System.Text;

namespace Omnibus.Core.Repositories.Yum;

/// <summary>What orders the packages of an index: name, version and architecture, bytewise as they stand in the XML. A view into the element's own bytes.</summary>
internal readonly ref struct PackageElementKey(ReadOnlySpan<byte> name, ReadOnlySpan<byte> epoch, ReadOnlySpan<byte> version, ReadOnlySpan<byte> release, ReadOnlySpan<byte> architecture)
{
    // One package in so many begins a new part of a compressed index. Which ones depends on the package alone, so that the same
    // packages give the same bytes whatever the history, and a change moves no other border.
    private const ulong ChunkPackages = 128;

    public ReadOnlySpan<byte> Name { get; } = name;

    public ReadOnlySpan<byte> Epoch { get; } = epoch;

    public ReadOnlySpan<byte> Version { get; } = version;

    public ReadOnlySpan<byte> Release { get; } = release;

    public ReadOnlySpan<byte> Architecture { get; } = architecture;

    /// <summary>Whether everything that identifies a package is there.</summary>
    public bool IsComplete => !Name.IsEmpty && !Version.IsEmpty && !Architecture.IsEmpty;

    /// <summary>A number that stands for the key: equal for equal keys.</summary>
    public UInt128 Hash
    {
        get
        {
            var hash = new XxHash128();
            AppendPart(hash, Name);
            AppendPart(hash, Epoch.IsEmpty ? "0"u8 : Epoch);
            AppendPart(hash, Version);
            AppendPart(hash, Release);
            AppendPart(hash, Architecture);
            return hash.GetCurrentHashAsUInt128();
        }
    }

    /// <summary>Whether this package begins a new part of the index.</summary>
    public bool BeginsChunk => (ulong)Hash % ChunkPackages == 0;

    /// <summary>The identity as the engine spells it.</summary>
    public PackageIdentity ToIdentity()
    {
        string epoch = Decode(Epoch);
        string evr = $"{Decode(Version)}-{Decode(Release)}";
        return new PackageIdentity(string.Empty, Decode(Name), epoch is "" or "0" ? evr : $"{epoch}:{evr}", Decode(Architecture));
    }

    /// <summary>Finds the key of a package's element in any of the three indexes. What is missing is empty.</summary>
    public static PackageElementKey Of(ReadOnlySpan<byte> element)
    {
        int end = element.IndexOf((byte)'>');
        ReadOnlySpan<byte> tag = end < 0 ? default : element[..end];
        ReadOnlySpan<byte> name = Attribute(tag, " name="u8);
        ReadOnlySpan<byte> architecture = Attribute(tag, " arch="u8);
        if (name.IsEmpty)
        {
            // primary keeps them as elements.
            name = Between(element, "<name>"u8, "</name>"u8);
            architecture = Between(element, "<arch>"u8, "</arch>"u8);
        }

        int start = element.IndexOf("<version "u8);
        ReadOnlySpan<byte> version = start < 0 ? default : element[start..];
        int close = version.IndexOf((byte)'>');
        version = close < 0 ? default : version[..close];
        return new PackageElementKey(name, Attribute(version, " epoch="u8), Attribute(version, " ver="u8), Attribute(version, " rel="u8), architecture);
    }

    /// <summary>Below zero when this comes first.</summary>
    public int CompareTo(PackageElementKey other)
    {
        int order = Name.SequenceCompareTo(other.Name);
        order = order != 0 ? order : Epoch.SequenceCompareTo(other.Epoch);
        order = order != 0 ? order : Version.SequenceCompareTo(other.Version);
        order = order != 0 ? order : Release.SequenceCompareTo(other.Release);
        return order != 0 ? order : Architecture.SequenceCompareTo(other.Architecture);
    }

    /// <summary>The text between two tags, as it stands; empty when there is none.</summary>
    public static ReadOnlySpan<byte> Between(ReadOnlySpan<byte> element, ReadOnlySpan<byte> open, ReadOnlySpan<byte> close)
    {
        int start = element.IndexOf(open);
        if (start < 0)
        {
            return default;
        }

        ReadOnlySpan<byte> rest = element[(start + open.Length)..];
        int end = rest.IndexOf(close);
        return end < 0 ? default : rest[..end];
    }

    /// <summary>An attribute's value as it stands, in either kind of quotes; empty when there is none.</summary>
    /// <param name="tag">A start tag.</param>
    /// <param name="name">A blank, the name and the equals sign.</param>
    public static ReadOnlySpan<byte> Attribute(ReadOnlySpan<byte> tag, ReadOnlySpan<byte> name)
    {
        int start = tag.IndexOf(name);
        if (start < 0 || start + name.Length >= tag.Length)
        {
            return default;
        }

        ReadOnlySpan<byte> rest = tag[(start + name.Length)..];
        int end = rest[0] is (byte)'"' or (byte)'\'' ? rest[1..].IndexOf(rest[0]) : -1;
        return end < 0 ? default : rest.Slice(1, end);
    }

    /// <summary>Text without its XML escapes.</summary>
    public static string Decode(ReadOnlySpan<byte> text)
    {
        string decoded = Encoding.UTF8.GetString(text);
        return decoded.Contains('&', StringComparison.Ordinal) ? WebUtility.HtmlDecode(decoded) : decoded;
    }

    private static void AppendPart(XxHash128 hash, ReadOnlySpan<byte> part)
    {
        hash.Append(part);
        hash.Append([0]);
    }
}
