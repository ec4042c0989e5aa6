using System.Management.Automation;
using Omnibus.Core.Building;
using Omnibus.Core.Compression;
using Omnibus.Core.Diagnostics;
using Omnibus.Core.Distributions;
using Omnibus.Core.Packages;
using Omnibus.Core.Recipes;
using Omnibus.Core.Recipes.Plans;
using Omnibus.PowerShell.Cmdlets;
using Omnibus.PowerShell.Completion;
using Omnibus.PowerShell.Errors;

namespace Omnibus.PowerShell.Commands;

/// <summary>Builds native packages from a recipe, or a deb from a folder with DEBIAN/control.</summary>
[Cmdlet(VerbsCommon.New, "OmnibusPackage", SupportsShouldProcess = true, DefaultParameterSetName = PathSet)]
[OutputType(typeof(PackageFile))]
public sealed class NewOmnibusPackageCommand : PathCmdletBase
{
    private string _destination = string.Empty;

    /// <summary>Distributions of the recipe to build for.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(RecipeDistributionCompleter))]
    [ValidateNotNullOrEmpty]
    public string[] Distribution { get; set; } = [];

    /// <summary>Folder for the packages.</summary>
    [Parameter(Position = 1)]
    [Alias("DestinationPath")]
    [ValidateNotNullOrEmpty]
    public string Destination { get; set; } = ".";

    /// <summary>Version to build instead of the recipe's own.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Version { get; set; }

    /// <summary>Replaces packages that are there with other content.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <inheritdoc/>
    protected override Task BeginProcessingAsync(CancellationToken cancellationToken)
    {
        _destination = ResolveDestination(Destination);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    protected override Task ProcessPathAsync(string path, CancellationToken cancellationToken) =>
        DebianTree.IsTree(path) ? BuildTreeAsync(path, cancellationToken) : BuildRecipeAsync(path, cancellationToken);

    private async Task BuildRecipeAsync(string path, CancellationToken cancellationToken)
    {
        var recipe = Recipe.Load(path);
        var options = new BuildOptions(_destination) { Force = Force };

        // Every distribution is planned before the first is built: a mistake should not come to light after ten minutes.
        IReadOnlyList<BuildPlan> plans = recipe.PlanAll(Distribution, new PlanOptions { Version = Version });
        PackageBuilder? builder = null;
        try
        {
            foreach (BuildPlan plan in plans)
            {
                string what = string.Join(", ", plan.Packages.Select(p => p.Name));
                if (!ShouldProcess(_destination, $"Build {what} for {plan.Distribution.Name}"))
                {
                    continue;
                }

                try
                {
                    builder ??= PackageBuilder.Create(options);
                    await foreach (PackageFile package in builder.BuildAsync(plan, Progress, cancellationToken))
                    {
                        WriteObject(package with { Recipe = path });
                    }
                }
                catch (OmnibusException e)
                {
                    // The other distributions may well be fine.
                    WriteErrors(e, path);
                }
            }
        }
        finally
        {
            if (builder is not null)
            {
                await builder.DisposeAsync();
            }
        }
    }

    private async Task BuildTreeAsync(string path, CancellationToken cancellationToken)
    {
        (string? target, string? codename, CompressionSettings compression) = TreeTarget(path);
        PackageDefinition definition = await Task.Run(() => DebianTree.Read(path, Version, codename, cancellationToken), cancellationToken);
        if (ShouldProcess(_destination, $"Build {definition.Name} {definition.Version} from {path}"))
        {
            Progress.Report(new OperationProgress(definition.Name, "writing package"));
            PackageFile package = await PackageFormats.Get("Deb").WriteAsync(
                definition with { Distribution = target }, _destination, new PackageWriteOptions(compression) { Force = Force }, cancellationToken);
            WriteObject(package with { Distribution = target });
        }
    }

    private (string? Name, string? Codename, CompressionSettings Compression) TreeTarget(string path)
    {
        if (Distribution.Length == 0)
        {
            return (null, null, new CompressionSettings(CompressionKind.Xz));
        }

        Distribution target = DistributionCatalog.Load().Get(Distribution[0]);
        if (Distribution.Length > 1 || target.Format != "Deb")
        {
            throw new OmnibusException(
                "DebianTreeTarget",
                ErrorKind.InvalidArgument,
                $"{path}: a folder with DEBIAN/control makes one deb, and cannot be built for {string.Join(", ", Distribution)}.",
                path,
                "Name one distribution of Debian's format, or write an omnibus.yml.");
        }

        return (target.Name, target.Codename, target.Compression);
    }
}
