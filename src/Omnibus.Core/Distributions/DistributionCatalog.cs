using Omnibus.Core.Compression;
using Omnibus.Core.Diagnostics;
using Omnibus.Core.Processes;
using Omnibus.Core.Recipes.Schema;
using Omnibus.Core.Recipes.Yaml;
using Omnibus.Core.Versions;

namespace Omnibus.Core.Distributions;

/// <summary>The distributions that can be built for: those that Omnibus brings, those of the user's and the machine's configuration, those of a recipe.</summary>
/// <remarks>
/// Configuration is <c>omnibus/distributions.yml</c> below <c>$XDG_CONFIG_DIRS</c> (<c>/etc/xdg</c>) and <c>$XDG_CONFIG_HOME</c> (<c>~/.config</c>), in the form of the
/// file that Omnibus brings. A definition of a known name changes that distribution; a new one may be <c>like</c> another.
/// </remarks>
public sealed class DistributionCatalog
{
    private const string ResourceName = "Omnibus.Core.distributions.yml";
    private static readonly Lazy<DistributionCatalog> s_shipped = new(LoadShipped);
    private readonly Dictionary<string, Distribution> _byName;

    private DistributionCatalog(IReadOnlyList<Distribution> all)
    {
        All = all;
        _byName = all.ToDictionary(d => d.Name, StringComparer.Ordinal);
    }

    /// <summary>The distributions that Omnibus brings.</summary>
    public static DistributionCatalog Shipped => s_shipped.Value;

    /// <summary>All distributions, in the order of their definition.</summary>
    public IReadOnlyList<Distribution> All { get; }

    /// <summary>What Omnibus brings and what the machine's and the user's configuration add.</summary>
    /// <exception cref="OmnibusException"><c>DistributionsInvalid</c>, or the id of the file's only mistake.</exception>
    public static DistributionCatalog Load()
    {
        DistributionCatalog catalog = Shipped;
        foreach (string file in ConfigurationFiles())
        {
            if (File.Exists(file))
            {
                catalog = catalog.WithFile(file);
            }
        }

        return catalog;
    }

    /// <summary>This catalogue and the definitions of a file.</summary>
    /// <exception cref="OmnibusException"><c>DistributionsNotFound</c>, <c>DistributionsInvalid</c>, or the id of the file's only mistake.</exception>
    public DistributionCatalog WithFile(string path) => WithText(YamlReader.ReadText(path, path, "DistributionsNotFound"), path);

    /// <summary>A distribution by name, or null.</summary>
    public Distribution? Find(string name) => _byName.GetValueOrDefault(name);

    /// <summary>A distribution by name.</summary>
    /// <exception cref="OmnibusException"><c>DistributionUnknown</c>; it names near ones.</exception>
    public Distribution Get(string name) => Find(name) ?? throw new OmnibusException(
        "DistributionUnknown",
        ErrorKind.NotFound,
        $"'{name}' is no known distribution{(Suggest(name) is { Length: > 0 } near ? near : ".")}",
        name,
        $"Known distributions: {string.Join(", ", All.Select(d => d.Name))}. Others can be added in omnibus/distributions.yml of your configuration folder.");

    /// <summary>Names that a recipe's overrides may be for: formats, families, distributions.</summary>
    internal IReadOnlyCollection<string> OverrideTargets =>
        All.SelectMany(d => new[] { FormatKey(d), d.Family, d.Name }).ToHashSet(StringComparer.Ordinal);

    /// <summary>The format's name in recipes: <c>deb</c>, <c>rpm</c>.</summary>
    internal static string FormatKey(Distribution distribution) => distribution.Format.ToLowerInvariant();

    /// <summary>The end of a message that names distributions near to a wrong name.</summary>
    internal string Suggest(string name)
    {
        IReadOnlyList<string> near = NearestName.FindAll(name, All.Select(d => d.Name), 3);
        return near.Count == 0 ? string.Empty : $"; did you mean {string.Join(" or ", near.Select(n => $"'{n}'"))}?";
    }

    /// <summary>This catalogue and further definitions.</summary>
    internal DistributionCatalog With(IEnumerable<DistributionSection> sections, YamlProblems problems)
    {
        List<Distribution> all = [.. All];
        foreach (DistributionSection section in sections)
        {
            Distribution? like = section.Like is null ? all.Find(d => d.Name == section.Name) : all.Find(d => d.Name == section.Like);
            if (section.Like is not null && like is null)
            {
                problems.Add("DistributionUnknown", section.At("like"), section.PathOf("like"), $"'{section.Like}' is no distribution that is defined before this one{Suggest(section.Like)}", kind: ErrorKind.NotFound);
                continue;
            }

            if (Resolve(section, like, problems) is { } distribution)
            {
                int known = all.FindIndex(d => d.Name == distribution.Name);
                if (known >= 0)
                {
                    all[known] = distribution;
                }
                else
                {
                    all.Add(distribution);
                }
            }
        }

        return new DistributionCatalog(all);
    }

    private static DistributionCatalog LoadShipped()
    {
        using Stream stream = typeof(DistributionCatalog).Assembly.GetManifestResourceStream(ResourceName)
            ?? throw new InvalidOperationException($"The resource {ResourceName} is missing.");
        using var reader = new StreamReader(stream);
        return new DistributionCatalog([]).WithText(reader.ReadToEnd(), "distributions.yml");
    }

    private static IEnumerable<string> ConfigurationFiles()
    {
        // The first of XDG_CONFIG_DIRS is the most important one, the user's own more important still: so from the back.
        string? set = Environment.GetEnvironmentVariable("XDG_CONFIG_DIRS");
        return (string.IsNullOrEmpty(set) ? "/etc/xdg" : set)
            .Split(':', StringSplitOptions.RemoveEmptyEntries)
            .Where(Path.IsPathFullyQualified)
            .Reverse()
            .Select(folder => Path.Join(folder, "omnibus"))
            .Append(UserFolders.Configuration)
            .Select(folder => Path.Join(folder, "distributions.yml"));
    }

    private DistributionCatalog WithText(string text, string file)
    {
        var problems = new YamlProblems(file);
        DistributionCatalog result = this;
        if (YamlReader.Read(text, file, problems) is { } root)
        {
            var document = new SectionBinder(problems, VariableScope.Off).Bind<DistributionsDocument>(root);
            result = problems.HasErrors ? this : With(document.Distributions, problems);
        }

        problems.ThrowIfAny("DistributionsInvalid");
        return result;
    }

    private static Distribution? Resolve(DistributionSection section, Distribution? like, YamlProblems problems)
    {
        string[] missing = [.. Missing(section, like)];
        if (missing.Length > 0)
        {
            problems.Add(
                "RecipeMissingKey",
                section.Place,
                section.KeyPath,
                $"the distribution '{section.Name}' lacks {string.Join(", ", missing.Select(m => $"'{m}'"))}",
                "Add them, or 'like' with the name of a distribution that is much the same.");
            return null;
        }

        bool isDeb = section.Format is { } format ? format == DistributionFormat.Deb : like!.Format == "Deb";
        VersionSpelling spelling = (section.Format, section.CaretVersions) switch
        {
            (null, null) => like!.VersionSpelling,
            _ when isDeb => VersionSpelling.Deb,
            (_, true) => VersionSpelling.Rpm,
            _ => VersionSpelling.RpmWithoutCaret,
        };
        CompressionKind compression = section.Compression ?? like!.Compression.Kind;
        return new Distribution
        {
            Name = section.Name,
            Title = section.Title ?? (section.Like is null ? like?.Title : null) ?? section.Name,
            Family = section.Family ?? like!.Family,
            OsId = section.OsId ?? like!.OsId,
            Version = section.Version ?? like!.Version,
            Codename = section.Codename ?? like?.Codename,
            DistTag = section.DistTag ?? like!.DistTag,
            Format = isDeb ? "Deb" : "Rpm",
            Architectures = section.Architectures ?? like!.Architectures,
            AnyArchitecture = isDeb ? "all" : "noarch",
            Compression = new CompressionSettings(compression),
            PayloadCompressions = section.PayloadCompressions ?? like!.PayloadCompressions,
            IndexCompressions = section.IndexCompressions ?? like!.IndexCompressions,
            Pythons = section.Pythons is { } pythons ? [.. pythons.Select(p => new DistributionPython(p.Version, p.Package, p.Interpreter))] : like!.Pythons,
            GlibcVersion = section.Glibc ?? like!.GlibcVersion,
            PackageManager = section.PackageManager is { } manager ? SectionSchema.WithDashes(manager.ToString()) : like!.PackageManager,
            SystemdUnitDirectory = section.SystemdUnits ?? like!.SystemdUnitDirectory,
            VersionSpelling = spelling,
        };
    }

    private static IEnumerable<string> Missing(DistributionSection section, Distribution? like)
    {
        if (like is not null)
        {
            return [];
        }

        (string Key, object? Value)[] needed =
        [
            ("family", section.Family), ("os-id", section.OsId), ("version", section.Version), ("dist-tag", section.DistTag),
            ("format", section.Format), ("architectures", section.Architectures), ("compression", section.Compression),
            ("payload-compressions", section.PayloadCompressions), ("index-compressions", section.IndexCompressions),
            ("pythons", section.Pythons), ("glibc", section.Glibc), ("package-manager", section.PackageManager), ("systemd-units", section.SystemdUnits),
        ];
        return needed.Where(n => n.Value is null).Select(n => n.Key);
    }
}
