using System.Text.RegularExpressions;
using Omnibus.Core.Diagnostics;
using Omnibus.Core.Packages;
using Omnibus.Core.Repositories.Storage;

namespace Omnibus.Core.Repositories.Publishing;

/// <summary>Where below a destination packages go: a template of keys, and the suffix that keeps test versions apart from releases.</summary>
/// <param name="Template">Folders with the fields <c>{distribution}</c>, <c>{suffix}</c>, <c>{version}</c>, <c>{architecture}</c>; empty: the destination itself.</param>
/// <param name="Suffix">Suffix for every package; null: <c>-testing</c> for versions that are no release, none for releases.</param>
public sealed partial record PublishChannel(string Template, string? Suffix = null)
{
    /// <summary>One folder a distribution, version and architecture, with <c>-testing</c> beside.</summary>
    public const string UsualTemplate = "{distribution}{suffix}/{version}/{architecture}";

    /// <summary>The suffix of what is no release.</summary>
    public const string TestingSuffix = "-testing";

    /// <summary>The usual channel.</summary>
    public static PublishChannel Usual { get; } = new(UsualTemplate);

    /// <summary>The destination itself.</summary>
    public static PublishChannel Direct { get; } = new(string.Empty);

    /// <summary>Whether packages of several architectures go to several places.</summary>
    public bool PartsArchitectures => Template.Contains("{architecture}", StringComparison.Ordinal);

    /// <summary>Whether releases and test versions go to several places.</summary>
    public bool PartsReleases => Suffix is null && Template.Contains("{suffix}", StringComparison.Ordinal);

    /// <summary>Whether a package's version is a release, by the spellings of both version schemes: no <c>~</c>, no release that begins with <c>0.</c>, no commits after the tag, not dirty.</summary>
    public static bool IsRelease(string version)
    {
        PackageVersion parts = PackageVersion.Parse(version);
        return !parts.Upstream.Contains('~', StringComparison.Ordinal)
            && !AfterTag().IsMatch(parts.Upstream)
            && (parts.Release is not { } release || !(release.StartsWith("0.", StringComparison.Ordinal) || AfterTag().IsMatch(release)));
    }

    /// <summary>The folder below a destination.</summary>
    /// <param name="distribution">Name of the distribution, <c>centos-7</c>: what follows the last dash is its version.</param>
    /// <param name="architecture">Architecture in the format's own name.</param>
    /// <param name="release">Whether the packages are releases.</param>
    /// <exception cref="OmnibusException"><c>PublishChannelInvalid</c>, <c>PublishDistributionUnknown</c>.</exception>
    public string Expand(string? distribution, string architecture, bool release)
    {
        string folder = Field().Replace(Template, match => match.Groups[1].Value switch
        {
            "distribution" => Part(distribution, first: true),
            "version" => Part(distribution, first: false),
            "architecture" => architecture,
            "suffix" => Suffix ?? (release ? string.Empty : TestingSuffix),
            string other => throw Invalid($"'{{{other}}}' is no field of a channel"),
        }).Trim('/');
        try
        {
            return folder.Length == 0 ? folder : ObjectKey.Check(folder);
        }
        catch (OmnibusException e)
        {
            throw Invalid(e.Message);
        }
    }

    private string Part(string? distribution, bool first)
    {
        int dash = distribution?.LastIndexOf('-') ?? -1;
        if (dash <= 0)
        {
            throw new OmnibusException(
                "PublishDistributionUnknown",
                ErrorKind.InvalidArgument,
                $"The channel '{Template}' names the distribution, and the repository is for none.",
                distribution,
                "Create the repository with -Distribution, or give a -Channel without {distribution} and {version}; an empty one publishes to the destination itself.");
        }

        return first ? distribution![..dash] : distribution![(dash + 1)..];
    }

    private OmnibusException Invalid(string why) => new(
        "PublishChannelInvalid",
        ErrorKind.InvalidArgument,
        $"The channel '{Template}' cannot be used: {why}.",
        Template,
        $"Its fields are {{distribution}}, {{suffix}}, {{version}} and {{architecture}}; the usual one is {UsualTemplate}.");

    [GeneratedRegex(@"\{([^}]*)\}")]
    private static partial Regex Field();

    // Commits after a tag, or a tree with changes: "1.99.g3d644b1", "1.4.0+3.gabcdef0", "1.dirty".
    [GeneratedRegex(@"(^|[.+^])(g[0-9a-f]{4,40}|dirty|dev\.?[0-9]*|rc\.?[0-9]+)($|[.+])")]
    private static partial Regex AfterTag();
}
