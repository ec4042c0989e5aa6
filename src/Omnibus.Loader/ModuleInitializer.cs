using System.Management.Automation;
using System.Reflection;
using System.Runtime.Loader;

namespace Omnibus.Loader;

/// <summary>
/// Runs before PowerShell looks at the cmdlets (a nested module is imported before its root module) and makes the engine resolvable:
/// <c>Omnibus.Core</c> and everything that it stands on come from <c>lib/</c>, in a load context of their own, whatever versions
/// of the same libraries other modules have loaded.
/// </summary>
public sealed class ModuleInitializer : IModuleAssemblyInitializer
{
    private static int s_registered;

    /// <summary>Registers the handler, once a process: OnImport runs for every import and every runspace.</summary>
    public void OnImport()
    {
        if (Interlocked.Exchange(ref s_registered, 1) == 0)
        {
            string folder = Path.Combine(Path.GetDirectoryName(typeof(ModuleInitializer).Assembly.Location)!, "lib");
            var context = new EngineLoadContext(folder);
            AssemblyLoadContext.Default.Resolving += (_, name) => Resolve(context, name);
        }
    }

    private static Assembly? Resolve(EngineLoadContext context, AssemblyName name) =>
        name.Name == "Omnibus.Core" ? context.LoadFromAssemblyName(name) : null;
}
