using System.Text;

namespace Omnibus.Core.Signing.OpenPgp;

/// <summary>A name and address of a certificate with the self-signatures that bind it.</summary>
internal sealed class CertificateUserId(ReadOnlyMemory<byte> raw)
{
    /// <summary>The text, with anything that could upset a terminal replaced.</summary>
    public string Text { get; } = Clean(Encoding.UTF8.GetString(raw.Span));

    /// <summary>The bytes as signed.</summary>
    public ReadOnlyMemory<byte> Raw { get; } = raw;

    /// <summary>Self-certifications and revocations made by the primary key.</summary>
    public List<CertificateSignature> Signatures { get; } = [];

    /// <summary>The part before the address, without a comment in parentheses.</summary>
    public string Name
    {
        get
        {
            int address = Text.LastIndexOf('<');
            string name = address >= 0 ? Text[..address] : Text.Contains('@', StringComparison.Ordinal) && !Text.Contains(' ', StringComparison.Ordinal) ? string.Empty : Text;
            return name.Trim();
        }
    }

    /// <summary>The address, or an empty text.</summary>
    public string Email
    {
        get
        {
            int start = Text.LastIndexOf('<');
            int end = Text.LastIndexOf('>');
            return start >= 0 && end > start ? Text[(start + 1)..end].Trim() : Text.Contains('@', StringComparison.Ordinal) && !Text.Contains(' ', StringComparison.Ordinal) ? Text : string.Empty;
        }
    }

    private static string Clean(string text) => string.Concat(text.Select(c => char.IsControl(c) ? '\uFFFD' : c));
}
