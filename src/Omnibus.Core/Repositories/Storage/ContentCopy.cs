using System.Buffers;
using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;
using Omnibus.Core.Diagnostics;

namespace Omnibus.Core.Repositories.Storage;

/// <summary>Copies the bytes of an object into an open file, and demands that they are those that were announced.</summary>
internal static class ContentCopy
{
    private const int BufferSize = 256 * 1024;

    /// <summary>Copies.</summary>
    /// <exception cref="OmnibusException"><c>StoreContentChanged</c>.</exception>
    public static async Task RunAsync(string key, SafeFileHandle target, Func<Stream> open, long length, PutOptions options, IProgress<long>? progress, CancellationToken cancellationToken)
    {
        using Stream source = open();
        using IncrementalHash? hash = options.Sha256 is null ? null : IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        byte[] buffer = ArrayPool<byte>.Shared.Rent((int)Math.Clamp(length + 1, 1024, BufferSize));
        try
        {
            long position = 0;
            while (true)
            {
                cancellationToken.ThrowIfCancellationRequested();
                int count = await source.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
                if (count == 0)
                {
                    break;
                }

                RandomAccess.Write(target, buffer.AsSpan(0, count), position);
                hash?.AppendData(buffer, 0, count);
                position += count;
                progress?.Report(count);
                if (position > length)
                {
                    break;
                }
            }

            bool sameDigest = hash is null || Convert.ToHexStringLower(hash.GetHashAndReset()) == options.Sha256;
            if (position != length || !sameDigest)
            {
                throw new OmnibusException(
                    "StoreContentChanged",
                    ErrorKind.InvalidData,
                    $"{key}: the bytes to be stored are not those that were announced ({length} bytes{(sameDigest ? string.Empty : $", sha256 {options.Sha256}")}); the file was changed meanwhile.",
                    key,
                    "Start again when nothing writes to the file any more.");
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
