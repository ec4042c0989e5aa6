using System.Text;
using Omnibus.Core.Diagnostics;
using Omnibus.Core.Distributions;
using Omnibus.Core.Recipes;

namespace Omnibus.Tests.Unit.Recipes;

public class RecipeMistakeTests
{
    [Fact]
    public void An_unknown_key_is_told_with_its_place_and_the_key_that_was_meant()
    {
        using var folder = new RecipeFolder(RecipeFolder.Head + "packages:\n- name: notes-cli\n- name: notes-node\n  depend: [logrotate]\n");
        OmnibusException error = Fail(folder);
        Assert.Equal("RecipeUnknownKey", error.Id);
        Assert.Equal($"{folder.RecipePath}:9:3: unknown key 'depend' in packages[1]; did you mean 'depends'?", error.Message);
        Finding finding = Assert.Single(error.Findings);
        Assert.Equal((folder.RecipePath, 9, 3, "packages[1].depend"), (finding.Subject, finding.Line, finding.Column, finding.Path));
    }

    [Fact]
    public void A_relative_name_of_the_recipe_is_told_as_it_was_given()
    {
        string relative = Path.GetRelativePath(Environment.CurrentDirectory, Directory.GetCurrentDirectory());
        var error = Assert.Throws<OmnibusException>(() => Recipe.Load(Path.Join(relative, "no-such.yml"), DistributionCatalog.Shipped));
        Assert.Equal("RecipeNotFound", error.Id);
        Assert.StartsWith("./no-such.yml: ", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void All_mistakes_of_a_file_are_told_at_once()
    {
        using var folder = new RecipeFolder("""
            name: Notes!
            maintainer: nobody
            homepage: example.com
            distributions: [debain-12]
            packages:
            - name: notes
              files:
              - file: a
                tree: b
                to: relative
                mode: rw-r--r--
              services: notes.service
              architecture: natve
            """);
        OmnibusException error = Fail(folder);
        Assert.Equal("RecipeInvalid", error.Id);
        Assert.Equal(
            ["RecipeMissingKey", "RecipeValueInvalid", "RecipeValueInvalid", "RecipeValueInvalid", "DistributionUnknown", "RecipeKeysExclude", "RecipeValueInvalid", "RecipeValueInvalid", "RecipeWrongType", "RecipeValueInvalid"],
            error.Findings.Select(f => f.Id));
        Assert.Equal([1, 1, 2, 3, 4, 9, 10, 11, 12, 13], error.Findings.Select(f => f.Line!.Value));
        Assert.Contains("did you mean 'debian-12'", error.Message, StringComparison.Ordinal);
        Assert.Contains("did you mean 'native'?", error.Message, StringComparison.Ordinal);
        Assert.Contains("10 mistakes", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("packages:\n- name: notes\n  name: other\n", "RecipeDuplicateKey", 8)]
    [InlineData("packages:\n- {name: notes, summary: '${verson}'}\n", "RecipeUnknownVariable", 7)]
    [InlineData("packages:\n- {name: notes, summary: '${version'}\n", "RecipeUnknownVariable", 7)]
    [InlineData("packages: []\n", "RecipeValueInvalid", 6)]
    [InlineData("packages:\n- {name: notes, summary: }\n", "RecipeWrongType", 7)]
    [InlineData("packages:\n- {name: notes, overrides: {debain: {summary: x}}}\n", "RecipeUnknownDistribution", 7)]
    [InlineData("packages:\n- {name: notes, overrides: {deb: {sumary: x}}}\n", "RecipeUnknownKey", 7)]
    [InlineData("packages:\n- {name: notes}\noverrides:\n  deb:\n    distributions: [debian-11]\n", "RecipeKeysExclude", 10)]
    [InlineData("packages:\n- {name: notes, only-for: [solaris]}\n", "RecipeUnknownDistribution", 7)]
    [InlineData("packages:\n- {name: notes, files: [{directory: /var/lib/notes, target: x}]}\n", "RecipeKeysExclude", 7)]
    [InlineData("packages:\n- {name: notes}\n--- \n- second\n", "RecipeSyntax", 8)]
    [InlineData("packages:\n- {name: notes\n", "RecipeSyntax", 7)]
    [InlineData("packages:\n- *unknown\n", "RecipeSyntax", 7)]
    [InlineData("packages: &a\n- *a\n", "RecipeSyntax", 7)]
    [InlineData("packages: !!python/object [x]\n", "RecipeSyntax", 6)]
    [InlineData("packages:\n- {<<: {name: notes}}\n", "RecipeSyntax", 7)]
    [InlineData("packages:\n- {name: notes, files: [{text: \"a\\0b\", to: /usr/share/notes/x}]}\n", "RecipeValueInvalid", 7)]
    public void A_single_mistake_goes_by_its_own_id(string rest, string id, int line)
    {
        using var folder = new RecipeFolder(RecipeFolder.Head + rest);
        OmnibusException error = Fail(folder);
        Assert.Contains(error.Findings, f => f.Id == id && f.Line >= line && f.Line <= line + 1);
    }

    [Theory]
    [InlineData("")]
    [InlineData("# nothing\n")]
    [InlineData("~\n")]
    public void An_empty_file_is_no_recipe(string text)
    {
        using var folder = new RecipeFolder(text);
        Assert.Equal("RecipeEmpty", Fail(folder).Id);
    }

    [Fact]
    public void Aliases_that_multiply_are_stopped_before_they_are_written_out()
    {
        var text = new StringBuilder("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
        for (int i = 1; i < 12; i++)
        {
            text.Append('a').Append(i).Append(": &a").Append(i).Append(" [").AppendJoin(", ", Enumerable.Repeat("*a" + (i - 1), 10)).Append("]\n");
        }

        using var folder = new RecipeFolder(text.ToString());
        Assert.Contains(Fail(folder).Findings, f => f.Id == "RecipeTooLarge");
    }

    [Fact]
    public void Nesting_without_end_is_stopped()
    {
        using var folder = new RecipeFolder("a: " + new string('[', 20_000) + new string(']', 20_000));
        Assert.Equal("RecipeTooLarge", Fail(folder).Id);
    }

    [Fact]
    public void A_file_past_the_limit_is_not_read()
    {
        using var folder = new RecipeFolder(string.Empty);
        using (FileStream file = File.OpenWrite(folder.RecipePath))
        {
            file.SetLength(1L << 40);
        }

        Assert.Equal("RecipeTooLarge", Fail(folder).Id);
    }

    [Fact]
    public void Bytes_that_are_no_UTF_8_are_refused()
    {
        using var folder = new RecipeFolder(string.Empty);
        File.WriteAllBytes(folder.RecipePath, [0x6e, 0xff, 0xfe]);
        Assert.Equal("RecipeNotText", Fail(folder).Id);
    }

    [Fact]
    public void A_thousand_mistakes_do_not_make_a_message_without_end()
    {
        var text = new StringBuilder(RecipeFolder.Head + "packages:\n- name: notes\n");
        for (int i = 0; i < 1000; i++)
        {
            text.Append("  unknown").Append(i).Append(": x\n");
        }

        using var folder = new RecipeFolder(text.ToString());
        OmnibusException error = Fail(folder);
        Assert.True(error.Message.Length < 10_000);
        Assert.InRange(error.Findings.Count, 100, 200);
    }

    private static OmnibusException Fail(RecipeFolder folder) => Assert.Throws<OmnibusException>(folder.Load);
}
