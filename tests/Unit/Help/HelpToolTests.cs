using System.Xml.Linq;
using Omnibus.Help;

namespace Omnibus.Tests.Unit.Help;

public class HelpToolTests
{
    private static readonly CmdletDescription s_cmdlet = new(
        "Get",
        "Sample",
        "Path",
        SupportsShouldProcess: true,
        [
            new ParameterDescription("Force", "SwitchParameter", true, false, [], [], [new ParameterPlace(null, false, null, false, false)]),
            new ParameterDescription("LiteralPath", "String[]", false, false, ["LP"], [], [new ParameterPlace("LiteralPath", true, null, false, true)]),
            new ParameterDescription("Path", "String[]", false, true, [], [], [new ParameterPlace("Path", true, 0, true, true)]),
            new ParameterDescription("Type", "SampleType", false, false, [], ["Apt", "Yum"], [new ParameterPlace(null, false, null, false, false)]),
        ]);

    private const string Complete = """
        # Get-Sample

        ## SYNOPSIS
        Reads samples.

        ## DESCRIPTION
        Reads samples from
        `files`.

        - one
        - two

        ## EXAMPLES

        ### Example 1: Read one
        ```powershell
        Get-Sample ./a
        ```

        Reads it.

        ## PARAMETERS

        ### -Force
        Forces it.

        ### -LiteralPath
        Paths as they are.

        ### -Path
        Paths.

        ### -Type
        What it is.

        ```yaml
        Default value: Apt
        ```

        ## INPUTS

        ### System.String
        Paths.

        ## OUTPUTS

        ### None

        ## RELATED LINKS

        [The rules](https://example.com/rules)
        """;

    [Fact]
    public void A_complete_topic_has_no_fault() => Assert.Empty(Faults(Complete));

    [Theory]
    [InlineData("Reads samples.", "", "SYNOPSIS has no text")]
    [InlineData("Reads samples.", "Get-Sample reads.", "SYNOPSIS repeats the name")]
    [InlineData("Forces it.", "", "parameter -Force has no text")]
    [InlineData("### -Force\nForces it.", "", "parameter -Force has no text")]
    [InlineData("### -Force", "### -Forc", "there is a text for -Forc, but no such parameter (-WhatIf, -Confirm and the common parameters need none)")]
    [InlineData("### -Path", "### -LiteralPath", "-LiteralPath is described more than once")]
    [InlineData("Reads it.", "", "example 'Example 1: Read one' has no explanation")]
    [InlineData("Get-Sample ./a", "", "example 'Example 1: Read one' has no code")]
    [InlineData("Example 1: Read one", "Read one", "example 'Read one' should be titled 'Example 1: what it does'")]
    [InlineData("### None", "", "OUTPUTS names no type (write '### None' when there is none)")]
    [InlineData("### System.String\nPaths.", "", "INPUTS names no type (write '### None' when there is none)")]
    [InlineData("Paths as they are.", "{{ What -LiteralPath is }}", "parameter -LiteralPath has no text")]
    [InlineData("# Get-Sample\n", "# Get-Other\n", "the title is 'Get-Other', not 'Get-Sample'")]
    public void A_fault_is_named(string text, string replacement, string fault)
    {
        string topic = Complete.Replace(text, replacement, StringComparison.Ordinal);
        Assert.NotEqual(Complete, topic);
        Assert.Contains(fault, Faults(topic));
    }

    [Fact]
    public void A_completed_file_keeps_its_prose_and_is_complete_the_second_time()
    {
        string once = TopicUpdater.Update(s_cmdlet, Complete);
        Assert.Contains("Get-Sample [-Path] <String[]> [-Force] [-Type <SampleType>] [-WhatIf] [-Confirm] [<CommonParameters>]", once, StringComparison.Ordinal);
        Assert.Contains("Accepted values: Apt, Yum\n\nRequired: False\nPosition: Named\nDefault value: Apt\n", once, StringComparison.Ordinal);
        Assert.Contains("Reads samples from\n`files`.", once, StringComparison.Ordinal);
        Assert.Empty(Faults(once));
        Assert.Equal(once, TopicUpdater.Update(s_cmdlet, once));
    }

    [Fact]
    public void A_file_that_is_missing_is_made_with_places_to_fill_in()
    {
        string made = TopicUpdater.Update(s_cmdlet, null);
        Assert.Contains("### -LiteralPath\n{{ What -LiteralPath is }}", made, StringComparison.Ordinal);
        Assert.Contains("SYNOPSIS has no text", Faults(made));
        Assert.Equal(made, TopicUpdater.Update(s_cmdlet, made));
    }

    [Fact]
    public void The_help_file_holds_syntax_parameters_examples_and_links()
    {
        using var stream = new MemoryStream();
        using (var writer = new MamlWriter(stream))
        {
            writer.Write(s_cmdlet, HelpTopicReader.Read(Complete));
        }

        stream.Position = 0;
        var help = XDocument.Load(stream);
        XNamespace command = "http://schemas.microsoft.com/maml/dev/command/2004/10";
        XNamespace maml = "http://schemas.microsoft.com/maml/2004/10";
        XNamespace dev = "http://schemas.microsoft.com/maml/dev/2004/10";
        Assert.Equal(2, help.Descendants(command + "syntaxItem").Count());
        Assert.Equal(
            ["Confirm", "Force", "LiteralPath", "Path", "Type", "WhatIf"],
            help.Descendants(command + "parameters").Elements().Select(p => p.Element(maml + "name")!.Value));
        Assert.Equal("Apt", help.Descendants(command + "parameters").Elements().Single(p => p.Element(maml + "name")!.Value == "Type").Element(dev + "defaultValue")!.Value);
        Assert.Equal(["Reads samples from files.", "- one", "- two"], help.Root!.Elements().Single().Element(maml + "description")!.Elements().Select(p => p.Value));
        Assert.Equal("Get-Sample ./a", help.Descendants(dev + "code").Single().Value);
        Assert.Equal("https://example.com/rules", help.Descendants(maml + "uri").Last().Value);
    }

    [Fact]
    public void An_about_topic_becomes_text_of_eighty_columns()
    {
        string text = AboutWriter.Write("about_Sample", $"""
            # about_Sample

            ## Short description
            A sample.

            ## Long description
            {string.Join(' ', Enumerable.Repeat("word", 60))}

            ### A part
            | key | meaning |
            |---|---|
            | `name` | the name |

            ```yaml
            name: x
            ```
            """);
        Assert.StartsWith("TOPIC\n    about_Sample\n\nSHORT DESCRIPTION\n    A sample.\n\nLONG DESCRIPTION\n    word", text, StringComparison.Ordinal);
        Assert.Contains("  A part\n    name\n        the name\n\n      name: x\n", text, StringComparison.Ordinal);
        Assert.All(text.Split('\n'), line => Assert.True(line.Length <= 80));
    }

    [Fact]
    public void An_about_topic_without_short_description_is_refused() =>
        Assert.Single(AboutWriter.Faults("# about_Sample\n\n## Long description\nText.\n"));

    [Fact]
    public void The_table_of_commands_is_made_anew_between_its_markers()
    {
        const string Begin = "<!-- begin commands: written by ./build.sh docs, do not edit -->\n";
        string readme = CommandTable.Update("# X\n" + Begin + "old\n<!-- end commands -->\nrest\n", [("Get-Repository", "Repository", "Lists a | b."), ("New-OmnibusPackage", "OmnibusPackage", "Builds.")]);
        Assert.Equal(
            "# X\n" + Begin + "| command | does |\n|---|---|\n| **Packages** | |\n| [New-OmnibusPackage](docs/en-US/New-OmnibusPackage.md) | Builds |\n"
                + "| **Repositories** | |\n| [Get-Repository](docs/en-US/Get-Repository.md) | Lists a \\| b |\n<!-- end commands -->\nrest\n",
            readme);
        Assert.Equal("no markers", CommandTable.Update("no markers", []));
    }

    private static IEnumerable<string> Faults(string text) => TopicCheck.Faults(s_cmdlet, HelpTopicReader.Read(text));
}
