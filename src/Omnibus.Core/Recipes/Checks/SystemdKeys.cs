namespace Omnibus.Core.Recipes.Checks;

/// <summary>Sections and keys that systemd knows in unit files.</summary>
internal static class SystemdKeys
{
    private const string ResourceName = "Omnibus.Core.systemd-keys.txt";
    private static readonly Lazy<Dictionary<string, HashSet<string>>> s_sections = new(Load);

    /// <summary>Names of all sections.</summary>
    public static IReadOnlyCollection<string> Sections => s_sections.Value.Keys;

    /// <summary>Keys of a section, or null when there is no such section.</summary>
    public static IReadOnlySet<string>? Find(string section) => s_sections.Value.GetValueOrDefault(section);

    private static Dictionary<string, HashSet<string>> Load()
    {
        using Stream stream = typeof(SystemdKeys).Assembly.GetManifestResourceStream(ResourceName)
            ?? throw new InvalidOperationException($"The resource {ResourceName} is missing.");
        using var reader = new StreamReader(stream);
        var sections = new Dictionary<string, HashSet<string>>(StringComparer.Ordinal);
        HashSet<string> current = [];
        while (reader.ReadLine() is { } line)
        {
            if (line.StartsWith('['))
            {
                sections.Add(line.Trim('[', ']'), current = new HashSet<string>(StringComparer.Ordinal));
            }
            else if (!line.StartsWith('#'))
            {
                current.UnionWith(line.Split(' ', StringSplitOptions.RemoveEmptyEntries));
            }
        }

        HashSet<string> resources = sections["resources"];
        HashSet<string> processes = sections["processes"];
        sections.Remove("resources");
        sections.Remove("processes");
        foreach (string name in new[] { "Service", "Socket", "Mount", "Swap", "Slice", "Scope" })
        {
            sections[name].UnionWith(resources);
        }

        foreach (string name in new[] { "Service", "Socket", "Mount", "Swap" })
        {
            sections[name].UnionWith(processes);
        }

        return sections;
    }
}
