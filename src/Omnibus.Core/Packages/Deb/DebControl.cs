using System.Globalization;
using System.Text;

namespace Omnibus.Core.Packages.Deb;

/// <summary>A file of control.tar.</summary>
internal sealed record DebControlFile(string Name, int Mode, byte[] Content);

/// <summary>Turns a definition into the files of control.tar.</summary>
internal static class DebControl
{
    /// <summary>The fields that Omnibus writes itself, so that a custom field cannot name them.</summary>
    internal static readonly string[] StandardFields =
    [
        "Package", "Source", "Version", "Architecture", "Maintainer", "Installed-Size", "Pre-Depends", "Depends", "Recommends", "Suggests",
        "Enhances", "Conflicts", "Breaks", "Replaces", "Provides", "Section", "Priority", "Multi-Arch", "Homepage", "Description",
    ];

    /// <summary>The scripts that dpkg knows, by their file's name.</summary>
    internal static readonly (ScriptKind Kind, string File)[] Scripts =
    [
        (ScriptKind.PreInstall, "preinst"),
        (ScriptKind.PostInstall, "postinst"),
        (ScriptKind.PreRemove, "prerm"),
        (ScriptKind.PostRemove, "postrm"),
        (ScriptKind.Config, "config"),
    ];

    private const int DescriptionWidth = 79;

    /// <summary>The control file.</summary>
    public static ControlStanza CreateStanza(PackageDefinition definition, long installedSize)
    {
        var stanza = new ControlStanza();
        stanza.Add("Package", definition.Name);
        stanza.AddUnlessEmpty("Source", definition.SourceName == definition.Name ? null : definition.SourceName);
        stanza.Add("Version", definition.Version.ToString());
        stanza.Add("Architecture", definition.Architecture);
        stanza.Add("Maintainer", definition.Maintainer);
        stanza.Add("Installed-Size", installedSize.ToString(CultureInfo.InvariantCulture));
        foreach ((string field, RelationKind kind) in DebRelation.Fields)
        {
            stanza.AddUnlessEmpty(field, DebRelation.Format(definition.Relations, kind));
        }

        stanza.Add("Section", definition.Section ?? "misc");
        stanza.Add("Priority", definition.Priority);
        stanza.AddUnlessEmpty("Multi-Arch", definition.MultiArch);
        stanza.AddUnlessEmpty("Homepage", definition.Homepage);
        foreach ((string name, string value) in definition.CustomFields)
        {
            stanza.Add(name, value);
        }

        stanza.Add("Description", Description(definition.Summary, definition.Description));
        return stanza;
    }

    /// <summary>The files of control.tar in order, with their modes.</summary>
    /// <param name="definition">The package.</param>
    /// <param name="payload">Its files.</param>
    /// <param name="sums">The md5sums file.</param>
    public static IReadOnlyList<DebControlFile> CreateFiles(PackageDefinition definition, DebPayload payload, byte[] sums)
    {
        const int PlainMode = 0b110_100_100;
        const int ScriptMode = 0b111_101_101;
        var files = new List<DebControlFile>
        {
            new("control", PlainMode, Encoding.UTF8.GetBytes(CreateStanza(definition, payload.InstalledSize).ToString())),
        };
        void Add(string name, string text, int mode)
        {
            if (text.Length > 0)
            {
                files.Add(new DebControlFile(name, mode, Encoding.UTF8.GetBytes(text)));
            }
        }

        Add("conffiles", Conffiles(payload), PlainMode);
        Add("triggers", Triggers(definition), PlainMode);
        if (sums.Length > 0)
        {
            files.Add(new DebControlFile("md5sums", PlainMode, sums));
        }

        foreach ((ScriptKind kind, string file) in Scripts)
        {
            if (definition.Scripts.FirstOrDefault(s => s.Kind == kind) is { } script)
            {
                Add(file, ScriptText(script), ScriptMode);
            }
        }

        files.Sort((a, b) => string.CompareOrdinal(a.Name, b.Name));
        return files;
    }

    /// <summary>The value of Description: the summary, then the text with a blank before each line and <c>.</c> for an empty one.</summary>
    internal static string Description(string summary, string? text)
    {
        var value = new StringBuilder(summary.Trim());
        bool empty = true;
        bool pendingBlank = false;
        foreach (ReadOnlySpan<char> raw in (string.IsNullOrWhiteSpace(text) ? summary.Trim().TrimEnd('.') + "." : text).AsSpan().EnumerateLines())
        {
            ReadOnlySpan<char> line = raw.TrimEnd();
            if (line.IsEmpty)
            {
                pendingBlank = !empty;
                continue;
            }

            if (pendingBlank)
            {
                value.Append("\n .");
                pendingBlank = false;
            }

            empty = false;
            if (line[0] is ' ' or '\t' || line.Length < DescriptionWidth)
            {
                // A line that begins with a blank is shown as it is.
                value.Append("\n ").Append(line[0] == '.' ? " " : string.Empty).Append(line);
            }
            else
            {
                AppendWrapped(value, line);
            }
        }

        return value.ToString();
    }

    private static void AppendWrapped(StringBuilder value, ReadOnlySpan<char> line)
    {
        int width = DescriptionWidth;
        foreach (string word in line.ToString().Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            if (width + 1 + word.Length > DescriptionWidth)
            {
                value.Append("\n ").Append(word[0] == '.' ? " " : string.Empty);
                width = 1;
            }
            else
            {
                value.Append(' ');
                width++;
            }

            value.Append(word);
            width += word.Length;
        }
    }

    private static string Conffiles(DebPayload payload)
    {
        var text = new StringBuilder();
        foreach (DebPayloadItem item in payload.Items)
        {
            if (item.IsConffile)
            {
                text.Append(item.Path).Append('\n');
            }
        }

        foreach (string path in payload.RemovedConffiles)
        {
            text.Append("remove-on-upgrade ").Append(path).Append('\n');
        }

        return text.ToString();
    }

    private static string Triggers(PackageDefinition definition)
    {
        var text = new StringBuilder();
        foreach (PackageTrigger trigger in definition.Triggers)
        {
            if (trigger.Kind == TriggerKind.Deb)
            {
                foreach (RelationTarget target in trigger.Targets)
                {
                    text.Append(trigger.Directive).Append(' ').Append(target.Name).Append('\n');
                }
            }
        }

        return text.ToString();
    }

    private static string ScriptText(PackageScript script)
    {
        string text = script.Text.Replace("\r\n", "\n", StringComparison.Ordinal);
        if (!text.StartsWith("#!", StringComparison.Ordinal))
        {
            text = script.Interpreter is { Count: > 0 }
                ? $"#!{string.Join(' ', script.Interpreter)}\n{text}"
                : $"#!/bin/sh\nset -e\n{text}";
        }

        return text.EndsWith('\n') ? text : text + "\n";
    }
}
