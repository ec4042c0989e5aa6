using Omnibus.Core.Diagnostics;

namespace Omnibus.Core.Repositories.Storage;

/// <summary>Rules of a store's keys.</summary>
public static class StoreKey
{
    // S3's own limit; a path of a file system may be longer.
    private const int MaximumLength = 1024;

    /// <summary>Refuses a key that could leave its root or that no store could hold.</summary>
    /// <exception cref="OmnibusException"><c>StoreKeyInvalid</c>.</exception>
    public static void Validate(string key)
    {
        if (!IsValid(key))
        {
            throw new OmnibusException("StoreKeyInvalid", ErrorKind.InvalidData, $"'{Shown(key)}' is no valid key of a store.", Shown(key));
        }
    }

    /// <summary>Whether a key is relative, has no empty, <c>.</c> or <c>..</c> part and no control character.</summary>
    public static bool IsValid(string key)
    {
        if (key.Length is 0 or > MaximumLength)
        {
            return false;
        }

        int start = 0;
        for (int i = 0; i <= key.Length; i++)
        {
            if (i < key.Length && key[i] != '/')
            {
                if (char.IsControl(key[i]) || key[i] == '\\')
                {
                    return false;
                }

                continue;
            }

            ReadOnlySpan<char> part = key.AsSpan(start, i - start);
            if (part.Length is 0 or > 255 || part is "." || part is "..")
            {
                return false;
            }

            start = i + 1;
        }

        return true;
    }

    private static string Shown(string key) => string.Concat(key.Take(200).Select(c => char.IsControl(c) ? '?' : c));
}
