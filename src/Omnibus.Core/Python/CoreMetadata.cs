using System.Text;

namespace Omnibus.Core.Python;

/// <summary>Fields of a distribution's METADATA or WHEEL file (Core metadata specifications: mail header form).</summary>
public sealed class CoreMetadata
{
    private readonly List<KeyValuePair<string, string>> _fields = [];

    private CoreMetadata()
    {
    }

    /// <summary>Reads the headers; the body (the long description) is left alone.</summary>
    public static CoreMetadata Parse(TextReader reader)
    {
        var metadata = new CoreMetadata();
        string? name = null;
        var value = new StringBuilder();
        while (reader.ReadLine() is { Length: > 0 } line)
        {
            if (char.IsWhiteSpace(line[0]) && name is not null)
            {
                value.Append('\n').Append(line.Trim().TrimStart('|'));
                continue;
            }

            metadata.Add(name, value);
            int colon = line.IndexOf(':', StringComparison.Ordinal);
            name = colon > 0 ? line[..colon] : null;
            value.Clear().Append(colon > 0 ? line[(colon + 1)..].Trim() : string.Empty);
        }

        metadata.Add(name, value);
        return metadata;
    }

    /// <summary>The first value of a field, or null.</summary>
    public string? this[string name] => All(name).FirstOrDefault();

    /// <summary>Every value of a field.</summary>
    public IEnumerable<string> All(string name) =>
        _fields.Where(f => f.Key.Equals(name, StringComparison.OrdinalIgnoreCase)).Select(f => f.Value);

    private void Add(string? name, StringBuilder value)
    {
        if (name is not null)
        {
            _fields.Add(new(name, value.ToString()));
        }
    }
}
