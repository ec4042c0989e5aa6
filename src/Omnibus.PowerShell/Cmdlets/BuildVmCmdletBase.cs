using System.Management.Automation;
using Omnibus.Core.Diagnostics;
using Omnibus.Core.Vms.State;
using Omnibus.PowerShell.Errors;

namespace Omnibus.PowerShell.Cmdlets;

/// <summary>The base of cmdlets that work on existing machines: finds them by name and wildcard, one after the other.</summary>
public abstract class BuildVmCmdletBase : OmnibusAsyncCmdlet
{
    /// <summary>The machines of this user.</summary>
    protected VmDirectory Machines { get; } = VmDirectory.ForUser();

    /// <summary>The names that the cmdlet was given.</summary>
    protected abstract string[] Targets { get; }

    /// <summary>Does the work for one machine.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="cancellationToken">Cancelled by Ctrl+C.</param>
    protected abstract Task ProcessVmAsync(string name, CancellationToken cancellationToken);

    /// <inheritdoc/>
    protected override async Task ProcessRecordAsync(CancellationToken cancellationToken)
    {
        foreach (string given in Targets)
        {
            foreach (string name in Find(given))
            {
                try
                {
                    cancellationToken.ThrowIfCancellationRequested();
                    await ProcessVmAsync(name, cancellationToken);
                }
                catch (Exception e) when (ErrorRecords.IsKnown(e))
                {
                    WriteErrors(e, name);
                }
            }
        }
    }

    private IEnumerable<string> Find(string given)
    {
        if (!WildcardPattern.ContainsWildcardCharacters(given))
        {
            try
            {
                if (!Machines.Exists(given))
                {
                    throw new OmnibusException("VmNotFound", ErrorKind.NotFound, $"There is no machine '{given}'.", given, "Get-BuildVm lists the machines.");
                }

                return [given];
            }
            catch (OmnibusException e)
            {
                WriteErrors(e, given);
                return [];
            }
        }

        var pattern = new WildcardPattern(given, WildcardOptions.IgnoreCase | WildcardOptions.CultureInvariant);
        return Machines.Names().Where(pattern.IsMatch);
    }
}
