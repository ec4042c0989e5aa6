using System.Security.Cryptography;
using Omnibus.Core.Diagnostics;

namespace Omnibus.Core.Repositories.Storage;

/// <summary>Small objects as bytes.</summary>
public static class ObjectStoreExtensions
{
    private const int ReadAttempts = 10;

    /// <summary>Writes a small object.</summary>
    public static Task<PutResult> PutBytesAsync(this IObjectStore store, string key, ReadOnlyMemory<byte> content, PutOptions options, CancellationToken cancellationToken)
    {
        byte[] bytes = content.ToArray();
        options = options with { Sha256 = Convert.ToHexStringLower(SHA256.HashData(bytes)) };
        return store.PutAsync(key, () => new MemoryStream(bytes, writable: false), bytes.Length, options, null, cancellationToken);
    }

    /// <summary>Reads a small object, or null when there is none.</summary>
    /// <exception cref="OmnibusException"><c>StoreObjectTooLarge</c>.</exception>
    public static async Task<byte[]?> ReadBytesAsync(this IObjectStore store, string key, int limit, CancellationToken cancellationToken) =>
        (await store.ReadSmallAsync(key, limit, cancellationToken).ConfigureAwait(false))?.Content;

    /// <summary>Reads a small object that others may replace meanwhile: one that changes in mid-read is read again.</summary>
    /// <exception cref="OmnibusException"><c>StoreObjectTooLarge</c>.</exception>
    internal static async Task<(StoredObject Object, byte[] Content)?> ReadSmallAsync(this IObjectStore store, string key, int limit, CancellationToken cancellationToken)
    {
        for (int attempt = 1; ; attempt++)
        {
            ObjectReading? reading = await store.OpenReadAsync(key, cancellationToken).ConfigureAwait(false);
            if (reading is null)
            {
                return null;
            }

            await using (reading.ConfigureAwait(false))
            {
                try
                {
                    return (reading.Object, await reading.Content.ReadBoundedAsync(limit, key, cancellationToken).ConfigureAwait(false));
                }
                catch (OmnibusException e) when (e.Id == "StoreObjectChanged" && attempt < ReadAttempts)
                {
                }
            }
        }
    }

    /// <summary>Reads a stream to its end, but never more than a limit.</summary>
    /// <exception cref="OmnibusException"><c>StoreObjectTooLarge</c>.</exception>
    internal static async Task<byte[]> ReadBoundedAsync(this Stream stream, int limit, string key, CancellationToken cancellationToken)
    {
        using var buffer = new MemoryStream();
        byte[] part = new byte[16 * 1024];
        while (await stream.ReadAsync(part, cancellationToken).ConfigureAwait(false) is > 0 and int count)
        {
            if (buffer.Length + count > limit)
            {
                throw new OmnibusException("StoreObjectTooLarge", ErrorKind.InvalidData, $"{key} is larger than {limit} bytes.", key);
            }

            buffer.Write(part, 0, count);
        }

        return buffer.ToArray();
    }
}
