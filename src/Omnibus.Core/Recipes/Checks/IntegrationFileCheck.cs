using System.Globalization;
using System.Xml;
using Omnibus.Core.Diagnostics;
using Omnibus.Core.Recipes.Plans;

namespace Omnibus.Core.Recipes.Checks;

/// <summary>Holds files for firewalld and ufw against what those read; rsyslog's language is its own affair.</summary>
internal static class IntegrationFileCheck
{
    /// <summary>Checks a file.</summary>
    /// <param name="kind">Whose file it is.</param>
    /// <param name="name">Its name on the target.</param>
    /// <param name="text">Its text.</param>
    /// <param name="file">The file, as findings name it.</param>
    public static IReadOnlyList<Finding> Check(IntegrationKind kind, string name, string text, string file)
    {
        var findings = new List<Finding>();
        void Add(string id, int line, string message) => findings.Add(new Finding(id, FindingSeverity.Error, message, file) { Line = line, Column = 1 });
        switch (kind)
        {
            case IntegrationKind.Firewalld:
                CheckName(name, ".xml", "firewalld", Add);
                CheckFirewalld(text, Add);
                break;
            case IntegrationKind.Ufw:
                CheckUfw(text, Add);
                break;
            default:
                CheckName(name, ".conf", "rsyslog", Add);
                break;
        }

        return findings;
    }

    private static void CheckName(string name, string extension, string reader, Action<string, int, string> add)
    {
        if (!name.EndsWith(extension, StringComparison.Ordinal))
        {
            add("IntegrationNameInvalid", 1, $"{reader} reads only files that end in {extension}, not '{name}'");
        }
    }

    // firewalld.service(5).
    private static void CheckFirewalld(string text, Action<string, int, string> add)
    {
        try
        {
            using var reader = XmlReader.Create(new StringReader(text), new XmlReaderSettings { DtdProcessing = DtdProcessing.Prohibit, XmlResolver = null });
            reader.MoveToContent();
            if (reader.Name != "service")
            {
                add("FirewalldInvalid", 1, $"a firewalld service begins with <service>, not <{reader.Name}>");
                return;
            }

            while (reader.Read())
            {
                if (reader.NodeType == XmlNodeType.Element && reader.Name is "port" or "source-port")
                {
                    int line = ((IXmlLineInfo)reader).LineNumber;
                    string? port = reader.GetAttribute("port");
                    if (reader.GetAttribute("protocol") is not ("tcp" or "udp" or "sctp" or "dccp"))
                    {
                        add("FirewalldInvalid", line, $"<{reader.Name}> needs protocol=\"tcp\", udp, sctp or dccp");
                    }

                    if (!string.IsNullOrEmpty(port) && !port.Split('-').All(IsPort))
                    {
                        add("FirewalldInvalid", line, $"'{port}' is no port");
                    }
                }
            }
        }
        catch (XmlException e)
        {
            add("FirewalldInvalid", Math.Max(1, e.LineNumber), $"not well-formed XML: {e.Message}");
        }
    }

    // ufw(8), "APPLICATION INTEGRATION": [name], title=, description=, ports=.
    private static void CheckUfw(string text, Action<string, int, string> add)
    {
        var missing = new HashSet<string>(StringComparer.Ordinal);
        string? section = null;
        int start = 1;
        foreach (UnitLine line in UnitFile.Read(text))
        {
            if (line.Key is null && line.Value.Length == 0)
            {
                Finish();
                (section, start) = (line.Section, line.Line);
                missing.UnionWith(["title", "description", "ports"]);
            }
            else if (line.Key is null || line.Section is null)
            {
                add("UfwInvalid", line.Line, "neither [application] nor key=value below one");
            }
            else
            {
                missing.Remove(line.Key);
                if (line.Key == "ports" && !line.Value.Split('|').All(IsPorts))
                {
                    add("UfwInvalid", line.Line, $"'{line.Value}' are no ports; write them like 80,443/tcp|53");
                }
            }
        }

        Finish();
        if (section is null)
        {
            add("UfwInvalid", 1, "there is no [application] in it");
        }

        void Finish()
        {
            if (section is not null && missing.Count > 0)
            {
                add("UfwInvalid", start, $"[{section}] lacks {string.Join(", ", missing.Order(StringComparer.Ordinal).Select(m => m + "="))}");
            }

            missing.Clear();
        }
    }

    private static bool IsPorts(string text)
    {
        string[] parts = text.Split('/');
        return parts.Length is 1 or 2 && (parts.Length == 1 || parts[1] is "tcp" or "udp") && parts[0].Split(',', ':').All(IsPort);
    }

    private static bool IsPort(string text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int port) && port is > 0 and <= 65535;
}
