using System.Globalization;
using Omnibus.Core.Diagnostics;
using Omnibus.Core.Processes;
using Omnibus.Core.Recipes.Plans;

namespace Omnibus.Core.Building;

/// <summary>The one time that everything in a build's packages has.</summary>
internal static class BuildTimestamp
{
    /// <summary>SOURCE_DATE_EPOCH, else the newest commit of the recipe's folder, else the newest file that the plan names.</summary>
    /// <exception cref="OmnibusException"><c>SourceDateInvalid</c>.</exception>
    public static async Task<DateTimeOffset> FindAsync(BuildPlan plan, CancellationToken cancellationToken)
    {
        if (FromEnvironment() is { } given)
        {
            return given;
        }

        return await GitSource.NewestCommitAsync(plan.RecipeDirectory, cancellationToken).ConfigureAwait(false)
            ?? await Task.Run(() => NewestFile(plan, cancellationToken), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>SOURCE_DATE_EPOCH, or null when it is not set.</summary>
    /// <exception cref="OmnibusException"><c>SourceDateInvalid</c>.</exception>
    public static DateTimeOffset? FromEnvironment()
    {
        if (Environment.GetEnvironmentVariable("SOURCE_DATE_EPOCH") is not { Length: > 0 } text)
        {
            return null;
        }

        // rpm's header keeps times in 32 bits.
        return long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long epoch) && epoch <= uint.MaxValue
            ? DateTimeOffset.FromUnixTimeSeconds(epoch)
            : throw new OmnibusException(
                "SourceDateInvalid", ErrorKind.InvalidArgument, $"SOURCE_DATE_EPOCH is '{text}', which is no number of seconds since 1970.", text);
    }

    private static DateTimeOffset NewestFile(BuildPlan plan, CancellationToken cancellationToken)
    {
        var sources = new List<string> { plan.RecipePath };
        if (plan.Python is { } python)
        {
            sources.AddRange([.. python.RequirementFiles, .. python.Constraints, .. python.WheelDirectories, .. python.Projects]);
        }

        foreach (PackagePlan package in plan.Packages)
        {
            IEnumerable<PlanPath> paths =
            [
                .. package.Content.OfType<FileItem>().Select(f => f.Source), .. package.Content.OfType<TreeItem>().Select(t => t.Source),
                .. package.Units.Select(u => u.Source), .. package.Integrations.Select(i => i.Source), .. package.DocumentationFiles, .. package.LicenseFiles,
            ];
            sources.AddRange(paths.Where(p => p.Base == PlanPathBase.Source).Select(p => p.Path));
        }

        DateTime newest = DateTime.UnixEpoch;
        foreach (string source in sources)
        {
            foreach (string file in Directory.Exists(source) ? Directory.EnumerateFiles(source, "*", SearchOption.AllDirectories) : [source])
            {
                cancellationToken.ThrowIfCancellationRequested();
                DateTime time = File.Exists(file) ? File.GetLastWriteTimeUtc(file) : DateTime.UnixEpoch;
                newest = time > newest ? time : newest;
            }
        }

        return DateTimeOffset.FromUnixTimeSeconds(Math.Max(0, new DateTimeOffset(newest).ToUnixTimeSeconds()));
    }
}
