using Omnibus.Core.Diagnostics;

namespace Omnibus.Core.Vms.Chroots;

/// <summary>Makes the tree of a distribution: one for each family of package managers.</summary>
internal interface IRootTreeBuilder
{
    /// <summary>All that goes into the tree, in order: equal inputs give one tree.</summary>
    IReadOnlyList<string> Inputs { get; }

    /// <summary>Makes the tree.</summary>
    /// <param name="scratch">Folder for files on the way.</param>
    /// <param name="tree">The folder to make.</param>
    /// <param name="progress">Told the steps.</param>
    /// <param name="cancellationToken">Gives up.</param>
    Task BuildAsync(string scratch, string tree, IProgress<OperationProgress>? progress, CancellationToken cancellationToken);
}
