using System.Management.Automation;
using Omnibus.Core.Repositories.Storage.S3;
using Omnibus.PowerShell.Cmdlets;

namespace Omnibus.PowerShell.Commands;

/// <summary>Makes a repository in a bucket readable for everyone, and proves it.</summary>
[Cmdlet(VerbsCommon.Set, "RepositoryBucketPolicy", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(string))]
public sealed class SetRepositoryBucketPolicyCommand : OmnibusAsyncCmdlet
{
    /// <summary>Bucket and prefix: <c>s3://bucket/prefix</c>.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("Location")]
    [ValidateNotNullOrEmpty]
    public string[] Destination { get; set; } = [];

    /// <summary>Makes the bucket when it is missing.</summary>
    [Parameter]
    public SwitchParameter CreateBucket { get; set; }

    /// <summary>Writes the policy document that is now in force.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    /// <summary>Profile of the AWS configuration files.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? ProfileName { get; set; }

    /// <summary>Region of the bucket.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Region { get; set; }

    /// <summary>Address of a service other than AWS.</summary>
    [Parameter]
    public Uri? EndpointUrl { get; set; }

    /// <inheritdoc/>
    protected override async Task ProcessRecordAsync(CancellationToken cancellationToken)
    {
        foreach (string destination in Destination)
        {
            S3Location location = S3Location.Parse(destination);
            if (!ShouldProcess(location.ToString(), "Allow everyone to read"))
            {
                continue;
            }

            string policy = await S3BucketPolicy.AllowPublicReadAsync(
                location,
                new S3Connection { ProfileName = ProfileName, Region = Region, EndpointUrl = EndpointUrl },
                CreateBucket,
                cancellationToken);
            if (PassThru)
            {
                WriteObject(policy);
            }
        }
    }
}
