namespace Omnibus.Core.Compression;

/// <summary>
/// Keeps what is written to it: in memory while it is little, then in a temporary file that has no name any more, so that the system frees it
/// even when the process is killed.
/// </summary>
/// <param name="folder">Where a temporary file may be.</param>
/// <param name="memoryLimit">Bytes that are kept in memory.</param>
internal sealed class SpoolStream(string folder, int memoryLimit) : WriteOnlyStream
{
    private const int CopyBuffer = 256 * 1024;

    private MemoryStream? _memory = new();
    private FileStream? _file;

    /// <summary>Bytes written so far.</summary>
    public long Size { get; private set; }

    private Stream Content => (Stream?)_memory ?? _file!;

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        if (_memory is not null && Size + buffer.Length > memoryLimit)
        {
            string path = Path.Combine(folder, $".omnibus-{Path.GetRandomFileName()}.tmp");
            _file = new FileStream(path, new FileStreamOptions
            {
                Mode = FileMode.CreateNew,
                Access = FileAccess.ReadWrite,
                Share = FileShare.None,
                BufferSize = 64 * 1024,
                UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
            });
            File.Delete(path);
            _memory.WriteTo(_file);
            _memory = null;
        }

        Content.Write(buffer);
        Size += buffer.Length;
    }

    /// <summary>Goes to the beginning for reading; nothing may be written any more.</summary>
    public void Rewind() => Content.Position = 0;

    /// <summary>Reads on.</summary>
    /// <returns>0 at the end.</returns>
    public int ReadNext(Span<byte> buffer) => Content.Read(buffer);

    /// <summary>Copies everything to another stream.</summary>
    public void CopyAllTo(Stream target)
    {
        Rewind();
        Content.CopyTo(target, (int)Math.Clamp(Size, 1, CopyBuffer));
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _file?.Dispose();
            _memory?.Dispose();
        }
    }
}
