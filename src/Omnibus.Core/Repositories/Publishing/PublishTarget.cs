namespace Omnibus.Core.Repositories.Publishing;

/// <summary>One place of a publication, and the packages that belong there.</summary>
/// <param name="Location">Where.</param>
/// <param name="Configuration">What a repository that is made there is like.</param>
/// <param name="Packages">Which packages.</param>
internal sealed record PublishTarget(string Location, RepositoryConfiguration Configuration, IReadOnlyList<PublishedPackage> Packages)
{
    // For every architecture, or for none: source packages go wherever something is built from them.
    private static readonly string[] s_everywhere = ["all", "noarch", "source", "src"];

    /// <summary>Divides a repository's packages among the places that a channel names.</summary>
    public static IReadOnlyList<PublishTarget> Divide(PublishRequest request, IReadOnlyList<PublishedPackage> packages)
    {
        RepositoryConfiguration configuration = request.Source.Configuration;
        PublishChannel channel = request.Channel;
        if (channel.Template.Length == 0)
        {
            return [new PublishTarget(request.Destination, configuration, packages)];
        }

        var targets = new List<PublishTarget>();
        foreach (string? architecture in channel.PartsArchitectures ? configuration.Architectures.Cast<string?>() : [null])
        {
            RepositoryConfiguration there = architecture is null ? configuration : configuration with { Architectures = [architecture] };
            List<PublishedPackage> fitting = [.. packages.Where(p => architecture is null || p.Architecture == architecture || s_everywhere.Contains(p.Architecture))];
            foreach (IGrouping<bool, PublishedPackage> group in Groups(channel, fitting))
            {
                string folder = channel.Expand(configuration.Distribution, architecture ?? configuration.Architectures.FirstOrDefault() ?? string.Empty, group.Key);
                targets.Add(new PublishTarget(Storage.ObjectStores.Below(request.Destination, folder), there, [.. group]));
            }
        }

        return targets;
    }

    private static IEnumerable<IGrouping<bool, PublishedPackage>> Groups(PublishChannel channel, List<PublishedPackage> packages) => channel.PartsReleases
        ? packages.GroupBy(p => PublishChannel.IsRelease(p.Version))
        : packages.GroupBy(_ => true);
}
