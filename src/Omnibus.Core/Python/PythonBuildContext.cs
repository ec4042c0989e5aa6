using Omnibus.Core.Building;

namespace Omnibus.Core.Python;

/// <summary>Where and for whom an environment is built.</summary>
/// <param name="Root">The build root.</param>
/// <param name="WorkFolder">An empty folder on the build machine for everything that the build writes; the caller removes it.</param>
/// <param name="Timestamp">The newest time that may appear in what is built (SOURCE_DATE_EPOCH).</param>
public sealed record PythonBuildContext(IBuildRoot Root, string WorkFolder, DateTimeOffset Timestamp)
{
    /// <summary>What errors name: <c>notes for debian-12</c>.</summary>
    public string Subject { get; init; } = "the Python environment";

    /// <summary>Activity of progress reports: <c>debian-12</c>.</summary>
    public string Activity { get; init; } = "python";

    /// <summary>Folder where pip keeps what it downloads, between builds; null keeps nothing.</summary>
    public string? DownloadCache { get; init; }
}
