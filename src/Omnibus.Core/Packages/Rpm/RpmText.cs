using System.Text;
using System.Text.Unicode;

namespace Omnibus.Core.Packages.Rpm;

/// <summary>Text of a header: UTF-8 in packages of our time, anything in old ones.</summary>
internal static class RpmText
{
    /// <summary>Decodes: valid UTF-8 as it is, everything else as ISO 8859-1 (createrepo_c does the same, so that metadata agree).</summary>
    public static string Decode(ReadOnlySpan<byte> bytes) =>
        Utf8.IsValid(bytes) ? Encoding.UTF8.GetString(bytes) : Encoding.Latin1.GetString(bytes);
}
