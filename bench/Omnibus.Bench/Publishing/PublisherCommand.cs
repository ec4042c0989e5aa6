using System.Globalization;
using Omnibus.Core.Repositories;
using Omnibus.Core.Repositories.Publishing;
using Omnibus.Core.Repositories.Storage;
using Omnibus.Core.Repositories.Storage.S3;
using Omnibus.Core.Signing;

namespace Omnibus.Bench.Publishing;

/// <summary>
/// The measured process of our side: <c>publisher KEYS ENDPOINT DESTINATION SOURCE...</c> publishes repositories one after the other. With
/// <c>--ask</c> in front it waits for a line of input before each, and says afterwards how long that one took.
/// </summary>
internal static class PublisherCommand
{
    /// <summary>Publishes.</summary>
    public static async Task RunAsync(string[] arguments)
    {
        bool asks = arguments[0] == "--ask";
        string[] given = asks ? arguments[1..] : arguments;
        RepositoryContext context = MakeContext(given[0]);
        foreach (string source in given[3..])
        {
            if (asks && Console.ReadLine() is null)
            {
                return;
            }

            var watch = System.Diagnostics.Stopwatch.StartNew();
            await PublishAsync(context, new Uri(given[1]), given[2], source);
            if (asks)
            {
                Console.WriteLine(watch.Elapsed.TotalSeconds.ToString("0.000", CultureInfo.InvariantCulture));
            }
        }
    }

    /// <summary>Signs with the only key of a folder.</summary>
    public static RepositoryContext MakeContext(string keyFolder)
    {
        var keys = new SigningKeyStore(keyFolder);
        return new RepositoryContext { OpenSigner = async (fingerprints, token) => await keys.OpenSignerAsync(fingerprints.Single(), cancellationToken: token) };
    }

    private static async Task PublishAsync(RepositoryContext context, Uri endpoint, string destination, string source)
    {
        var request = new PublishRequest(await Repository.OpenAsync(new DirectoryStore(source), context, CancellationToken.None), destination)
        {
            Channel = PublishChannel.Direct,
            Connection = new S3Connection { EndpointUrl = endpoint, Region = "us-east-1" },
        };
        await foreach (PublishResult _ in RepositoryPublisher.PublishAsync(request, null, CancellationToken.None))
        {
            // What it cost is measured from outside.
        }
    }
}
