using System.IO.Compression;
using System.IO.Hashing;

namespace Omnibus.Core.Compression.Gzip;

/// <summary>
/// One piece of a gzip member, deflated apart from the others but with the last 32 KiB before it as its dictionary.
/// The pieces end on byte boundaries (sync flush), so that one after the other they are a single deflate stream.
/// </summary>
internal sealed class GzipBlock
{
    /// <summary>Bytes of input in a full piece. It decides the output, so it never depends on the machine.</summary>
    public const int Size = 1024 * 1024;

    private const int WindowSize = 32 * 1024;

    // What deflate makes of nothing: one final block without content. DeflateStream writes no byte at all then.
    private static readonly byte[] s_empty = [3, 0];

    private readonly byte[] _buffer = new byte[WindowSize + Size];
    private readonly MemoryStream _output = new(Size / 2);
    private int _dictionaryLength;
    private int _length;

    /// <summary>Room that is left.</summary>
    public int Room => Size - _length;

    /// <summary>Bytes of input.</summary>
    public int Length => _length;

    /// <summary>CRC-32 of the input, once compressed.</summary>
    public uint Crc { get; private set; }

    /// <summary>The deflated piece, once compressed.</summary>
    public ReadOnlyMemory<byte> Output { get; private set; }

    /// <summary>Empties the piece for new input that follows on <paramref name="previous"/>.</summary>
    public void Reset(GzipBlock? previous)
    {
        _length = 0;
        _dictionaryLength = 0;
        if (previous is not null)
        {
            // A full piece is longer than the window, so its end is the whole dictionary.
            _dictionaryLength = WindowSize;
            previous._buffer.AsSpan(previous._length, WindowSize).CopyTo(_buffer);
        }
    }

    /// <summary>Adds input, at most <see cref="Room"/> bytes.</summary>
    public void Append(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(_buffer.AsSpan(WindowSize + _length));
        _length += bytes.Length;
    }

    /// <summary>Deflates the piece.</summary>
    /// <param name="level">Level of the library.</param>
    /// <param name="last">Whether the stream ends with it.</param>
    public void Compress(int level, bool last)
    {
        ReadOnlySpan<byte> input = _buffer.AsSpan(WindowSize, _length);
        Crc = Crc32.HashToUInt32(input);
        if (input.IsEmpty)
        {
            Output = s_empty;
            return;
        }

        _output.SetLength(0);
        int start = 0;
        int end;
        using (var deflate = new DeflateStream(_output, new ZLibCompressionOptions { CompressionLevel = level }, leaveOpen: true))
        {
            if (_dictionaryLength > 0)
            {
                // The API has no way to set a dictionary: the window is compressed first and its output dropped.
                deflate.Write(_buffer, WindowSize - _dictionaryLength, _dictionaryLength);
                deflate.Flush();
                start = (int)_output.Length;
            }

            deflate.Write(input);
            deflate.Flush();
            end = (int)_output.Length;
        }

        // Disposing the stream appended a final block; only the last piece may keep it.
        end = last ? (int)_output.Length : end;
        Output = _output.GetBuffer().AsMemory(start, end - start);
    }
}
