using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using Omnibus.Core.Compression;
using Omnibus.Core.Diagnostics;

namespace Omnibus.Core.Packages.Deb;

/// <summary>Reads packages for a repository's index: control data, paths and all digests in one pass, many packages a second.</summary>
public static class DebPackageReader
{
    // Up to here a file is read at once: three one-shot digests and no copying.
    private const int SmallFile = 1024 * 1024;

    /// <summary>Reads a package file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="files">Whether the paths are wanted.</param>
    /// <param name="cancellationToken">Stops the work.</param>
    /// <exception cref="OmnibusException"><c>PackageNotFound</c>, <c>PackageUnreadable</c>.</exception>
    public static DebPackageScan Scan(string path, bool files, CancellationToken cancellationToken) => Scan(path, files, check: true, cancellationToken);

    /// <summary>Reads a package file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="files">Whether the paths are wanted.</param>
    /// <param name="check">Whether the data is decompressed to find damage, which nothing else tells: a deb holds no digest of itself.</param>
    /// <param name="cancellationToken">Stops the work.</param>
    /// <exception cref="OmnibusException"><c>PackageNotFound</c>, <c>PackageUnreadable</c>.</exception>
    public static DebPackageScan Scan(string path, bool files, bool check, CancellationToken cancellationToken)
    {
        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0, FileOptions.SequentialScan);
            return Scan(file, path, files ? DebDataReading.List : check ? DebDataReading.Check : DebDataReading.Skip, cancellationToken);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new OmnibusException("PackageNotFound", ErrorKind.NotFound, $"{path}: no such file.", path, inner: e);
        }
        catch (UnauthorizedAccessException e)
        {
            throw new OmnibusException("PackageUnreadable", ErrorKind.PermissionDenied, $"{path}: may not be read.", path, inner: e);
        }
        catch (IOException e)
        {
            throw new OmnibusException("PackageUnreadable", ErrorKind.Storage, $"{path} could not be read: {e.Message}", path, inner: e);
        }
    }

    /// <summary>Reads a package from a stream, from its position to its end. The stream need not seek.</summary>
    /// <param name="stream">The package.</param>
    /// <param name="name">What errors call it.</param>
    /// <param name="files">Whether the paths are wanted.</param>
    /// <param name="cancellationToken">Stops the work.</param>
    /// <exception cref="OmnibusException"><c>PackageUnreadable</c>.</exception>
    public static DebPackageScan Scan(Stream stream, string name, bool files, CancellationToken cancellationToken) =>
        Scan(stream, name, files ? DebDataReading.List : DebDataReading.Check, cancellationToken);

    private static DebPackageScan Scan(Stream stream, string name, DebDataReading data, CancellationToken cancellationToken)
    {
        try
        {
            return stream.CanSeek && stream.Length - stream.Position <= SmallFile
                ? ScanSmall(stream, data, cancellationToken)
                : ScanStream(stream, data, cancellationToken);
        }
        catch (Exception e) when (e is InvalidDataException or FormatException)
        {
            throw new OmnibusException("PackageUnreadable", ErrorKind.InvalidData, $"{name} is no usable deb: {e.Message}.", name, inner: e);
        }
    }

    private static DebPackageScan ScanSmall(Stream stream, DebDataReading data, CancellationToken cancellationToken)
    {
        int length = (int)(stream.Length - stream.Position);
        byte[] buffer = ArrayPool<byte>.Shared.Rent(length);
        try
        {
            int count = stream.ReadAtLeast(buffer.AsSpan(0, length), length, throwOnEndOfStream: false);
            using var memory = new MemoryStream(buffer, 0, count, writable: false);
            DebContents contents = DebContents.Read(memory, data, controlFiles: false, cancellationToken);
            ReadOnlySpan<byte> whole = buffer.AsSpan(0, count);
            Span<byte> md5 = stackalloc byte[MD5.HashSizeInBytes];
            Span<byte> sha1 = stackalloc byte[SHA1.HashSizeInBytes];
            Span<byte> sha256 = stackalloc byte[SHA256.HashSizeInBytes];
            MD5.HashData(whole, md5);
            SHA1.HashData(whole, sha1);
            SHA256.HashData(whole, sha256);
            return Create(contents, count, md5, sha1, sha256);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static DebPackageScan ScanStream(Stream stream, DebDataReading data, CancellationToken cancellationToken)
    {
        using var hashing = new HashingStream(stream);
        DebContents contents = DebContents.Read(hashing, data, controlFiles: false, cancellationToken);
        hashing.ReadRest(cancellationToken);
        return Create(contents, hashing.Count, hashing.Md5, hashing.Sha1, hashing.Sha256);
    }

    private static DebPackageScan Create(DebContents contents, long size, ReadOnlySpan<byte> md5, ReadOnlySpan<byte> sha1, ReadOnlySpan<byte> sha256)
    {
        var paths = new List<string>(contents.Data.Count);
        foreach (TarStreamEntry entry in contents.Data)
        {
            if (entry.Type != TarEntryType.Directory)
            {
                paths.Add(entry.Name);
            }
        }

        string control = Encoding.UTF8.GetString(contents.Control.AsSpan().Trim("\n\r \t"u8));
        _ = ControlStanza.Parse(control);
        return new DebPackageScan(
            control, paths, size, Convert.ToHexStringLower(md5), Convert.ToHexStringLower(sha1), Convert.ToHexStringLower(sha256));
    }

    /// <summary>Takes the digests of all that is read through it.</summary>
    private sealed class HashingStream(Stream inner) : ReadOnlyStream
    {
        private readonly byte[] _buffer = ArrayPool<byte>.Shared.Rent(256 * 1024);
        private readonly IncrementalHash _md5 = IncrementalHash.CreateHash(HashAlgorithmName.MD5);
        private readonly IncrementalHash _sha1 = IncrementalHash.CreateHash(HashAlgorithmName.SHA1);
        private readonly IncrementalHash _sha256 = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        private int _start;
        private int _end;

        public long Count { get; private set; }

        public byte[] Md5 => _md5.GetCurrentHash();

        public byte[] Sha1 => _sha1.GetCurrentHash();

        public byte[] Sha256 => _sha256.GetCurrentHash();

        public override int Read(Span<byte> buffer)
        {
            if (_start == _end && !Fill())
            {
                return 0;
            }

            int count = Math.Min(buffer.Length, _end - _start);
            _buffer.AsSpan(_start, count).CopyTo(buffer);
            _start += count;
            return count;
        }

        public void ReadRest(CancellationToken cancellationToken)
        {
            while (Fill())
            {
                cancellationToken.ThrowIfCancellationRequested();
            }
        }

        protected override void Dispose(bool disposing)
        {
            _md5.Dispose();
            _sha1.Dispose();
            _sha256.Dispose();
            ArrayPool<byte>.Shared.Return(_buffer);
        }

        private bool Fill()
        {
            _start = 0;
            _end = inner.Read(_buffer);
            Count += _end;
            ReadOnlySpan<byte> bytes = _buffer.AsSpan(0, _end);
            _md5.AppendData(bytes);
            _sha1.AppendData(bytes);
            _sha256.AppendData(bytes);
            return _end > 0;
        }
    }
}
