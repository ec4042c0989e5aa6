using System.Text.RegularExpressions;
using Omnibus.Core.Diagnostics;
using Omnibus.Core.Packages.Deb;

namespace Omnibus.Core.Repositories.Apt;

/// <summary>What an apt repository demands of its configuration and of the packages that it takes.</summary>
internal static partial class AptRules
{
    /// <summary>Holds a configuration against the rules and fills in what was left out.</summary>
    /// <exception cref="OmnibusException"><c>RepositoryConfigurationInvalid</c>.</exception>
    public static RepositoryConfiguration Complete(RepositoryConfiguration configuration)
    {
        AptConfiguration apt = configuration.Apt ?? new AptConfiguration { Codename = CodenameFor(configuration.Distribution) };
        if (!NamePattern().IsMatch(apt.Codename) || (apt.Suite is { } suite && !NamePattern().IsMatch(suite)))
        {
            throw RepositoryRules.Invalid($"'{(NamePattern().IsMatch(apt.Codename) ? apt.Suite : apt.Codename)}' cannot be a codename or suite");
        }

        bool flat = configuration.Layout == RepositoryLayout.Flat;
        IReadOnlyList<string> components = flat ? [] : configuration.Components.Count > 0 ? configuration.Components : ["main"];
        IReadOnlyList<string> architectures = configuration.Architectures.Count > 0 ? configuration.Architectures : [RepositoryRules.HostArchitecture.Deb];
        CheckNames(components, "component", name => NamePattern().IsMatch(name));
        CheckNames(architectures, "architecture", name => ArchitecturePattern().IsMatch(name) && name is not ("all" or "any" or "source"));
        foreach ((string field, string? value) in new[] { ("origin", configuration.Origin), ("label", configuration.Label), ("description", configuration.Description), ("version", apt.Version) })
        {
            if (value is not null && (value.Any(char.IsControl) || value.Trim() != value))
            {
                throw RepositoryRules.Invalid($"the {field} '{value}' must be one line without blanks around it");
            }
        }

        if (apt.SignedBy.FirstOrDefault(f => !FingerprintPattern().IsMatch(f)) is { } fingerprint)
        {
            throw RepositoryRules.Invalid($"'{fingerprint}' is no fingerprint");
        }

        if (configuration.ValidFor is { } validFor && validFor < TimeSpan.FromMinutes(1))
        {
            throw RepositoryRules.Invalid("a state must be valid for at least a minute");
        }

        RepositoryRules.CheckKeeping(configuration);

        return configuration with
        {
            Apt = apt,
            Components = components,
            Architectures = architectures,
            Compressions = [.. configuration.Compressions.Distinct()],
        };
    }

    /// <summary>Makes a package's entry.</summary>
    /// <exception cref="OmnibusException"><c>PackageUnreadable</c>, <c>RepositoryArchitectureMismatch</c>, <c>RepositoryComponentUnknown</c>.</exception>
    public static AptPackage Prepare(PackageAddition addition, RepositoryConfiguration configuration, ControlStanza control, DebPackageScan scan)
    {
        string name = Field(control, "Package", PackagePattern(), addition.Path);
        string version = Field(control, "Version", VersionPattern(), addition.Path);
        string architecture = Field(control, "Architecture", ArchitecturePattern(), addition.Path);
        string component = ComponentOf(addition, configuration);
        var identity = new PackageIdentity(component, name, version, architecture);
        if (architecture != "all")
        {
            RepositoryRules.RequireArchitecture(configuration, addition.Path, identity);
        }

        if (addition.PhasedUpdatePercentage is < 0 or > 100)
        {
            throw new OmnibusException("RepositoryPhaseInvalid", ErrorKind.InvalidArgument, $"{addition.PhasedUpdatePercentage} is no percentage from 0 to 100.", addition.Path);
        }

        (string usual, string byDigest) = new AptLayout(configuration).PackageKeys(identity, SourceName(control, name, addition.Path), scan.Sha256);
        (byte[] before, byte[] after) = PackagesStanza.Make(control.Fields, scan.Size, scan.Sha256, addition.PhasedUpdatePercentage, configuration.Apt!.Translations);
        return new AptPackage
        {
            Identity = identity,
            SourcePath = addition.Path,
            Size = scan.Size,
            Sha256 = scan.Sha256,
            UsualKey = usual,
            DigestKey = byDigest,
            BeforeFilename = before,
            AfterFilename = after,
            ChangesFields = addition.PhasedUpdatePercentage is not null,
            FileList = ContentsLines.ListOf(scan.Files),
            Section = control["Section"],
            Description = configuration.Apt!.Translations ? control["Description"] : null,
        };
    }

    /// <summary>Makes a source package's entry.</summary>
    /// <exception cref="OmnibusException"><c>PackageUnreadable</c>, <c>RepositoryComponentUnknown</c>.</exception>
    public static AptPackage PrepareSource(PackageAddition addition, RepositoryConfiguration configuration, SourcePackage source)
    {
        string name = Field(source.Control, "Source", PackagePattern(), addition.Path);
        string version = Field(source.Control, "Version", VersionPattern(), addition.Path);
        var identity = new PackageIdentity(ComponentOf(addition, configuration), name, version, AptIndex.SourceArchitecture);
        (string usual, string byDigest) = new AptLayout(configuration).PackageKeys(identity, name, source.Sha256);
        string file = usual[(usual.LastIndexOf('/') + 1)..];
        if (Path.GetFileName(addition.Path) != file)
        {
            throw Unusable(addition.Path, $"it describes {name} {version}, whose file is named {file}");
        }

        (byte[] before, byte[] after) = SourcesStanza.Make(source.Control, source.Dsc);
        return new AptPackage
        {
            Identity = identity,
            SourcePath = addition.Path,
            Size = source.Size,
            Sha256 = source.Sha256,
            UsualKey = usual,
            DigestKey = byDigest,
            BeforeFilename = before,
            AfterFilename = after,
            MoreFiles = source.Files,
        };
    }

    private static string ComponentOf(PackageAddition addition, RepositoryConfiguration configuration)
    {
        string component = addition.Component ?? (configuration.Components.Count > 0 ? configuration.Components[0] : string.Empty);
        if (component.Length > 0 && !configuration.Components.Contains(component, StringComparer.Ordinal))
        {
            throw new OmnibusException(
                "RepositoryComponentUnknown",
                ErrorKind.InvalidArgument,
                $"The repository has no component '{component}'{(configuration.Components.Count > 0 ? $", only {string.Join(", ", configuration.Components)}" : ": it is flat")}.",
                component);
        }

        return component;
    }

    // "Source: name (version)" where the version differs from the package's.
    private static string SourceName(ControlStanza control, string name, string item)
    {
        string source = control["Source"] ?? name;
        int blank = source.IndexOfAny([' ', '(']);
        source = blank < 0 ? source : source[..blank];
        return PackagePattern().IsMatch(source) ? source : throw Unusable(item, $"its Source '{source}' is no package name");
    }

    private static string Field(ControlStanza control, string name, Regex pattern, string item)
    {
        string value = control[name] ?? throw Unusable(item, $"it has no {name}");
        return pattern.IsMatch(value) ? value : throw Unusable(item, $"its {name} '{(value.Length > 80 ? value[..80] : value)}' breaks Debian's rules");
    }

    private static OmnibusException Unusable(string item, string what) => new("PackageUnreadable", ErrorKind.InvalidData, $"{item} is no usable package: {what}.", item);

    private static void CheckNames(IReadOnlyList<string> names, string kind, Func<string, bool> isValid)
    {
        foreach (string name in names)
        {
            if (!isValid(name))
            {
                throw RepositoryRules.Invalid($"'{name}' cannot be the name of {(kind[0] == 'a' ? "an" : "a")} {kind}");
            }
        }

        if (names.Distinct(StringComparer.Ordinal).Count() != names.Count)
        {
            throw RepositoryRules.Invalid($"one {kind} is named twice");
        }
    }

    private static string CodenameFor(string? distribution) => distribution ?? "stable";

    [GeneratedRegex("^[A-Za-z0-9][A-Za-z0-9.+_~-]{0,127}$")]
    private static partial Regex NamePattern();

    // 40 digits, 64 for keys of version 6; "!" means this very subkey (sources.list(5)).
    [GeneratedRegex("^(?:[0-9A-Fa-f]{40}|[0-9A-Fa-f]{64})!?$")]
    private static partial Regex FingerprintPattern();

    [GeneratedRegex("^[a-z0-9][a-z0-9-]{0,63}$")]
    private static partial Regex ArchitecturePattern();

    // Debian Policy 5.6.1 asks for lower case; dpkg takes both.
    [GeneratedRegex("^[A-Za-z0-9][A-Za-z0-9.+-]{0,127}$")]
    private static partial Regex PackagePattern();

    // deb-version(7). Not ".." and no slash: it becomes part of a file name.
    [GeneratedRegex("^(?:[0-9]{1,10}:)?[A-Za-z0-9.+~:-]{1,200}$")]
    private static partial Regex VersionPattern();
}
