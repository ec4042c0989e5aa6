using System.Text.RegularExpressions;
using Omnibus.Core.Compression;
using Omnibus.Core.Diagnostics;
using Omnibus.Core.Distributions;
using Omnibus.Core.Packages.Rpm;

namespace Omnibus.Core.Repositories.Yum;

/// <summary>What a yum repository demands of its configuration and of the packages that it takes.</summary>
internal static partial class YumRules
{
    /// <summary>Holds a configuration against the rules and fills in what was left out.</summary>
    /// <exception cref="OmnibusException"><c>RepositoryConfigurationInvalid</c>.</exception>
    public static RepositoryConfiguration Complete(RepositoryConfiguration configuration)
    {
        if (configuration.Components.Any(c => c.Length > 0))
        {
            throw RepositoryRules.Invalid("a yum repository has no components");
        }

        if (configuration.ValidFor is not null)
        {
            throw RepositoryRules.Invalid("yum metadata cannot say how long they are valid", "Clients can be told for how long their own copy counts as fresh: New-RepositoryPackage -MetadataExpire.");
        }

        RepositoryRules.CheckKeeping(configuration);

        string[] architectures = [.. configuration.Architectures.Where(a => a is not ("noarch" or "src"))];
        foreach (string architecture in architectures)
        {
            if (!ArchitecturePattern().IsMatch(architecture))
            {
                throw RepositoryRules.Invalid($"'{architecture}' cannot be the name of an architecture");
            }
        }

        YumConfiguration yum = configuration.Yum ?? new YumConfiguration();
        foreach (string tag in yum.ContentTags.Concat(yum.RepositoryTags).Concat(yum.DistributionTags))
        {
            if (string.IsNullOrWhiteSpace(tag) || tag.Any(char.IsControl))
            {
                throw RepositoryRules.Invalid($"'{tag}' cannot be a tag");
            }
        }

        return configuration with
        {
            Yum = yum,
            Components = [],
            Architectures = architectures.Length > 0 ? [.. architectures.Distinct()] : [RepositoryRules.HostArchitecture.Rpm],
            Compressions = [CompressionFor(configuration)],
        };
    }

    /// <summary>Makes a package's entries.</summary>
    /// <exception cref="OmnibusException"><c>PackageUnreadable</c>, <c>RepositoryArchitectureMismatch</c>, <c>RepositoryComponentUnknown</c>.</exception>
    public static YumPackage Prepare(PackageAddition addition, RepositoryConfiguration configuration, RpmPackage package)
    {
        if (!string.IsNullOrEmpty(addition.Component))
        {
            throw new OmnibusException("RepositoryComponentUnknown", ErrorKind.InvalidArgument, $"The repository has no component '{addition.Component}': yum knows none.", addition.Component);
        }

        string name = package.Header.GetString(RpmTag.Name)!;
        string version = PackageXml.VersionOf(package.Header);
        string architecture = package.Architecture;
        if (!NamePattern().IsMatch(name) || !VersionPattern().IsMatch(version) || !ArchitecturePattern().IsMatch(architecture))
        {
            throw new OmnibusException("PackageUnreadable", ErrorKind.InvalidData, $"{addition.Path} is no usable rpm: its name, version or architecture breaks rpm's rules.", addition.Path);
        }

        var identity = new PackageIdentity(string.Empty, name, version, architecture);
        if (architecture is not ("noarch" or "src"))
        {
            RepositoryRules.RequireArchitecture(configuration, addition.Path, identity);
        }

        (string usual, string byDigest) = YumLayout.PackageKeys(configuration, identity, package.Sha256!);
        var xml = new XmlBuffer();
        (byte[] before, byte[] after) = PackageXml.Primary(package, xml);
        return new YumPackage
        {
            Identity = identity,
            SourcePath = addition.Path,
            Size = package.FileSize,
            Sha256 = package.Sha256!,
            UsualKey = usual,
            DigestKey = byDigest,
            BeforeLocation = before,
            AfterLocation = after,
            Filelists = PackageXml.Filelists(package, xml),
            Other = PackageXml.Other(package, xml),
        };
    }

    // The best that the distribution's clients read; gzip where nothing is known, which all of them do.
    private static CompressionKind CompressionFor(RepositoryConfiguration configuration)
    {
        if (configuration.Compressions.Count > 0)
        {
            return configuration.Compressions[0];
        }

        Distribution? distribution = configuration.Distribution is { } name ? DistributionCatalog.Shipped.Find(name) : null;
        return distribution?.IndexCompressions is [var best, ..] ? best : CompressionKind.Gzip;
    }

    // They become part of a file name: no slash, and nothing that begins with a dot.
    [GeneratedRegex("^[A-Za-z0-9_][A-Za-z0-9._+-]{0,254}$")]
    private static partial Regex NamePattern();

    [GeneratedRegex("^(?:[0-9]{1,10}:)?[A-Za-z0-9][A-Za-z0-9._+~^]{0,127}-[A-Za-z0-9][A-Za-z0-9._+~^]{0,127}$")]
    private static partial Regex VersionPattern();

    [GeneratedRegex("^[A-Za-z0-9][A-Za-z0-9_]{0,63}$")]
    private static partial Regex ArchitecturePattern();
}
