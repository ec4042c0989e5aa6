using System.Runtime.InteropServices;
using System.Security;
using System.Security.Cryptography;
using System.Text;

namespace Omnibus.Core.Signing.OpenPgp;

/// <summary>The only way from a SecureString to bytes: never a string, wiped after use.</summary>
internal static class Passphrase
{
    /// <summary>Hands the passphrase as UTF-8 to an action and wipes it afterwards.</summary>
    public static T Use<T>(SecureString passphrase, Func<byte[], T> action) =>
        UseAsync(passphrase, bytes => Task.FromResult(action(bytes))).GetAwaiter().GetResult();

    /// <summary>Hands the passphrase as UTF-8 to an action and wipes it when that has ended.</summary>
    public static async Task<T> UseAsync<T>(SecureString passphrase, Func<byte[], Task<T>> action)
    {
        IntPtr unmanaged = Marshal.SecureStringToGlobalAllocUnicode(passphrase);
        var characters = GC.AllocateUninitializedArray<char>(passphrase.Length, pinned: true);
        byte[] bytes = [];
        try
        {
            Marshal.Copy(unmanaged, characters, 0, characters.Length);
            bytes = GC.AllocateUninitializedArray<byte>(Encoding.UTF8.GetByteCount(characters), pinned: true);
            Encoding.UTF8.GetBytes(characters, bytes);
            return await action(bytes).ConfigureAwait(false);
        }
        finally
        {
            Marshal.ZeroFreeGlobalAllocUnicode(unmanaged);
            CryptographicOperations.ZeroMemory(MemoryMarshal.AsBytes(characters.AsSpan()));
            CryptographicOperations.ZeroMemory(bytes);
        }
    }
}
