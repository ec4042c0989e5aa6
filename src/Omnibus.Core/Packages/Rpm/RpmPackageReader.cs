using System.Buffers;
using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;
using Omnibus.Core.Diagnostics;

namespace Omnibus.Core.Packages.Rpm;

/// <summary>Reads the headers of rpm files, and all digests in the same pass. Made for thousands of packages: one open, few reads, no decoding.</summary>
internal static class RpmPackageReader
{
    // Most packages of a repository have their headers in the first part; small ones fit whole.
    private const int BufferLength = 256 * 1024;

    /// <summary>Reads a package.</summary>
    /// <param name="path">The file.</param>
    /// <param name="digest">Whether the file is read whole: for its SHA-256, and to hold it against the sizes and digests that it keeps of itself.</param>
    /// <param name="cancellationToken">Stops.</param>
    /// <exception cref="OmnibusException"><c>PackageNotFound</c>, <c>PackageUnreadable</c>.</exception>
    public static RpmPackage Read(string path, bool digest, CancellationToken cancellationToken)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(BufferLength);
        try
        {
            using SafeFileHandle file = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, FileOptions.SequentialScan);
            return Read(file, path, buffer, digest, cancellationToken);
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
            throw new OmnibusException("PackageUnreadable", ErrorKind.Storage, $"{path}: could not be read: {e.Message}", path, inner: e);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>Reads a package on another thread.</summary>
    /// <inheritdoc cref="Read(string, bool, CancellationToken)"/>
    public static Task<RpmPackage> ReadAsync(string path, bool digest, CancellationToken cancellationToken) =>
        Task.Run(() => Read(path, digest, cancellationToken), cancellationToken);

    /// <summary>SHA-256 of a file.</summary>
    public static async Task<string> DigestAsync(string path, CancellationToken cancellationToken)
    {
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 0, FileOptions.Asynchronous | FileOptions.SequentialScan);
        return Convert.ToHexStringLower(await SHA256.HashDataAsync(stream, cancellationToken).ConfigureAwait(false));
    }

    private static RpmPackage Read(SafeFileHandle file, string path, byte[] buffer, bool digest, CancellationToken cancellationToken)
    {
        long size = RandomAccess.GetLength(file);
        int known = ReadFully(file, buffer.AsSpan(0, (int)Math.Min(size, buffer.Length)), 0);
        var lead = RpmLead.Read(buffer.AsSpan(0, known), path);

        var window = new Window(file, buffer, known, size, path);
        int signatureLength = RpmHeader.Measure(window.Peek(RpmLead.Length, RpmHeader.IntroLength), path);
        var signature = RpmHeader.Parse(window.Take(RpmLead.Length, signatureLength), path);
        long headerStart = (RpmLead.Length + (long)signatureLength + 7) / 8 * 8;
        int headerLength = RpmHeader.Measure(window.Peek(headerStart, RpmHeader.IntroLength), path);
        var header = RpmHeader.Parse(window.Take(headerStart, headerLength), path);
        if (header.GetStringBytes(RpmTag.Name).IsEmpty || header.GetStringBytes(RpmTag.Version).IsEmpty)
        {
            throw RpmErrors.Unreadable(path, "its header names no package or no version");
        }

        var package = new RpmPackage
        {
            Path = path,
            FileSize = size,
            FileTime = File.GetLastWriteTimeUtc(file),
            Lead = lead,
            Signature = signature,
            Header = header,
            HeaderStart = headerStart,
        };
        if (digest)
        {
            RpmVerifier.RequireIntact(package);
            package.Sha256 = Digest(file, package, buffer, known, cancellationToken);
        }

        return package;
    }

    // SHA-256 of the file, and in the same pass the digest that it keeps of its payload.
    private static string Digest(SafeFileHandle file, RpmPackage package, byte[] buffer, int known, CancellationToken cancellationToken)
    {
        using var whole = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        using RpmVerifier.PayloadDigest? payload = RpmVerifier.PayloadDigest.Of(package);
        whole.AppendData(buffer.AsSpan(0, known));
        payload?.Append(0, buffer.AsSpan(0, known));
        for (long at = known; at < package.FileSize;)
        {
            cancellationToken.ThrowIfCancellationRequested();
            int count = RandomAccess.Read(file, buffer, at);
            if (count == 0)
            {
                throw RpmErrors.Unreadable(package.Path, "it became shorter while it was read");
            }

            whole.AppendData(buffer.AsSpan(0, count));
            payload?.Append(at, buffer.AsSpan(0, count));
            at += count;
        }

        payload?.Require();
        return Convert.ToHexStringLower(whole.GetHashAndReset());
    }

    private static int ReadFully(SafeFileHandle file, Span<byte> target, long offset)
    {
        int total = 0;
        while (total < target.Length)
        {
            int count = RandomAccess.Read(file, target[total..], offset + total);
            if (count == 0)
            {
                break;
            }

            total += count;
        }

        return total;
    }

    // The beginning of the file that is in memory, and the rest that can be fetched.
    private readonly ref struct Window(SafeFileHandle file, byte[] buffer, int known, long size, string path)
    {
        public ReadOnlySpan<byte> Peek(long offset, int length) =>
            offset + length <= known ? buffer.AsSpan((int)offset, length) : Take(offset, length);

        // Nothing is allocated that the file is too short for.
        public byte[] Take(long offset, int length)
        {
            if (offset + length > size)
            {
                throw RpmErrors.Unreadable(path, "it is cut short");
            }

            if (offset + length <= known)
            {
                return buffer.AsSpan((int)offset, length).ToArray();
            }

            byte[] bytes = GC.AllocateUninitializedArray<byte>(length);
            return ReadFully(file, bytes, offset) == length ? bytes : throw RpmErrors.Unreadable(path, "it is cut short");
        }
    }
}
