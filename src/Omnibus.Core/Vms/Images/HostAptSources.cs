using System.Text.RegularExpressions;
using Omnibus.Core.Diagnostics;

namespace Omnibus.Core.Vms.Images;

/// <summary>Finds the archives of a distribution in the host's own apt configuration, so that images come from the mirror that the host uses.</summary>
public sealed partial class HostAptSources
{
    private const int FileLimit = 1024 * 1024;
    private readonly IReadOnlyList<AptSource> _sources;
    private readonly string? _hostCodename;

    internal HostAptSources(IReadOnlyList<AptSource> sources, string? hostCodename)
    {
        _sources = sources;
        _hostCodename = hostCodename;
    }

    /// <summary>Reads /etc/apt and /etc/os-release under a root.</summary>
    /// <param name="root">The file system's root; another one in tests.</param>
    public static HostAptSources Read(string root = "/")
    {
        var sources = new List<AptSource>();
        string folder = Path.Combine(root, "etc/apt");
        foreach (string file in new[] { Path.Combine(folder, "sources.list") }.Concat(Parts(Path.Combine(folder, "sources.list.d"))))
        {
            if (new FileInfo(file) is { Exists: true, Length: <= FileLimit })
            {
                string text = File.ReadAllText(file);
                sources.AddRange(file.EndsWith(".sources", StringComparison.Ordinal) ? ParseStanzas(text) : ParseLines(text));
            }
        }

        string release = Path.Combine(root, "etc/os-release");
        Match codename = Codename().Match(File.Exists(release) ? File.ReadAllText(release) : string.Empty);
        return new HostAptSources(sources, codename.Success ? codename.Groups[1].Value : null);
    }

    /// <summary>The archives of a release: those configured for it, or those of the host's own release with the codename exchanged.</summary>
    /// <param name="osId"><c>debian</c> or <c>ubuntu</c>.</param>
    /// <param name="codename">For example <c>trixie</c>.</param>
    /// <param name="mirror">Root of a mirror that is used instead, or null.</param>
    /// <exception cref="OmnibusException"><c>MirrorUnknown</c>.</exception>
    public IReadOnlyList<AptSource> For(string osId, string codename, string? mirror = null)
    {
        string[] components = osId == "ubuntu" ? ["main", "universe"] : ["main"];
        if (mirror is not null)
        {
            return [new AptSource(mirror.TrimEnd('/'), codename, components), new AptSource(mirror.TrimEnd('/'), codename + "-updates", components)];
        }

        foreach (string? known in new[] { codename, _hostCodename })
        {
            if (known is null)
            {
                continue;
            }

            AptSource[] found = [.. _sources
                .Where(source => IsOf(source, osId, known))
                .Select(source => new AptSource(source.Uri.TrimEnd('/'), codename + source.Suite[known.Length..], components))
                .DistinctBy(source => source.ToString())];
            if (found.Any(source => source.Suite == codename))
            {
                return found;
            }
        }

        throw new OmnibusException(
            "MirrorUnknown",
            ErrorKind.NotFound,
            $"The host's apt configuration names no archive of {osId} {codename}.",
            codename,
            "Give one with -Mirror, or add it to /etc/apt/sources.list.d.");
    }

    // Suites of the distribution itself, from an archive that is named as the distribution's archives are: other vendors use its codenames too.
    private static bool IsOf(AptSource source, string osId, string codename) =>
        source.Components.Contains("main")
        && (source.Suite == codename || source.Suite == codename + "-updates" || source.Suite == codename + "-security")
        && source.Uri.TrimEnd('/').Split('/')[^1].Split('-')[0] == osId;

    private static IEnumerable<string> Parts(string folder) =>
        Directory.Exists(folder)
            ? Directory.EnumerateFiles(folder).Where(file => file.EndsWith(".list", StringComparison.Ordinal) || file.EndsWith(".sources", StringComparison.Ordinal)).Order(StringComparer.Ordinal)
            : [];

    private static IEnumerable<AptSource> ParseLines(string text)
    {
        foreach (string line in text.Split('\n'))
        {
            string[] words = Options().Replace(line.Split('#')[0], " ").Split((char[])[' ', '\t', '\r'], StringSplitOptions.RemoveEmptyEntries);
            if (words.Length >= 3 && words[0] == "deb")
            {
                yield return new AptSource(words[1], words[2], words[3..]);
            }
        }
    }

    private static IEnumerable<AptSource> ParseStanzas(string text)
    {
        foreach (string stanza in Blank().Split(text.Replace("\r", string.Empty, StringComparison.Ordinal)))
        {
            var fields = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
            string? last = null;
            foreach (string line in stanza.Split('\n').Where(line => !line.StartsWith('#')))
            {
                int colon = line.IndexOf(':', StringComparison.Ordinal);
                if (line.StartsWith(' ') || line.StartsWith('\t'))
                {
                    if (last is not null)
                    {
                        fields[last] += " " + line.Trim();
                    }
                }
                else if (colon > 0)
                {
                    last = line[..colon];
                    fields[last] = line[(colon + 1)..].Trim();
                }
            }

            if (!Words(fields, "Types").Contains("deb") || Words(fields, "Enabled") is ["no"])
            {
                continue;
            }

            foreach (string uri in Words(fields, "URIs"))
            {
                foreach (string suite in Words(fields, "Suites"))
                {
                    yield return new AptSource(uri, suite, Words(fields, "Components"));
                }
            }
        }
    }

    private static string[] Words(Dictionary<string, string> fields, string name) =>
        fields.TryGetValue(name, out string? value) ? value.Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries) : [];

    [GeneratedRegex(@"\[[^\]]*\]", RegexOptions.CultureInvariant)]
    private static partial Regex Options();

    [GeneratedRegex(@"\n[ \t]*\n", RegexOptions.CultureInvariant)]
    private static partial Regex Blank();

    [GeneratedRegex("^VERSION_CODENAME=\"?([a-z]+)\"?\\s*$", RegexOptions.Multiline | RegexOptions.CultureInvariant)]
    private static partial Regex Codename();
}
