using System.Buffers;
using System.Buffers.Text;
using System.Text;
using System.Text.Unicode;

namespace Omnibus.Core.Repositories.Yum;

/// <summary>
/// Writes XML as bytes. Text comes as the bytes of a package's header: what is no UTF-8 is taken for ISO 8859-1 and characters that
/// XML 1.0 forbids are left out, as createrepo_c does.
/// </summary>
internal sealed class XmlBuffer
{
    private static readonly SearchValues<byte> s_special = SearchValues.Create([.. Enumerable.Range(0, 32).Select(i => (byte)i), (byte)'&', (byte)'<', (byte)'>', (byte)'"', 0xEF]);

    private readonly ArrayBufferWriter<byte> _target = new(4096);

    /// <summary>What was written.</summary>
    public ReadOnlySpan<byte> Written => _target.WrittenSpan;

    /// <summary>Bytes that were written.</summary>
    public int Length => _target.WrittenCount;

    /// <summary>Empties the buffer for the next use.</summary>
    public void Clear() => _target.ResetWrittenCount();

    /// <summary>Writes markup as it is.</summary>
    public XmlBuffer Raw(ReadOnlySpan<byte> markup)
    {
        _target.Write(markup);
        return this;
    }

    /// <summary>Writes a number.</summary>
    public XmlBuffer Number(long value)
    {
        Utf8Formatter.TryFormat(value, _target.GetSpan(20), out int count);
        _target.Advance(count);
        return this;
    }

    /// <summary>Writes an element with text, indented: empty where there is none.</summary>
    public XmlBuffer Element(ReadOnlySpan<byte> indent, ReadOnlySpan<byte> name, ReadOnlySpan<byte> text)
    {
        Raw(indent).Raw("<"u8).Raw(name);
        return text.IsEmpty ? Raw("/>\n"u8) : Raw(">"u8).Text(text).Raw("</"u8).Raw(name).Raw(">\n"u8);
    }

    /// <summary>Writes an attribute.</summary>
    public XmlBuffer Attribute(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value) => Raw(" "u8).Raw(name).Raw("=\""u8).Escape(value, attribute: true).Raw("\""u8);

    /// <summary>Writes an attribute with a number.</summary>
    public XmlBuffer Attribute(ReadOnlySpan<byte> name, long value) => Raw(" "u8).Raw(name).Raw("=\""u8).Number(value).Raw("\""u8);

    /// <summary>Writes text between the quotes of an attribute.</summary>
    public XmlBuffer AttributeValue(ReadOnlySpan<byte> value) => Escape(value, attribute: true);

    /// <summary>Writes text between tags.</summary>
    public XmlBuffer Text(ReadOnlySpan<byte> text) => Escape(text, attribute: false);

    private XmlBuffer Escape(ReadOnlySpan<byte> text, bool attribute)
    {
        if (!Utf8.IsValid(text))
        {
            // ISO 8859-1: every byte is the code point of the same number.
            byte[] converted = Encoding.UTF8.GetBytes(Encoding.Latin1.GetString(text));
            return Escape(converted, attribute);
        }

        while (!text.IsEmpty)
        {
            int plain = text.IndexOfAny(s_special);
            if (plain < 0)
            {
                return Raw(text);
            }

            Raw(text[..plain]);
            text = text[plain..];
            int taken = 1;
            switch (text[0])
            {
                case (byte)'&':
                    Raw("&amp;"u8);
                    break;
                case (byte)'<':
                    Raw("&lt;"u8);
                    break;
                case (byte)'>':
                    Raw("&gt;"u8);
                    break;
                case (byte)'"':
                    Raw(attribute ? "&quot;"u8 : "\""u8);
                    break;
                case (byte)'\n':
                    // A parser turns a bare line break in an attribute into a blank.
                    Raw(attribute ? "&#10;"u8 : "\n"u8);
                    break;
                case (byte)'\t':
                    Raw(attribute ? "&#9;"u8 : "\t"u8);
                    break;
                case (byte)'\r':
                    Raw("&#13;"u8);
                    break;
                case 0xEF when text[1] == 0xBF && text[2] is 0xBE or 0xBF:
                    // U+FFFE and U+FFFF are no characters of XML.
                    taken = 3;
                    break;
                case 0xEF:
                    taken = 3;
                    Raw(text[..taken]);
                    break;
            }

            text = text[taken..];
        }

        return this;
    }
}
