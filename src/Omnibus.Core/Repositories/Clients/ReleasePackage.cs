using System.Globalization;
using System.Text;
using Omnibus.Core.Building;
using Omnibus.Core.Compression;
using Omnibus.Core.Diagnostics;
using Omnibus.Core.Distributions;
using Omnibus.Core.Packages;
using Omnibus.Core.Signing;

namespace Omnibus.Core.Repositories.Clients;

/// <summary>
/// Makes the package that makes a machine a client of a repository: where it is, the keys to check it with, and its testing channel,
/// switched off. The same repository, addresses, keys and version give the same bytes.
/// </summary>
public static class ReleasePackage
{
    private const string NameEnd = "-release";
    private const string TestingEnd = "-testing";

    /// <summary>Writes the package in the format that the repository holds.</summary>
    /// <param name="request">What it should be.</param>
    /// <param name="folder">Where; made when missing.</param>
    /// <param name="cancellationToken">Stops.</param>
    /// <exception cref="OmnibusException">
    /// <c>RepositoryUnsigned</c>, <c>RepositoryAddressInvalid</c>, <c>ReleasePackageNameInvalid</c>, <c>ReleasePackageMaintainerMissing</c>, <c>RepositoryTypeMismatch</c>, and
    /// those of <see cref="IPackageFormat.WriteAsync"/>.
    /// </exception>
    public static async Task<PackageFile> WriteAsync(ReleasePackageRequest request, string folder, CancellationToken cancellationToken)
    {
        Repository repository = request.Repository;
        IPackageFormat format = PackageFormats.Get(repository.Format.PackageFormat);
        Distribution? distribution = repository.Distribution is { } name ? DistributionCatalog.Load().Find(name) : null;
        PackageDefinition definition = Define(request, distribution);
        Directory.CreateDirectory(folder);

        // gzip is read by every package manager that is still in use.
        CompressionSettings compression = distribution?.Compression ?? new CompressionSettings(CompressionKind.Gzip);
        PackageFile package = await format.WriteAsync(definition, folder, new PackageWriteOptions(compression) { Force = request.Force }, cancellationToken).ConfigureAwait(false);
        return package with { Distribution = repository.Distribution };
    }

    private static PackageDefinition Define(ReleasePackageRequest request, Distribution? distribution)
    {
        Repository repository = request.Repository;
        if (repository.Configuration.SigningKeys.Count == 0 || request.Keys.Count == 0)
        {
            throw new OmnibusException(
                "RepositoryUnsigned",
                ErrorKind.Security,
                $"{repository.Location} is not signed: a package that makes machines trust it would make them trust anybody.",
                repository.Location,
                "Make a signed repository with New-Repository -SigningKey and copy the packages with Copy-RepoPackage.");
        }

        if (request.TestingRepository is { } testing && testing.Type != repository.Type)
        {
            throw new OmnibusException("RepositoryTypeMismatch", ErrorKind.InvalidArgument, $"{testing.Location} is of type {testing.Type}, {repository.Location} of type {repository.Type}.", testing.Location);
        }

        string name = NameOf(request);
        string id = name.EndsWith(NameEnd, StringComparison.Ordinal) ? name[..^NameEnd.Length] : name;
        string title = TitleOf(repository, id);
        List<ClientChannel> channels = [new ClientChannel(id, RepositoryAddress.Check(request.Address), repository.Configuration, request.Keys) { Title = title, MetadataExpire = request.MetadataExpire }];
        if (request.TestingAddress is { } address)
        {
            channels.Add(new ClientChannel(id + TestingEnd, RepositoryAddress.Check(address), (request.TestingRepository ?? repository).Configuration, request.TestingKeys ?? request.Keys)
            {
                Title = title + " (testing)",
                Enabled = false,
                MetadataExpire = request.MetadataExpire,
            });
        }

        DateTimeOffset time = BuildTimestamp.FromEnvironment() ?? channels.SelectMany(c => c.Keys).Max(k => k.Created);
        PackageVersion version = request.Version with { Release = request.Version.Release ?? "1" + distribution?.DistTag };
        string maintainer = request.Maintainer ?? MaintainerOf(request.Keys[0]);
        return new PackageDefinition
        {
            Name = name,
            Version = version,
            Architecture = repository.Format.AnyArchitecture,
            Summary = $"Source and keys of the {title} packages",
            Description = DescriptionOf(channels),
            Maintainer = maintainer,
            Vendor = repository.Configuration.Origin,
            License = request.License,
            Section = repository.Format.ClientSection,
            Relations = repository.Format.ClientRelations(channels),
            Entries = [.. repository.Format.ClientFiles(name, channels).Select(e => e with { ModifiedTime = time })],
            Changelog = [new ChangelogEntry(version.ToString(), time, maintainer, [$"Source and keys of {title}."])],
            Copyright = Copyright(name, maintainer, request.License, time),
            Timestamp = time,
            Distribution = repository.Distribution,
        };
    }

    private static string NameOf(ReleasePackageRequest request)
    {
        RepositoryConfiguration configuration = request.Repository.Configuration;
        string name = request.Name ?? Slug(configuration.Origin ?? configuration.Label ?? request.Repository.Location.TrimEnd('/').Split('/')[^1]) + NameEnd;
        bool valid = name.Length is > 1 and <= 100 && char.IsAsciiLetterOrDigit(name[0]) && name.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '-' or '.' or '+');
        return valid ? name : throw new OmnibusException(
            "ReleasePackageNameInvalid",
            ErrorKind.InvalidArgument,
            $"'{name}' cannot be the name of a package and of the files that it brings.",
            name,
            "Give -Name with lower-case letters, digits, '-', '.' and '+', beginning with a letter or digit: example-release.");
    }

    private static string Slug(string text)
    {
        var slug = new StringBuilder();
        foreach (char c in text.ToLowerInvariant())
        {
            bool plain = char.IsAsciiLetterOrDigit(c);
            if (plain || (slug.Length > 0 && slug[^1] != '-'))
            {
                slug.Append(plain ? c : '-');
            }
        }

        return slug.ToString().Trim('-');
    }

    // One line: it stands in the files of clients.
    private static string TitleOf(Repository repository, string id) =>
        string.Concat((repository.Configuration.Label ?? repository.Configuration.Origin ?? id).Select(c => char.IsControl(c) ? ' ' : c)).Trim();

    private static string MaintainerOf(SigningKey key) => key is { Name.Length: > 0, Email.Length: > 0 } ? $"{key.Name} <{key.Email}>" : throw new OmnibusException(
        "ReleasePackageMaintainerMissing",
        ErrorKind.InvalidArgument,
        $"Signing key {key} names no owner with a mail address who could maintain the package.",
        key.Fingerprint,
        "Give -Maintainer 'Name <mail@example.com>'.");

    private static string DescriptionOf(IReadOnlyList<ClientChannel> channels)
    {
        var text = new StringBuilder();
        text.Append("It tells the package manager where the packages are, and brings the keys to\ncheck them with:\n\n");
        text.AppendJoin("\n\n", channels.SelectMany(c => c.Keys).DistinctBy(k => k.Fingerprint).Select(k => k.Fingerprint));
        if (channels.Count > 1)
        {
            text.Append("\n\nThe testing channel is there too, switched off.");
        }

        return text.ToString();
    }

    private static string Copyright(string name, string maintainer, string license, DateTimeOffset time) => string.Create(
        CultureInfo.InvariantCulture,
        $"Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\nUpstream-Name: {name}\n\nFiles: *\nCopyright: {time.UtcDateTime.Year} {maintainer}\nLicense: {license}\n\nLicense: {license}\n Addresses and public keys, with no claim to authorship.\n");
}
