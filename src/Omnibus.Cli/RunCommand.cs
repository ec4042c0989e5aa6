using System.CommandLine;
using System.Globalization;
using Omnibus.Core.Building;
using Omnibus.Core.Diagnostics;
using Omnibus.Core.Packages;
using Omnibus.Core.Recipes;
using Omnibus.Core.Recipes.Plans;

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
        var verbose = new Option<bool>("--verbose") { Description = "Tells the commands that are run." };
        var command = new Command("run", "Builds the packages of a recipe and prints one line for each.") { recipe, destination, distributions, version, force, verbose };
        command.SetAction((parsed, cancellationToken) => RunAsync(
            parsed.GetValue(recipe)!,
            parsed.GetValue(distributions)!,
            new BuildOptions(parsed.GetValue(destination)!) { Version = parsed.GetValue(version), Force = parsed.GetValue(force) },
            parsed.GetValue(verbose),
            cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(string recipePath, IReadOnlyList<string> distributions, BuildOptions options, bool verbose, CancellationToken cancellationToken)
    {
        using var progress = new ConsoleProgress(verbose);
        IReadOnlyList<BuildPlan> plans;
        try
        {
            var recipe = Recipe.Load(recipePath);
            IEnumerable<string> wanted = distributions.Count > 0 ? distributions : recipe.Distributions.Select(d => d.Name);
            plans = [.. wanted.Distinct(StringComparer.Ordinal).Select(name => recipe.Plan(name, new PlanOptions { Version = options.Version }))];
        }
        catch (OmnibusException e)
        {
            return ErrorText.Report(e, ExitCode.Usage);
        }

        try
        {
            await foreach (PackageFile package in PackageBuilder.BuildAsync(plans, options with { Version = null }, progress, cancellationToken))
            {
                progress.Clear();
                Console.Out.WriteLine(string.Create(
                    CultureInfo.InvariantCulture, $"{package.Name} {package.FullVersion} {package.Architecture} {package.Distribution} {package.Size} {Path.GetRelativePath(Environment.CurrentDirectory, package.Path)}"));
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
            Console.Error.WriteLine("omnibus: interrupted; nothing was left at the destination.");
            return ExitCode.Interrupted;
        }
    }
}
