using System.Globalization;
using System.Xml;

namespace Omnibus.Core.Repositories.Yum;

/// <summary>Reads the element that primary has for a package.</summary>
internal static class PackageElement
{
    private static readonly XmlReaderSettings s_settings = new()
    {
        ConformanceLevel = ConformanceLevel.Fragment,
        DtdProcessing = DtdProcessing.Prohibit,
        XmlResolver = null,
        IgnoreComments = true,
        IgnoreWhitespace = true,
        IgnoreProcessingInstructions = true,
    };

    private static readonly XmlParserContext s_context = MakeContext();

    /// <summary>The package as primary describes it.</summary>
    /// <param name="element">The element.</param>
    /// <param name="item">The index, for errors.</param>
    /// <exception cref="Diagnostics.OmnibusException"><c>RepositoryIndexInvalid</c>.</exception>
    public static PublishedPackage Read(byte[] element, string item)
    {
        PackageElementKey key = PackageElementKey.Of(element);
        if (!key.IsComplete)
        {
            throw PackageElementSplitter.Invalid(item, "a package has no name, version or architecture");
        }

        var fields = new List<KeyValuePair<string, string>>();
        string location = string.Empty;
        string checksum = string.Empty;
        long size = -1;
        try
        {
            using var stream = new MemoryStream(element, writable: false);
            using var reader = XmlReader.Create(stream, s_settings, s_context);
            string kind = string.Empty;
            while (!reader.EOF)
            {
                if (reader.NodeType != XmlNodeType.Element)
                {
                    reader.Read();
                    continue;
                }

                switch (reader.LocalName)
                {
                    case "checksum":
                        checksum = reader.GetAttribute("type") is "sha256" ? reader.ReadElementContentAsString().Trim() : Skip(reader);
                        continue;
                    case "size":
                        size = long.TryParse(reader.GetAttribute("package"), NumberStyles.None, CultureInfo.InvariantCulture, out long bytes) ? bytes : -1;
                        break;
                    case "location":
                        location = reader.GetAttribute("href") ?? string.Empty;
                        break;
                    case "time":
                        fields.Add(new("Build time", reader.GetAttribute("build") ?? string.Empty));
                        break;
                    case "entry":
                        fields.Add(new(kind, DescribeEntry(reader)));
                        break;
                    case "summary" or "description" or "packager" or "url" or "license" or "vendor" or "group" or "buildhost" or "sourcerpm" or "file":
                        string name = FieldName(reader.LocalName);
                        string value = reader.ReadElementContentAsString();
                        if (value.Length > 0)
                        {
                            fields.Add(new(name, value));
                        }

                        continue;
                    case "provides" or "requires" or "conflicts" or "obsoletes" or "suggests" or "enhances" or "recommends" or "supplements":
                        kind = FieldName(reader.LocalName);
                        break;
                }

                reader.Read();
            }
        }
        catch (XmlException e)
        {
            throw PackageElementSplitter.Invalid(item, $"the element of {key.ToIdentity()} is no XML: {e.Message}");
        }

        if (size < 0 || !YumLayout.IsSafeKey(location))
        {
            throw PackageElementSplitter.Invalid(item, $"{key.ToIdentity()} has no size, or its location '{location}' leads out of the repository");
        }

        return new PublishedPackage
        {
            Identity = key.ToIdentity(),
            Key = location,
            Size = size,
            Sha256 = checksum,
            Summary = Find(fields, "Summary") ?? string.Empty,
            Section = Find(fields, "Group"),
            Source = Find(fields, "Source RPM"),
            Fields = fields,
        };
    }

    /// <summary>The checksum that identifies the package, as it stands; empty when there is none.</summary>
    public static ReadOnlySpan<byte> PackageIdOf(ReadOnlySpan<byte> element)
    {
        int start = element.IndexOf("<checksum "u8);
        return start < 0 ? default : PackageElementKey.Between(element[start..], ">"u8, "</checksum>"u8);
    }

    /// <summary>The location of the package's file, decoded.</summary>
    public static string LocationOf(ReadOnlySpan<byte> element)
    {
        int start = element.IndexOf("<location "u8);
        return start < 0 ? string.Empty : PackageElementKey.Decode(PackageElementKey.Attribute(element[start..], " href="u8));
    }

    private static string Skip(XmlReader reader)
    {
        reader.Skip();
        return string.Empty;
    }

    private static string? Find(List<KeyValuePair<string, string>> fields, string name)
    {
        foreach ((string key, string value) in fields)
        {
            if (key == name)
            {
                return value;
            }
        }

        return null;
    }

    private static string DescribeEntry(XmlReader reader)
    {
        string name = reader.GetAttribute("name") ?? string.Empty;
        string op = reader.GetAttribute("flags") switch
        {
            "LT" => "<",
            "LE" => "<=",
            "EQ" => "=",
            "GE" => ">=",
            "GT" => ">",
            _ => string.Empty,
        };
        if (op.Length == 0)
        {
            return name;
        }

        string epoch = reader.GetAttribute("epoch") is { } e && e != "0" ? e + ":" : string.Empty;
        string release = reader.GetAttribute("rel") is { } r ? "-" + r : string.Empty;
        return $"{name} {op} {epoch}{reader.GetAttribute("ver")}{release}";
    }

    private static string FieldName(string element) => element switch
    {
        "sourcerpm" => "Source RPM",
        "buildhost" => "Build host",
        "url" => "URL",
        _ => char.ToUpperInvariant(element[0]) + element[1..],
    };

    private static XmlParserContext MakeContext()
    {
        var names = new XmlNamespaceManager(new NameTable());
        names.AddNamespace("rpm", "http://linux.duke.edu/metadata/rpm");
        return new XmlParserContext(names.NameTable, names, null, XmlSpace.None);
    }
}
