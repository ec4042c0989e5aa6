using Omnibus.Core.Diagnostics;
using Omnibus.Core.Repositories;
using Omnibus.Core.Repositories.Publishing;
using Omnibus.Core.Repositories.Storage;
using Omnibus.Core.Repositories.Storage.S3;
using Omnibus.Core.Signing;

// publisher KEYS SOURCE DESTINATION ENDPOINT: publishes one repository and prints "added attempts".
if (args.Length != 4)
{
    Console.Error.WriteLine("usage: publisher KEYS SOURCE DESTINATION ENDPOINT");
    return 2;
}

var keys = new SigningKeyStore(args[0]);
var context = new RepositoryContext { OpenSigner = async (fingerprints, token) => await keys.OpenSignerAsync(fingerprints.Single(), cancellationToken: token) };
try
{
    Repository source = await Repository.OpenAsync(new DirectoryStore(args[1], durable: false), context, CancellationToken.None);
    var request = new PublishRequest(source, args[2])
    {
        Channel = PublishChannel.Direct,
        Connection = new S3Connection { EndpointUrl = new Uri(args[3]), Region = "us-east-1" },
    };
    await foreach (PublishResult result in RepositoryPublisher.PublishAsync(request, null, CancellationToken.None))
    {
        Console.WriteLine($"{result.Added} {result.Attempts}");
    }

    return 0;
}
catch (OmnibusException e)
{
    Console.Error.WriteLine($"{e.Id}: {e.Message}");
    return 1;
}
