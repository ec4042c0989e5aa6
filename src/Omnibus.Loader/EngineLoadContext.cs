using System.Reflection;
using System.Runtime.Loader;

namespace Omnibus.Loader;

/// <summary>Loads what lies in one folder from there; everything else comes from the default context. Lives as long as the process.</summary>
internal sealed class EngineLoadContext(string folder) : AssemblyLoadContext("Omnibus")
{
    /// <inheritdoc/>
    protected override Assembly? Load(AssemblyName assemblyName)
    {
        string path = Path.Combine(folder, assemblyName.Name + ".dll");
        return File.Exists(path) ? LoadFromAssemblyPath(path) : null;
    }
}
