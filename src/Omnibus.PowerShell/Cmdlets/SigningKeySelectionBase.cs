using System.Management.Automation;
using Omnibus.Core.Signing;
using Omnibus.PowerShell.Completion;
using Omnibus.PowerShell.Errors;
using Omnibus.PowerShell.Transformation;

namespace Omnibus.PowerShell.Cmdlets;

/// <summary>The base of cmdlets that work on keys: named ones of the store, or key objects from another cmdlet.</summary>
public abstract class SigningKeySelectionBase : SigningKeyCmdletBase
{
    /// <summary>Name of the parameter set of <see cref="Name"/>.</summary>
    protected const string NameSet = "Name";

    /// <summary>Name of the parameter set of <see cref="InputObject"/>.</summary>
    protected const string InputObjectSet = "InputObject";

    /// <summary>Fingerprints, key IDs, names or addresses, wildcards permitted; or key objects.</summary>
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = NameSet)]
    [Alias("Fingerprint", "KeyId")]
    [ArgumentCompleter(typeof(SigningKeyCompleter))]
    [SigningKeyName]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    public string[] Name { get; set; } = [];

    /// <summary>Keys from another cmdlet.</summary>
    [Parameter(Mandatory = true, ParameterSetName = InputObjectSet, ValueFromPipeline = true)]
    [ValidateNotNull]
    public SigningKey[] InputObject { get; set; } = [];

    /// <summary>Does the work for one key. An error of the engine is written, and the next key comes to its turn.</summary>
    /// <param name="store">The store.</param>
    /// <param name="key">The key.</param>
    /// <param name="cancellationToken">Cancelled by Ctrl+C.</param>
    protected abstract Task ProcessKeyAsync(SigningKeyStore store, SigningKey key, CancellationToken cancellationToken);

    /// <inheritdoc/>
    protected override async Task ProcessRecordAsync(CancellationToken cancellationToken)
    {
        SigningKeyStore store = OpenStore();
        if (ParameterSetName == InputObjectSet)
        {
            foreach (SigningKey key in InputObject)
            {
                await TryAsync(store, key, cancellationToken);
            }

            return;
        }

        foreach (string name in Name)
        {
            IReadOnlyList<SigningKey> found;
            try
            {
                found = WildcardPattern.ContainsWildcardCharacters(name)
                    ? await store.ListAsync(name, cancellationToken)
                    : [await store.GetAsync(name, cancellationToken)];
            }
            catch (Exception e) when (ErrorRecords.IsKnown(e))
            {
                WriteErrors(e, name);
                continue;
            }

            foreach (SigningKey key in found)
            {
                await TryAsync(store, key, cancellationToken);
            }
        }
    }

    private async Task TryAsync(SigningKeyStore store, SigningKey key, CancellationToken cancellationToken)
    {
        try
        {
            cancellationToken.ThrowIfCancellationRequested();
            await ProcessKeyAsync(store, key, cancellationToken);
        }
        catch (Exception e) when (ErrorRecords.IsKnown(e))
        {
            WriteErrors(e, key);
        }
    }
}
