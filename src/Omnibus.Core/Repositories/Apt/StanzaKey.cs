using System.IO.Hashing;

namespace Omnibus.Core.Repositories.Apt;

/// <summary>What orders the stanzas of a Packages file: name, version and architecture, bytewise. A view into the stanza's own bytes.</summary>
internal readonly ref struct StanzaKey(ReadOnlySpan<byte> name, ReadOnlySpan<byte> version, ReadOnlySpan<byte> architecture)
{
    // One stanza in so many begins a new part of a compressed index. Which ones depends on the stanza alone, so that the same
    // packages give the same bytes whatever the history, and a change moves no other border.
    private const ulong ChunkStanzas = 256;

    /// <summary>Package.</summary>
    public ReadOnlySpan<byte> Name { get; } = name;

    /// <summary>Version.</summary>
    public ReadOnlySpan<byte> Version { get; } = version;

    /// <summary>Architecture.</summary>
    public ReadOnlySpan<byte> Architecture { get; } = architecture;

    /// <summary>Whether all three are there.</summary>
    public bool IsComplete => !Name.IsEmpty && !Version.IsEmpty && !Architecture.IsEmpty;

    /// <summary>Whether this stanza begins a new part of the index.</summary>
    public bool BeginsChunk
    {
        get
        {
            ulong hash = XxHash3.HashToUInt64(Name);
            hash = XxHash3.HashToUInt64(Version, (long)hash);
            return XxHash3.HashToUInt64(Architecture, (long)hash) % ChunkStanzas == 0;
        }
    }

    /// <summary>Finds the key of a stanza. Fields that are missing are empty.</summary>
    public static StanzaKey Of(ReadOnlySpan<byte> stanza)
    {
        ReadOnlySpan<byte> name = default;
        ReadOnlySpan<byte> version = default;
        ReadOnlySpan<byte> architecture = default;
        while (!stanza.IsEmpty)
        {
            int end = stanza.IndexOf((byte)'\n');
            ReadOnlySpan<byte> line = end < 0 ? stanza : stanza[..end];
            stanza = end < 0 ? default : stanza[(end + 1)..];
            switch (line.IsEmpty ? 0 : line[0] | 0x20)
            {
                case 'p' when name.IsEmpty:
                    name = Value(line, "package:"u8);
                    break;
                case 'v' when version.IsEmpty:
                    version = Value(line, "version:"u8);
                    break;
                case 'a' when architecture.IsEmpty:
                    architecture = Value(line, "architecture:"u8);
                    break;
                default:
                    continue;
            }

            if (!name.IsEmpty && !version.IsEmpty && !architecture.IsEmpty)
            {
                break;
            }
        }

        return new StanzaKey(name, version, architecture);
    }

    /// <summary>The key of a stanza of a Sources file: the architectures that a source is built for are none of its own.</summary>
    public static StanzaKey OfSource(ReadOnlySpan<byte> stanza)
    {
        StanzaKey key = Of(stanza);
        return new StanzaKey(key.Name, key.Version, "source"u8);
    }

    /// <summary>Below zero when this comes first.</summary>
    public int CompareTo(StanzaKey other)
    {
        int order = Name.SequenceCompareTo(other.Name);
        order = order != 0 ? order : Version.SequenceCompareTo(other.Version);
        return order != 0 ? order : Architecture.SequenceCompareTo(other.Architecture);
    }

    // Names of fields are compared without case (deb822(5)).
    private static ReadOnlySpan<byte> Value(ReadOnlySpan<byte> line, ReadOnlySpan<byte> name)
    {
        if (line.Length <= name.Length)
        {
            return default;
        }

        for (int i = 0; i < name.Length; i++)
        {
            if ((line[i] | 0x20) != (name[i] | 0x20))
            {
                return default;
            }
        }

        return line[name.Length..].Trim(" \t\r"u8);
    }
}
