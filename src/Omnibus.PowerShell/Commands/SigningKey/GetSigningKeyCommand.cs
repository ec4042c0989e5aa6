using System.Management.Automation;
using Omnibus.Core.Signing;
using Omnibus.PowerShell.Cmdlets;
using Omnibus.PowerShell.Completion;
using Omnibus.PowerShell.Errors;

namespace Omnibus.PowerShell.Commands;

/// <summary>Lists signing keys: those of the store, those of keyring files, or one that GnuPG holds.</summary>
[Cmdlet(VerbsCommon.Get, "SigningKey", DefaultParameterSetName = NameSet)]
[OutputType(typeof(SigningKey))]
public sealed class GetSigningKeyCommand : SigningKeyCmdletBase
{
    private const string NameSet = "Name";
    private const string PathSet = "Path";

    /// <summary>Fingerprints, key IDs, names or addresses, wildcards permitted; gnupg:FINGERPRINT for a key of GnuPG.</summary>
    [Parameter(Position = 0, ParameterSetName = NameSet, ValueFromPipeline = true)]
    [Alias("Fingerprint", "KeyId")]
    [ArgumentCompleter(typeof(SigningKeyCompleter))]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    public string[] Name { get; set; } = ["*"];

    /// <summary>Keyring files to read instead of the store, wildcards permitted.</summary>
    [Parameter(Mandatory = true, ParameterSetName = PathSet)]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    public string[] Path { get; set; } = [];

    /// <inheritdoc/>
    protected override async Task ProcessRecordAsync(CancellationToken cancellationToken)
    {
        foreach (string given in ParameterSetName == PathSet ? Path : Name)
        {
            try
            {
                WriteObject(await FindAsync(given, cancellationToken), enumerateCollection: true);
            }
            catch (Exception e) when (ErrorRecords.IsKnown(e))
            {
                WriteErrors(e, given);
            }
        }
    }

    private async Task<IReadOnlyList<SigningKey>> FindAsync(string given, CancellationToken cancellationToken)
    {
        if (ParameterSetName == PathSet)
        {
            var keys = new List<SigningKey>();
            foreach (string path in ResolvePattern(given))
            {
                keys.AddRange(await SigningKey.ReadFileAsync(path, cancellationToken));
            }

            return keys;
        }

        if (given.StartsWith(SignerSource.GnuPGPrefix, StringComparison.OrdinalIgnoreCase))
        {
            var options = new GnuPGOptions { Progress = Progress };
            return [await GnuPGSigner.FindAsync(given[SignerSource.GnuPGPrefix.Length..], options, cancellationToken)];
        }

        SigningKeyStore store = OpenStore();
        return WildcardPattern.ContainsWildcardCharacters(given)
            ? await store.ListAsync(given, cancellationToken)
            : [await store.GetAsync(given, cancellationToken)];
    }
}
