using System.Buffers.Binary;

namespace Omnibus.Core.Compression.Zstd;

/// <summary>A skippable frame (RFC 8878, section 3.1.2): decoders pass over it.</summary>
internal static class ZstdFilling
{
    private const uint Magic = 0x184D2A50;
    private const int HeaderLength = 8;

    /// <summary>Makes one of exactly this length.</summary>
    /// <returns>Null when it is too short for its header.</returns>
    public static byte[]? Create(int length)
    {
        if (length < HeaderLength)
        {
            return null;
        }

        byte[] frame = new byte[length];
        BinaryPrimitives.WriteUInt32LittleEndian(frame, Magic);
        BinaryPrimitives.WriteUInt32LittleEndian(frame.AsSpan(4), (uint)(length - HeaderLength));
        return frame;
    }
}
