using System.Runtime.CompilerServices;
using System.Text.Json;
using Omnibus.Core.Diagnostics;
using Omnibus.Core.Packages;
using Omnibus.Core.Python;
using Omnibus.Core.Recipes.Plans;
using Omnibus.Core.Versions;

namespace Omnibus.Core.Building;

/// <summary>
/// Builds packages from plans. One builder serves all distributions of a recipe: a Python environment that two of them share is built once.
/// Dispose it to remove its scratch folder.
/// </summary>
public sealed class PackageBuilder : IAsyncDisposable
{
    private readonly BuildOptions _options;
    private readonly BuildWorkspace _workspace;
    private readonly HostBuildRoot _root;
    private readonly Dictionary<string, PythonEnvironment> _environments = new(StringComparer.Ordinal);
    private bool _probed;
    private int _builds;

    private PackageBuilder(BuildOptions options, BuildWorkspace workspace)
    {
        _options = options;
        _workspace = workspace;
        _root = new HostBuildRoot(workspace.CreateDirectory("root"));
    }

    /// <summary>Makes a builder and its scratch folder in the cache.</summary>
    /// <exception cref="OmnibusException"><c>CacheNotWritable</c>.</exception>
    public static PackageBuilder Create(BuildOptions options) => new(options, BuildWorkspace.Create(options.CacheDirectory));

    /// <summary>Builds every plan, one after the other.</summary>
    /// <inheritdoc cref="BuildAsync(BuildPlan, IProgress{OperationProgress}?, CancellationToken)"/>
    public static async IAsyncEnumerable<PackageFile> BuildAsync(
        IReadOnlyList<BuildPlan> plans, BuildOptions options, IProgress<OperationProgress>? progress, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        PackageBuilder builder = Create(options);
        await using (builder.ConfigureAwait(false))
        {
            foreach (BuildPlan plan in plans)
            {
                await foreach (PackageFile package in builder.BuildAsync(plan, progress, cancellationToken).ConfigureAwait(false))
                {
                    yield return package;
                }
            }
        }
    }

    /// <summary>Builds the packages of one plan. They appear at the destination together, or not at all.</summary>
    /// <param name="plan">What to build.</param>
    /// <param name="progress">Told each step, and what is unexpected.</param>
    /// <param name="cancellationToken">Stops the build; nothing but the cache is left.</param>
    /// <exception cref="OmnibusException">
    /// What went wrong, among others <c>PythonTargetMismatch</c>, <c>PipFailed</c>, <c>BuildStepFailed</c>, <c>ContentMissing</c>, <c>ContentUnreadable</c>,
    /// <c>ContentLinkOutside</c>, <c>ContentSpecialFile</c>, <c>ContentDuplicatePath</c>, <c>VersionUnknown</c>, <c>PackageInvalid</c>, <c>PackageExists</c>, <c>DiskFull</c>.
    /// </exception>
    public async IAsyncEnumerable<PackageFile> BuildAsync(BuildPlan plan, IProgress<OperationProgress>? progress, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        IReadOnlyList<PackageFile> built;
        try
        {
            built = await BuildPlanAsync(plan, progress, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is not OperationCanceledException && ErrorNumbers.IsDiskFull(e))
        {
            throw new OmnibusException(
                "DiskFull", ErrorKind.Storage, $"{plan.Name} for {plan.Distribution.Name}: the disk is full. {e.Message}", plan.Name, "Free some space at the destination, or set XDG_CACHE_HOME to a larger disk.", e);
        }

        foreach (PackageFile package in built)
        {
            yield return package;
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _workspace.DisposeAsync();

    private async Task<IReadOnlyList<PackageFile>> BuildPlanAsync(BuildPlan plan, IProgress<OperationProgress>? progress, CancellationToken cancellationToken)
    {
        if (_options.Version is { } wanted)
        {
            plan = plan.WithVersion(wanted);
        }
        else if (plan.Version is { Source: VersionSourceKind.Git, PackageVersion: null })
        {
            plan = plan.WithVersion(await GitVersion.DescribeAsync(plan.RecipeDirectory, plan.Version.GitTagPrefix, plan.Version.Scheme, progress, cancellationToken).ConfigureAwait(false));
        }

        PythonTarget target = Target(plan);
        if (plan.Python is { } spec)
        {
            TargetCheck.RequireInterpreter(spec, target);
        }

        using DestinationFolder destination = DestinationFolder.Prepare(_options.Destination);
        DateTimeOffset timestamp = await BuildTimestamp.FindAsync(plan, cancellationToken).ConfigureAwait(false);
        string scratch = _workspace.CreateDirectory($"scratch-{++_builds}");
        await ProbeRootAsync(plan, cancellationToken).ConfigureAwait(false);
        var steps = new BuildSteps(_root, scratch, timestamp, progress);
        await steps.RunAsync(plan, beforeEnvironment: true, null, cancellationToken).ConfigureAwait(false);
        PythonEnvironment? environment = await EnvironmentAsync(plan, timestamp, progress, cancellationToken).ConfigureAwait(false);
        if (environment is not null)
        {
            TargetCheck.Require(environment, target);
            plan = ResolveVersion(plan, environment);
        }

        await steps.RunAsync(plan, beforeEnvironment: false, environment, cancellationToken).ConfigureAwait(false);
        IReadOnlyList<PackageDefinition> definitions = Define(plan, scratch, environment, timestamp, progress, cancellationToken);
        return await WriteAsync(plan, definitions, destination, progress, cancellationToken).ConfigureAwait(false);
    }

    // Plans without commands and environment need no root, and must work where there can be none.
    private async Task ProbeRootAsync(BuildPlan plan, CancellationToken cancellationToken)
    {
        if (!_probed && (plan.Python is not null || plan.Steps.Count > 0))
        {
            await _root.ProbeAsync(cancellationToken).ConfigureAwait(false);
            _probed = true;
        }
    }

    private async Task<PythonEnvironment?> EnvironmentAsync(BuildPlan plan, DateTimeOffset timestamp, IProgress<OperationProgress>? progress, CancellationToken cancellationToken)
    {
        if (plan.Python is not { } spec)
        {
            return null;
        }

        string key = JsonSerializer.Serialize(spec) + timestamp.ToUnixTimeSeconds();
        if (_environments.TryGetValue(key, out PythonEnvironment? known))
        {
            progress?.Report(OperationProgress.Detail(plan.Distribution.Name, "takes the environment that was built before"));
            return known;
        }

        var context = new PythonBuildContext(_root, _workspace.CreateDirectory($"python-{_environments.Count + 1}"), timestamp)
        {
            Subject = $"{plan.Name}{(plan.Version.SourceVersion is { } v ? " " + v : string.Empty)} for {plan.Distribution.Name}",
            Activity = plan.Distribution.Name,
            DownloadCache = Path.Combine(_options.CacheDirectory, "pip"),
        };
        PythonEnvironment built = await PythonEnvironmentBuilder.BuildAsync(spec, context, progress, cancellationToken).ConfigureAwait(false);
        foreach (Finding finding in built.Findings.Where(f => f.Severity == FindingSeverity.Warning))
        {
            progress?.Report(OperationProgress.Warning(plan.Distribution.Name, $"{finding.Message}.{(finding.Advice is null ? string.Empty : " " + finding.Advice)}"));
        }

        return _environments[key] = built;
    }

    private static BuildPlan ResolveVersion(BuildPlan plan, PythonEnvironment environment)
    {
        if (plan.Version is not { Source: VersionSourceKind.PythonDistribution, PackageVersion: null })
        {
            return plan;
        }

        string name = plan.Version.PythonDistribution ?? plan.Name;
        PythonDistribution distribution = environment.Find(name) ?? throw new OmnibusException(
            "VersionUnknown",
            ErrorKind.NotFound,
            $"{plan.Name}: its version is to come from the Python distribution '{name}', which is not in the environment.",
            name,
            $"The environment holds: {string.Join(", ", environment.Distributions.Select(d => d.Name))}.");
        return plan.WithVersion(distribution.Version);
    }

    private static List<PackageDefinition> Define(
        BuildPlan plan, string scratch, PythonEnvironment? environment, DateTimeOffset timestamp, IProgress<OperationProgress>? progress, CancellationToken cancellationToken)
    {
        if (plan.Version.PackageVersion is null)
        {
            throw new OmnibusException("VersionUnknown", ErrorKind.NotFound, $"{plan.Name}: no version is known.", plan.RecipePath, "Give 'version' in the recipe, or -Version (--version).");
        }

        var findings = new List<Finding>();
        var composer = new DefinitionComposer(plan, scratch, environment, timestamp, findings);
        var definitions = new List<PackageDefinition>();
        foreach (PackagePlan package in plan.Packages)
        {
            progress?.Report(new OperationProgress(plan.Distribution.Name, "collecting files") { Item = package.Name });
            definitions.Add(composer.Compose(package, cancellationToken));
        }

        foreach (Finding finding in findings)
        {
            progress?.Report(OperationProgress.Warning(plan.Distribution.Name, $"{finding.Subject} {finding.Message}. {finding.Advice}"));
        }

        return definitions;
    }

    private async Task<IReadOnlyList<PackageFile>> WriteAsync(
        BuildPlan plan, IReadOnlyList<PackageDefinition> definitions, DestinationFolder destination, IProgress<OperationProgress>? progress, CancellationToken cancellationToken)
    {
        IPackageFormat format = PackageFormats.Get(plan.Distribution.Format);
        var written = new List<PackageFile>();
        foreach (PackageDefinition definition in definitions)
        {
            progress?.Report(new OperationProgress(plan.Distribution.Name, "writing package") { Item = definition.Name, Fraction = (double)written.Count / definitions.Count });
            PackageFile package = await format.WriteAsync(definition, destination.Staging, new PackageWriteOptions(plan.Compression), cancellationToken).ConfigureAwait(false);
            await PackageContentCheck.RequireAsync(definition, package, cancellationToken).ConfigureAwait(false);
            written.Add(package with { Distribution = plan.Distribution.Name });
        }

        cancellationToken.ThrowIfCancellationRequested();
        return destination.Publish(written, _options.Force);
    }

    private static PythonTarget Target(BuildPlan plan) => new(
        plan.Distribution.Name,
        [.. plan.Distribution.Pythons.Select(p => KeyValuePair.Create(p.Interpreter, p.Version))],
        Version.Parse(plan.Distribution.GlibcVersion),
        plan.Architecture);
}
