using Omnibus.Bench;
using Omnibus.Bench.Packages;
using Omnibus.Bench.Publishing;
using Omnibus.Bench.Repositories;
using Omnibus.Bench.Vms;

// bench NAME runs a comparison; "pack" is the child process that a comparison measures, "tree" makes its input for a look by hand.
try
{
    switch (args.FirstOrDefault())
    {
        case "packages":
            await PackagesBench.RunAsync(BenchOptions.Parse(args[1..]));
            return 0;
        case "pack":
            await PackCommand.RunAsync(args[1..]);
            return 0;
        case "repositories":
            await RepositoriesBench.RunAsync(BenchOptions.Parse(args[1..]));
            return 0;
        case "repository":
            await RepositoryCommand.RunAsync(args[1..]);
            return 0;
        case "vms":
            await VmsBench.RunAsync(BenchOptions.Parse(args[1..]));
            return 0;
        case "publish":
            // aptly takes a minute a run.
            await PublishBench.RunAsync(BenchOptions.Parse(args[1..], new BenchOptions(Runs: 2)));
            return 0;
        case "publisher":
            await PublisherCommand.RunAsync(args[1..]);
            return 0;
        case "tree":
            (int count, long bytes) = BenchTree.Create(Directory.CreateDirectory(args[1]).FullName);
            Console.WriteLine($"{count} files, {bytes} bytes");
            return 0;
        default:
            Console.Error.WriteLine("usage: ./build.sh bench packages|repositories|vms|publish [--runs N] [--only TEXT]");
            return 2;
    }
}
catch (Exception e) when (e is not (NullReferenceException or IndexOutOfRangeException))
{
    Console.Error.WriteLine($"bench: {e.Message}");
    return 1;
}
