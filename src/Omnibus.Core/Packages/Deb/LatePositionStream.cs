using Omnibus.Core.Compression;

namespace Omnibus.Core.Packages.Deb;

/// <summary>Writes to a stream from a position on that becomes known while the first bytes are made.</summary>
/// <param name="target">Takes the bytes; can seek, and is left open.</param>
/// <param name="position">Where they begin.</param>
internal sealed class LatePositionStream(Stream target, Task<long> position) : WriteOnlyStream
{
    /// <summary>Bytes written so far.</summary>
    public long Written { get; private set; }

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        if (Written == 0)
        {
            target.Position = position.GetAwaiter().GetResult();
        }

        target.Write(buffer);
        Written += buffer.Length;
    }
}
