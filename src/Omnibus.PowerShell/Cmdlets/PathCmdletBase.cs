using System.Management.Automation;
using Omnibus.PowerShell.Errors;

namespace Omnibus.PowerShell.Cmdlets;

/// <summary>The base of cmdlets whose input is existing files or directories: -Path with wildcards, -LiteralPath without, resolved here once.</summary>
public abstract class PathCmdletBase : OmnibusAsyncCmdlet
{
    /// <summary>Name of the parameter set of <see cref="Path"/>. Make it the cmdlet's default.</summary>
    protected const string PathSet = "Path";

    /// <summary>Name of the parameter set of <see cref="LiteralPath"/>.</summary>
    protected const string LiteralPathSet = "LiteralPath";

    /// <summary>Paths, wildcards permitted.</summary>
    [Parameter(
        Mandatory = true,
        Position = 0,
        ParameterSetName = PathSet,
        ValueFromPipeline = true,
        ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    public string[] Path { get; set; } = [];

    /// <summary>Paths, taken as they are written.</summary>
    [Parameter(
        Mandatory = true,
        ParameterSetName = LiteralPathSet,
        ValueFromPipelineByPropertyName = true)]
    [Alias("PSPath", "LP")]
    [ValidateNotNullOrEmpty]
    public string[] LiteralPath { get; set; } = [];

    /// <summary>Does the work for one existing path. An error of the engine is written, and the next path comes to its turn.</summary>
    /// <param name="path">Absolute path in the file system.</param>
    /// <param name="cancellationToken">Cancelled by Ctrl+C.</param>
    protected abstract Task ProcessPathAsync(string path, CancellationToken cancellationToken);

    /// <inheritdoc/>
    protected override async Task ProcessRecordAsync(CancellationToken cancellationToken)
    {
        bool literal = ParameterSetName == LiteralPathSet;
        foreach (string given in literal ? LiteralPath : Path)
        {
            await ForEachAsync(() => literal ? [ResolveLiteral(given)] : ResolvePattern(given), given, cancellationToken);
        }
    }

    private async Task ForEachAsync(Func<IReadOnlyList<string>> resolve, string given, CancellationToken cancellationToken)
    {
        IReadOnlyList<string> paths;
        try
        {
            paths = resolve();
        }
        catch (Exception e) when (ErrorRecords.IsKnown(e))
        {
            WriteErrors(e, given);
            return;
        }

        foreach (string path in paths)
        {
            try
            {
                cancellationToken.ThrowIfCancellationRequested();
                await ProcessPathAsync(path, cancellationToken);
            }
            catch (Exception e) when (ErrorRecords.IsKnown(e))
            {
                WriteErrors(e, path);
            }
        }
    }
}
