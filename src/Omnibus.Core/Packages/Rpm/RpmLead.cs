using System.Buffers.Binary;
using System.Text;
using Omnibus.Core.Diagnostics;

namespace Omnibus.Core.Packages.Rpm;

/// <summary>The first 96 bytes of an rpm: magic, old identity, and how signatures are kept (rpm's docs/manual/format_lead.md). Only file(1) still reads the name.</summary>
/// <param name="Major">Format version: 3 for v3 and v4 packages, 4 for v6.</param>
/// <param name="IsSource">Whether the type field says source package.</param>
/// <param name="Name">name-version-release, cut to 65 bytes.</param>
internal readonly record struct RpmLead(byte Major, bool IsSource, string Name)
{
    public const int Length = 96;

    private const int NameOffset = 10;
    private const int NameLength = 66;

    // The only kind of signature area left: a header structure.
    private const short HeaderSignatures = 5;

    /// <summary>The magic number.</summary>
    public static ReadOnlySpan<byte> Magic => [0xed, 0xab, 0xee, 0xdb];

    /// <summary>Writes a lead.</summary>
    public void Write(Span<byte> target)
    {
        target[..Length].Clear();
        Magic.CopyTo(target);
        target[4] = Major;
        BinaryPrimitives.WriteInt16BigEndian(target[6..], IsSource ? (short)1 : (short)0);
        BinaryPrimitives.WriteInt16BigEndian(target[8..], 1);
        byte[] name = Encoding.UTF8.GetBytes(Name);
        name.AsSpan(0, Math.Min(name.Length, NameLength - 1)).CopyTo(target[NameOffset..]);
        BinaryPrimitives.WriteInt16BigEndian(target[76..], 1);
        BinaryPrimitives.WriteInt16BigEndian(target[78..], HeaderSignatures);
    }

    /// <summary>Reads a lead.</summary>
    /// <exception cref="OmnibusException"><c>PackageUnreadable</c>.</exception>
    public static RpmLead Read(ReadOnlySpan<byte> bytes, string item)
    {
        if (bytes.Length < Length || !bytes.StartsWith(Magic))
        {
            throw RpmErrors.Unreadable(item, "it does not begin as an rpm package does");
        }

        byte major = bytes[4];
        if (major is not (3 or 4))
        {
            throw RpmErrors.Unreadable(item, $"its format version {major} is not known");
        }

        if (BinaryPrimitives.ReadInt16BigEndian(bytes[78..]) != HeaderSignatures)
        {
            throw RpmErrors.Unreadable(item, "its signature area is of a kind that ended with rpm 2");
        }

        ReadOnlySpan<byte> name = bytes.Slice(NameOffset, NameLength);
        int end = name.IndexOf((byte)0);
        return new RpmLead(major, BinaryPrimitives.ReadInt16BigEndian(bytes[6..]) == 1, RpmText.Decode(end < 0 ? name : name[..end]));
    }
}
