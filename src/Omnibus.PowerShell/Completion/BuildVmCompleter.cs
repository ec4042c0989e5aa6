using System.Collections;
using Omnibus.Core.Distributions;
using Omnibus.Core.Vms;
using Omnibus.Core.Vms.State;

namespace Omnibus.PowerShell.Completion;

/// <summary>Offers the names of machines.</summary>
public sealed class BuildVmCompleter : NameCompleter
{
    /// <inheritdoc/>
    protected override IEnumerable<Suggestion> GetSuggestions(IDictionary boundParameters)
    {
        VmDirectory machines = VmDirectory.ForUser();
        foreach (string name in machines.Names())
        {
            VmDefinition machine = machines.Load(name);
            yield return new Suggestion(name, $"{machine.Distribution ?? "foreign image"}, {machine.MemoryMiB} MiB");
        }
    }
}

/// <summary>Offers the checkpoints of the machine that the command line names.</summary>
public sealed class CheckpointCompleter : NameCompleter
{
    /// <inheritdoc/>
    protected override IEnumerable<Suggestion> GetSuggestions(IDictionary boundParameters)
    {
        VmDirectory machines = VmDirectory.ForUser();
        string? wanted = boundParameters["Vm"]?.ToString();
        foreach (string name in machines.Names().Where(name => wanted is null || name == wanted))
        {
            foreach (VmCheckpoint checkpoint in machines.Load(name).Checkpoints)
            {
                yield return new Suggestion(checkpoint.Name, $"{name}, {checkpoint.Created.LocalDateTime:g}{(checkpoint.Live ? ", with memory" : string.Empty)}");
            }
        }
    }
}

/// <summary>Offers machines, then distributions that machines can be made for.</summary>
public sealed class TestTargetCompleter : NameCompleter
{
    /// <inheritdoc/>
    protected override IEnumerable<Suggestion> GetSuggestions(IDictionary boundParameters)
    {
        VmDirectory machines = VmDirectory.ForUser();
        return machines.Names().Select(name => new Suggestion(name, machines.Load(name).Distribution ?? "foreign image"))
            .Concat(DistributionCatalog.Load().All.Where(distribution => distribution.OsId is "debian" or "ubuntu").Select(distribution => new Suggestion(distribution.Name, distribution.Title)));
    }
}
