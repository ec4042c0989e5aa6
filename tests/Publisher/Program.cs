using Omnibus.Core.Diagnostics;
using Omnibus.Core.Repositories;
using Omnibus.Core.Repositories.Publishing;
using Omnibus.Core.Repositories.Storage;
using Omnibus.Core.Repositories.Storage.S3;
using Omnibus.Core.Signing;

// publisher KEYS ENDPOINT (SOURCE DESTINATION)...: publishes repositories side by side and prints "added attempts" of each.
if (args.Length < 4 || args.Length % 2 != 0)
{
    Console.Error.WriteLine("usage: publisher KEYS ENDPOINT (SOURCE DESTINATION)...");
    return 2;
}

var keys = new SigningKeyStore(args[0]);
var context = new RepositoryContext { OpenSigner = async (fingerprints, token) => await keys.OpenSignerAsync(fingerprints.Single(), cancellationToken: token) };
try
{
    await Task.WhenAll(args[2..].Chunk(2).Select(pair => PublishAsync(pair[0], pair[1])));
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
