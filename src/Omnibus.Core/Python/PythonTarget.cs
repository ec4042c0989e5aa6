namespace Omnibus.Core.Python;

/// <summary>What a target offers to a Python environment.</summary>
/// <param name="Name">Name of the distribution: <c>rocky-9</c>.</param>
/// <param name="Interpreters">Interpreters of its archive: absolute path and version (<c>3.11</c>).</param>
/// <param name="GlibcVersion">Version of its C library: <c>2.34</c>.</param>
/// <param name="Architecture">Neutral architecture: <c>x86_64</c>.</param>
public sealed record PythonTarget(string Name, IReadOnlyList<KeyValuePair<string, string>> Interpreters, Version GlibcVersion, string Architecture);
