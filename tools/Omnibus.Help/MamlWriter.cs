using System.Globalization;
using System.Text;
using System.Xml;

namespace Omnibus.Help;

/// <summary>Writes the help file that Get-Help reads (MAML).</summary>
internal sealed class MamlWriter : IDisposable
{
    private const string Maml = "http://schemas.microsoft.com/maml/2004/10";
    private const string Command = "http://schemas.microsoft.com/maml/dev/command/2004/10";
    private const string Dev = "http://schemas.microsoft.com/maml/dev/2004/10";

    private static readonly ParameterDescription[] s_shouldProcess =
    [
        new("WhatIf", "SwitchParameter", true, false, ["wi"], [], [new ParameterPlace(null, false, null, false, false)]),
        new("Confirm", "SwitchParameter", true, false, ["cf"], [], [new ParameterPlace(null, false, null, false, false)]),
    ];

    private static readonly Dictionary<string, IReadOnlyList<string>> s_knownTexts = new(StringComparer.Ordinal)
    {
        ["WhatIf"] = ["Shows what would be done, and changes nothing."],
        ["Confirm"] = ["Asks before each change."],
    };

    private readonly XmlWriter _xml;

    /// <summary>Begins a file.</summary>
    public MamlWriter(Stream stream)
    {
        _xml = XmlWriter.Create(stream, new XmlWriterSettings { Indent = true, IndentChars = "  ", NewLineChars = "\n", Encoding = new UTF8Encoding(false) });
        _xml.WriteStartDocument();
        _xml.WriteStartElement("helpItems", "http://msh");
        _xml.WriteAttributeString("schema", "maml");
    }

    /// <summary>Adds a cmdlet.</summary>
    public void Write(CmdletDescription cmdlet, HelpTopic topic)
    {
        _xml.WriteStartElement("command", "command", Command);
        _xml.WriteAttributeString("xmlns", "maml", null, Maml);
        _xml.WriteAttributeString("xmlns", "dev", null, Dev);
        Element("command", "details", Command, () =>
        {
            _xml.WriteElementString("command", "name", Command, cmdlet.Name);
            _xml.WriteElementString("command", "verb", Command, cmdlet.Verb);
            _xml.WriteElementString("command", "noun", Command, cmdlet.Noun);
            Text("maml", "description", Maml, topic.Synopsis);
        });
        Text("maml", "description", Maml, topic.Description);
        WriteSyntax(cmdlet, topic);
        Element("command", "parameters", Command, () =>
        {
            foreach (ParameterDescription parameter in All(cmdlet).OrderBy(p => p.Name, StringComparer.Ordinal))
            {
                WriteParameter(parameter, parameter.Places[0], topic, inSyntax: false);
            }
        });
        WriteTypes("inputTypes", "inputType", topic.Inputs);
        WriteTypes("returnValues", "returnValue", topic.Outputs);
        if (topic.Notes.Count > 0)
        {
            Element("maml", "alertSet", Maml, () => Text("maml", "alert", Maml, topic.Notes));
        }

        WriteExamples(topic);
        WriteLinks(topic);
        _xml.WriteEndElement();
    }

    /// <summary>Ends the file.</summary>
    public void Dispose()
    {
        _xml.WriteEndDocument();
        _xml.Dispose();
    }

    private static IEnumerable<ParameterDescription> All(CmdletDescription cmdlet) =>
        cmdlet.SupportsShouldProcess ? cmdlet.Parameters.Concat(s_shouldProcess) : cmdlet.Parameters;

    private void WriteSyntax(CmdletDescription cmdlet, HelpTopic topic) => Element("command", "syntax", Command, () =>
    {
        foreach (string? set in cmdlet.Sets)
        {
            Element("command", "syntaxItem", Command, () =>
            {
                _xml.WriteElementString("maml", "name", Maml, cmdlet.Name);
                foreach ((ParameterDescription parameter, ParameterPlace place) in cmdlet.InSet(set))
                {
                    WriteParameter(parameter, place, topic, inSyntax: true);
                }

                foreach (ParameterDescription parameter in All(cmdlet).Skip(cmdlet.Parameters.Count))
                {
                    WriteParameter(parameter, parameter.Places[0], topic, inSyntax: true);
                }
            });
        }
    });

    private void WriteParameter(ParameterDescription parameter, ParameterPlace place, HelpTopic topic, bool inSyntax) =>
        Element("command", "parameter", Command, () =>
        {
            _xml.WriteAttributeString("required", Truth(place.Mandatory));
            _xml.WriteAttributeString("variableLength", "true");
            _xml.WriteAttributeString("globbing", Truth(parameter.Wildcards));
            _xml.WriteAttributeString("pipelineInput", SyntaxText.Pipeline(parameter));
            _xml.WriteAttributeString("position", place.Position?.ToString(CultureInfo.InvariantCulture) ?? "named");
            _xml.WriteAttributeString("aliases", parameter.Aliases.Count == 0 ? "none" : string.Join(", ", parameter.Aliases));
            _xml.WriteElementString("maml", "name", Maml, parameter.Name);
            Text("maml", "description", Maml, s_knownTexts.GetValueOrDefault(parameter.Name) ?? topic.Parameters.First(p => p.Key == parameter.Name).Value);
            if (inSyntax && parameter.AcceptedValues.Count > 0)
            {
                Element("command", "parameterValueGroup", Command, () =>
                {
                    foreach (string value in parameter.AcceptedValues)
                    {
                        WriteValue(value, required: false);
                    }
                });
            }

            if (!(inSyntax && parameter.IsSwitch))
            {
                WriteValue(parameter.TypeName, required: !parameter.IsSwitch);
            }

            Element("dev", "type", Dev, () =>
            {
                _xml.WriteElementString("maml", "name", Maml, parameter.TypeName);
                _xml.WriteElementString("maml", "uri", Maml, string.Empty);
            });
            _xml.WriteElementString("dev", "defaultValue", Dev, topic.Defaults.GetValueOrDefault(parameter.Name) ?? (parameter.IsSwitch ? "False" : "None"));
        });

    private void WriteValue(string text, bool required)
    {
        _xml.WriteStartElement("command", "parameterValue", Command);
        _xml.WriteAttributeString("required", Truth(required));
        _xml.WriteAttributeString("variableLength", "false");
        _xml.WriteString(text);
        _xml.WriteEndElement();
    }

    private void WriteTypes(string list, string item, IReadOnlyList<KeyValuePair<string, IReadOnlyList<string>>> types) => Element("command", list, Command, () =>
    {
        foreach ((string type, IReadOnlyList<string> text) in types)
        {
            Element("command", item, Command, () =>
            {
                Element("dev", "type", Dev, () => _xml.WriteElementString("maml", "name", Maml, type));
                Text("maml", "description", Maml, text);
            });
        }
    });

    private void WriteExamples(HelpTopic topic) => Element("command", "examples", Command, () =>
    {
        foreach (HelpExample example in topic.Examples)
        {
            Element("command", "example", Command, () =>
            {
                _xml.WriteElementString("maml", "title", Maml, example.Title);
                _xml.WriteElementString("dev", "code", Dev, example.Code);
                Text("dev", "remarks", Dev, example.Text);
            });
        }
    });

    private void WriteLinks(HelpTopic topic) => Element("command", "relatedLinks", Command, () =>
    {
        foreach ((string text, string address) in topic.Links)
        {
            Element("maml", "navigationLink", Maml, () =>
            {
                _xml.WriteElementString("maml", "linkText", Maml, text);
                _xml.WriteElementString("maml", "uri", Maml, address.Contains("://", StringComparison.Ordinal) ? address : string.Empty);
            });
        }
    });

    private void Text(string prefix, string name, string space, IReadOnlyList<string> paragraphs) => Element(prefix, name, space, () =>
    {
        foreach (string paragraph in paragraphs)
        {
            _xml.WriteElementString("maml", "para", Maml, paragraph);
        }
    });

    private void Element(string prefix, string name, string space, Action content)
    {
        _xml.WriteStartElement(prefix, name, space);
        content();
        _xml.WriteEndElement();
    }

    private static string Truth(bool value) => value ? "true" : "false";
}
