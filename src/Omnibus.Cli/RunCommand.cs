using System.CommandLine;
using System.Globalization;
using Omnibus.Core.Building;
using Omnibus.Core.Delivery;
using Omnibus.Core.Diagnostics;
using Omnibus.Core.Packages;
using Omnibus.Core.Recipes;
using Omnibus.Core.Recipes.Plans;
using Omnibus.Core.Repositories.Publishing;
using Omnibus.Core.Repositories.Storage.S3;
using Omnibus.Core.Signing;

namespace Omnibus.Cli;

/// <summary><c>omnibus run</c>: builds the packages of a recipe.</summary>
internal static class RunCommand
{
    /// <summary>The command with its options.</summary>
    public static Command Create()
    {
        var recipe = new Argument<string>("recipe") { Description = "The recipe, or a folder with an omnibus.yml.", DefaultValueFactory = _ => "." };
        var destination = new Option<string>("--destination", "-d") { Description = "Folder for the packages; it is made when missing.", DefaultValueFactory = _ => "." };
        var distributions = new Option<string[]>("--distribution") { Description = "Builds for this distribution of the recipe only; may be given more than once.", DefaultValueFactory = _ => [] };
        var version = new Option<string?>("--version") { Description = "Version to build instead of the recipe's own, as Python spells it: 1.4.0rc1." };
        var force = new Option<bool>("--force") { Description = "Replaces packages that are there with other content." };
        var skipRepository = new Option<bool>("--skip-repository") { Description = "Leaves the recipe's repository as it is." };
        var verbose = new Option<bool>("--verbose") { Description = "Tells the commands that are run." };
        var command = new Command("run", "Builds the packages of a recipe, prints one line for each, and puts them into the recipe's repository.") { recipe, destination, distributions, version, force, skipRepository, verbose };
        command.SetAction((parsed, cancellationToken) => RunAsync(
            parsed.GetValue(recipe)!,
            parsed.GetValue(distributions)!,
            new BuildOptions(parsed.GetValue(destination)!) { Version = parsed.GetValue(version), Force = parsed.GetValue(force) },
            parsed.GetValue(skipRepository),
            parsed.GetValue(verbose),
            cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(string recipePath, IReadOnlyList<string> distributions, BuildOptions options, bool skipRepository, bool verbose, CancellationToken cancellationToken)
    {
        using var progress = new ConsoleProgress(verbose);
        IReadOnlyList<BuildPlan> plans;
        try
        {
            var recipe = Recipe.Load(recipePath);
            plans = recipe.PlanAll(distributions, new PlanOptions { Version = options.Version });
        }
        catch (OmnibusException e)
        {
            return ErrorText.Report(e, ExitCode.Usage);
        }

        var built = new List<PackageFile>();
        try
        {
            await foreach (PackageFile package in PackageBuilder.BuildAsync(plans, options with { Version = null }, progress, cancellationToken))
            {
                progress.Clear();
                Console.Out.WriteLine(string.Create(
                    CultureInfo.InvariantCulture, $"{package.Name} {package.FullVersion} {package.Architecture} {package.Distribution} {package.Size} {Path.GetRelativePath(Environment.CurrentDirectory, package.Path)}"));
                built.Add(package);
            }

            if (!skipRepository)
            {
                await DeliverAsync(plans, built, options.Destination, progress, cancellationToken);
            }

            return ExitCode.Success;
        }
        catch (OmnibusException e)
        {
            progress.Clear();
            return ErrorText.Report(e, ExitCode.Failed);
        }
        catch (OperationCanceledException)
        {
            progress.Clear();
            Console.Error.WriteLine($"omnibus: interrupted; {(built.Count == 0 ? "nothing was left at the destination" : "the packages above are finished, and repositories are as they were or whole")}.");
            return ExitCode.Interrupted;
        }
    }

    private static async Task DeliverAsync(IReadOnlyList<BuildPlan> plans, List<PackageFile> built, string folder, ConsoleProgress progress, CancellationToken cancellationToken)
    {
        var deliverer = new RepositoryDeliverer(new SigningKeyStore(), new S3Connection());
        foreach (BuildPlan plan in plans.Where(p => p.Repository is not null))
        {
            RepositoryDelivery delivery = await deliverer.DeliverAsync(plan, [.. built.Where(p => p.Distribution == plan.Distribution.Name)], folder, progress, cancellationToken);
            progress.Clear();
            if (delivery.NewKey is { } key)
            {
                Console.Out.WriteLine($"key {key.Fingerprint} {key.UserIds[0]} made");
            }

            Console.Out.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"repository {Path.GetRelativePath(Environment.CurrentDirectory, delivery.Repository.Location)} {plan.Distribution.Name} {delivery.Commit.Added} added {delivery.Commit.Unchanged} unchanged"));
            foreach (PublishResult result in delivery.Published)
            {
                Console.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"published {result.Destination} {plan.Distribution.Name} {result.Added} added {result.Unchanged} unchanged"));
            }
        }
    }
}
