using Omnibus.Core.Diagnostics;

namespace Omnibus.Core.Repositories.Clients;

/// <summary>Addresses that are written into the configuration of clients.</summary>
internal static class RepositoryAddress
{
    private const int LengthLimit = 2000;
    private static readonly string[] s_schemes = ["https", "http", "file"];

    /// <summary>Holds an address against what apt and dnf both take. Variables of dnf (<c>$releasever</c>) may stand in it.</summary>
    /// <returns>The address without a slash at its end.</returns>
    /// <exception cref="OmnibusException"><c>RepositoryAddressInvalid</c>.</exception>
    public static string Check(string address)
    {
        int colon = address.IndexOf(":/", StringComparison.Ordinal);
        if (colon < 0 || !s_schemes.Contains(address[..colon], StringComparer.OrdinalIgnoreCase))
        {
            throw Invalid(address, $"it does not begin with {string.Join(", ", s_schemes.Select(s => s + ":"))}", "Give the address under which machines reach the repository; a bucket has one that begins with https:.");
        }

        // Whatever could end the line, or mean something else in one of the two files.
        if (address.Length > LengthLimit || address.Any(c => char.IsControl(c) || char.IsWhiteSpace(c) || c is '[' or ']' or '<' or '>' or '"' or '\'' or '\\' or '#' or '?'))
        {
            throw Invalid(address, "it is too long, or holds blanks, quotes, brackets, '#' or '?'", "Write such characters as %20 and the like.");
        }

        string rest = address[(colon + 1)..];
        string authority = rest.StartsWith("//", StringComparison.Ordinal) ? rest[2..].Split('/')[0] : string.Empty;
        if (authority.Contains('@', StringComparison.Ordinal))
        {
            // Not repeated: it may hold a password.
            throw new OmnibusException(
                "RepositoryAddressInvalid",
                ErrorKind.Security,
                "The address holds a user or password, which everyone on every machine could read in the package.",
                null,
                "Leave them out; machines keep them in /etc/apt/auth.conf.d, or in the username and password of a file in /etc/yum.repos.d.");
        }

        bool isFile = address[..colon].Equals("file", StringComparison.OrdinalIgnoreCase);
        if (!isFile && authority.Length == 0)
        {
            throw Invalid(address, "it names no host", null);
        }

        return address.TrimEnd('/');
    }

    private static OmnibusException Invalid(string address, string why, string? advice) =>
        new("RepositoryAddressInvalid", ErrorKind.InvalidArgument, $"'{(address.Length > 200 ? address[..200] : address)}' cannot be the address of a repository: {why}.", address, advice);
}
