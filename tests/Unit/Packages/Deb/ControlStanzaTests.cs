using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using Omnibus.Core.Packages.Deb;

namespace Omnibus.Tests.Unit;

public sealed class ControlStanzaTests
{
    private const string Folded =
        "Package: notes\n" +
        "Version: 1.4.0~rc1-1\n" +
        "Conffiles:\n /etc/notes.conf 0123\n /etc/notes.d/x 4567\n" +
        "Description: keeps notes\n Long text.\n .\n   verbatim  line\n";

    [Fact]
    public void What_was_read_is_written_the_same() => Assert.Equal(Folded, ControlStanza.Parse(Folded).ToString());

    [Fact]
    public void Fields_keep_their_order_and_are_found_whatever_the_case()
    {
        ControlStanza stanza = ControlStanza.Parse(Folded);
        Assert.Equal(["Package", "Version", "Conffiles", "Description"], stanza.Fields.Select(f => f.Key));
        Assert.Equal("notes", stanza["package"]);
        Assert.Null(stanza["Depends"]);
    }

    [Fact]
    public void Carriage_returns_comments_and_blanks_around_a_value_are_dropped()
    {
        ControlStanza stanza = ControlStanza.Parse("# remark\r\nPackage:\t notes \r\n# remark\r\nVersion: 1\r\n");
        Assert.Equal("Package: notes\nVersion: 1\n", stanza.ToString());
    }

    [Theory]
    [InlineData("")]
    [InlineData("\n\n")]
    [InlineData(" continues nothing\n")]
    [InlineData("no colon here\n")]
    [InlineData(": no name\n")]
    [InlineData("Two Words: x\n")]
    [InlineData("-Dash: x\n")]
    [InlineData("A: 1\na: 2\n")]
    [InlineData("A: 1\n\nB: 2\n")]
    public void A_control_file_that_breaks_the_syntax_is_refused(string text) =>
        Assert.Throws<FormatException>(() => ControlStanza.Parse(text));

    [Fact]
    public void A_paragraph_beyond_all_measure_is_refused() =>
        Assert.Throws<FormatException>(() => ControlStanza.Parse("A: " + new string('x', ControlStanza.MaximumLength) + "\n"));

    [Theory]
    [InlineData("first\nsecond")]
    [InlineData("first\n \n third")]
    [InlineData("first\n\n third")]
    [InlineData("with\rreturn")]
    public void A_value_that_would_end_the_field_is_refused(string value) =>
        Assert.Throws<FormatException>(() => new ControlStanza().Add("Field", value));

    [Fact]
    public void Paragraphs_are_read_one_after_the_other()
    {
        ReadOnlySpan<char> text = "A: 1\n\n\nB: 2\n C\n \nD: 3";
        var all = new List<string>();
        while (ControlStanza.TryParseNext(ref text, out ControlStanza? stanza))
        {
            all.Add(stanza.ToString());
        }

        Assert.Equal(["A: 1\n", "B: 2\n C\n", "D: 3\n"], all);
    }

    [Property]
    public Property Any_stanza_survives_writing_and_reading()
    {
        const string Text = "abcXYZ09 .,;:()<>=~+-#ä€\t";
        Gen<string> word = Gen.Elements(Text.ToCharArray()).ArrayOf().Select(a => new string(a).Trim(' ', '\t'));
        Gen<string> line = word.Where(w => w.Length > 0).Select(w => " " + w);
        Gen<string> value = from first in word from more in line.ListOf(3) select string.Join('\n', [first, .. more]);
        Gen<string> name = Gen.Elements("AbcDEF-_09.".ToCharArray()).NonEmptyListOf().Select(a => "X" + string.Concat(a));
        Gen<List<KeyValuePair<string, string>>> fields =
            from pairs in (from n in name from v in value select new KeyValuePair<string, string>(n, v)).NonEmptyListOf()
            select pairs.DistinctBy(p => p.Key, StringComparer.OrdinalIgnoreCase).ToList();
        return Prop.ForAll(fields.ToArbitrary(), list =>
        {
            var stanza = new ControlStanza();
            list.ForEach(f => stanza.Add(f.Key, f.Value));
            string text = stanza.ToString();
            ControlStanza read = ControlStanza.Parse(text);
            return read.Fields.SequenceEqual(list) && read.ToString() == text;
        });
    }
}
