using System.Management.Automation;
using Omnibus.Core.Repositories;
using Omnibus.Core.Repositories.Publishing;
using Omnibus.Core.Repositories.Storage.S3;
using Omnibus.PowerShell.Cmdlets;
using Omnibus.PowerShell.Errors;

namespace Omnibus.PowerShell.Commands;

/// <summary>Publishes repositories to S3, a folder, or the place of another repository.</summary>
[Cmdlet(VerbsData.Publish, "Repository", SupportsShouldProcess = true)]
[OutputType(typeof(PublishResult))]
public sealed class PublishRepositoryCommand : RepositorySelectionBase
{
    private readonly List<Repository> _sources = [];

    /// <summary>Where: <c>s3://bucket/prefix</c>, a folder, or a repository.</summary>
    [Parameter(Mandatory = true, Position = 1)]
    [ValidateNotNull]
    public RepositoryArgument? Destination { get; set; }

    /// <summary>What happens to packages that are at the destination only.</summary>
    [Parameter]
    public PublishMode Mode { get; set; }

    /// <summary>Template of the folders below the destination; empty for the destination itself.</summary>
    [Parameter]
    [AllowEmptyString]
    public string? Channel { get; set; }

    /// <summary>The suffix for every package, instead of choosing by version.</summary>
    [Parameter]
    [AllowEmptyString]
    public string? Suffix { get; set; }

    /// <summary>How many objects travel at once.</summary>
    [Parameter]
    [ValidateRange(1, 256)]
    public int ThrottleLimit { get; set; } = 32;

    /// <summary>Makes each object publicly readable by its ACL.</summary>
    [Parameter]
    public SwitchParameter PublicRead { get; set; }

    /// <summary>Publishes to a store that ignores conditions.</summary>
    [Parameter]
    public SwitchParameter AllowUnsafeStore { get; set; }

    /// <summary>Replaces other bytes of a published version, where the destination is mutable.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <inheritdoc/>
    protected override Task ProcessRepositoryAsync(Repository repository, CancellationToken cancellationToken)
    {
        _sources.Add(repository);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    protected override Task EndProcessingAsync(CancellationToken cancellationToken)
    {
        string destination = ResolveLocation(Destination!.Location);
        S3Connection connection = MakeConnection() with { ThrottleLimit = ThrottleLimit, PublicRead = PublicRead, AllowUnsafeStore = AllowUnsafeStore };

        // A repository object is a place of its own; an address is divided into channels.
        string template = Channel ?? (Destination.Repository is null ? PublishChannel.UsualTemplate : string.Empty);
        return Task.WhenAll(_sources.Select(source => PublishAsync(
            new PublishRequest(source, destination)
            {
                Mode = Mode,
                Channel = new PublishChannel(template, Suffix),
                Connection = connection,
                Force = Force,
            },
            cancellationToken)));
    }

    private async Task PublishAsync(PublishRequest request, CancellationToken cancellationToken)
    {
        string target = $"{request.Source.Location} to {request.Destination}";
        bool agreed = ShouldProcess($"Publishing {target}.", $"Publish {target}?", "Publish repository", out ShouldProcessReason reason);
        if (!agreed && reason != ShouldProcessReason.WhatIf)
        {
            return;
        }

        try
        {
            // What -WhatIf shows is the plan itself, as the objects that a publication gives.
            await foreach (PublishResult result in RepositoryPublisher.PublishAsync(request with { PlanOnly = !agreed }, Progress, cancellationToken))
            {
                WriteObject(result);
            }
        }
        catch (Exception e) when (ErrorRecords.IsKnown(e))
        {
            WriteErrors(e, request.Destination);
        }
    }
}
