using System.Globalization;
using Omnibus.Core.Diagnostics;
using Omnibus.Core.Repositories;
using Omnibus.Core.Repositories.Publishing;
using Omnibus.Core.Repositories.Storage;
using Omnibus.Core.Repositories.Storage.S3;
using Omnibus.Core.Signing;
using Omnibus.Tests.Publisher;

// publisher KEYS ENDPOINT (SOURCE DESTINATION)...: publishes repositories side by side and prints "added attempts" of each.
// publisher import KEYS REPOSITORY KILL-AT PACKAGE...: imports each package by a publication of its own, after one line "ready"; before
// the store's operation KILL-AT (0: never) the process kills itself. The last line is "operations N".
bool imports = args is ["import", ..];
if (args.Length < 4 || (!imports && args.Length % 2 != 0))
{
    Console.Error.WriteLine("usage: publisher KEYS ENDPOINT (SOURCE DESTINATION)...\n       publisher import KEYS REPOSITORY KILL-AT PACKAGE...");
    return 2;
}

var keys = new SigningKeyStore(args[imports ? 1 : 0]);
var context = new RepositoryContext { OpenSigner = async (fingerprints, token) => await keys.OpenSignerAsync(fingerprints.Single(), cancellationToken: token) };
try
{
    await (imports ? ImportAsync() : Task.WhenAll(args[2..].Chunk(2).Select(pair => PublishAsync(pair[0], pair[1]))));
    return 0;
}
catch (OmnibusException e)
{
    Console.Error.WriteLine($"{e.Id}: {e.Message}");
    return 1;
}

async Task PublishAsync(string source, string destination)
{
    var request = new PublishRequest(await Repository.OpenAsync(new DirectoryStore(source, durable: false), context, CancellationToken.None), destination)
    {
        Channel = PublishChannel.Direct,
        Connection = new S3Connection { EndpointUrl = new Uri(args[1]), Region = "us-east-1" },
    };
    await foreach (PublishResult result in RepositoryPublisher.PublishAsync(request, null, CancellationToken.None))
    {
        Console.WriteLine($"{result.Added} {result.Attempts}");
    }
}

async Task ImportAsync()
{
    var store = new DyingStore(new DirectoryStore(args[2]), int.Parse(args[3], CultureInfo.InvariantCulture));
    Repository repository = await Repository.OpenAsync(store, context, CancellationToken.None);
    Console.WriteLine("ready");
    foreach (string package in args[4..])
    {
        RepositoryTransaction transaction = repository.BeginTransaction();
        await transaction.AddAsync(new PackageAddition(package), CancellationToken.None);
        RepositoryCommit commit = await transaction.CommitAsync(null, CancellationToken.None);
        Console.WriteLine($"{commit.Added} {commit.Attempts}");
    }

    Console.WriteLine($"operations {store.Operations}");
}
