using Omnibus.Core.Compression;

namespace Omnibus.Core.Packages.Deb;

/// <summary>
/// Keeps what is written to it until its size is known: in memory while it is small, then in a temporary file of the folder where the
/// package will be, which the system frees even when the process is killed.
/// </summary>
internal sealed class SpoolStream(string folder) : WriteOnlyStream
{
    private const int MemoryLimit = 4 * 1024 * 1024;
    private const int CopyBuffer = 1024 * 1024;

    private readonly MemoryStream _memory = new();
    private FileStream? _file;

    /// <summary>Bytes written so far.</summary>
    public long Size => _file?.Position ?? _memory.Length;

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        if (_file is null && _memory.Length + buffer.Length > MemoryLimit)
        {
            string path = Path.Combine(folder, $".omnibus-{Path.GetRandomFileName()}.tmp");
            _file = new FileStream(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, bufferSize: 0);
            File.Delete(path);
            _file.Write(_memory.GetBuffer(), 0, (int)_memory.Length);
            _memory.SetLength(0);
            _memory.Capacity = 0;
        }

        ((Stream?)_file ?? _memory).Write(buffer);
    }

    /// <summary>Copies everything to another stream.</summary>
    public void CopyAllTo(Stream target)
    {
        if (_file is null)
        {
            _memory.WriteTo(target);
            return;
        }

        _file.Position = 0;
        _file.CopyTo(target, CopyBuffer);
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _file?.Dispose();
            _memory.Dispose();
        }
    }
}
