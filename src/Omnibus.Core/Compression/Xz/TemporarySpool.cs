namespace Omnibus.Core.Compression.Xz;

/// <summary>Bytes that are written once and read once: in memory while they are few, then in a file that has no name any more.</summary>
internal sealed class TemporarySpool : IDisposable
{
    private const int MemoryLimit = 256 * 1024;

    private MemoryStream? _memory = new();
    private FileStream? _file;

    /// <summary>Bytes written.</summary>
    public long Length { get; private set; }

    /// <summary>Adds bytes.</summary>
    public void Write(ReadOnlySpan<byte> bytes)
    {
        if (_file is null && Length + bytes.Length > MemoryLimit)
        {
            string path = Path.Combine(Path.GetTempPath(), $"omnibus-{Path.GetRandomFileName()}.tmp");
            _file = new FileStream(path, new FileStreamOptions
            {
                Mode = FileMode.CreateNew,
                Access = FileAccess.ReadWrite,
                Share = FileShare.None,
                BufferSize = 64 * 1024,
                UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
            });
            File.Delete(path);
            _memory!.WriteTo(_file);
            _memory = null;
        }

        ((Stream?)_memory ?? _file!).Write(bytes);
        Length += bytes.Length;
    }

    /// <summary>Goes to the beginning for reading.</summary>
    public void Rewind() => ((Stream?)_memory ?? _file!).Position = 0;

    /// <summary>Reads on.</summary>
    /// <returns>0 at the end.</returns>
    public int Read(Span<byte> buffer) => ((Stream?)_memory ?? _file!).Read(buffer);

    /// <summary>Gives the storage back.</summary>
    public void Clear()
    {
        _file?.Dispose();
        _memory?.Dispose();
        _file = null;
        _memory = new MemoryStream();
    }

    public void Dispose()
    {
        _file?.Dispose();
        _memory?.Dispose();
    }
}
