using System.Management.Automation;
using Omnibus.Core.Diagnostics;
using Omnibus.Core.Packages.Linting;
using Omnibus.Core.Recipes;
using Omnibus.Core.Signing;
using Omnibus.PowerShell.Cmdlets;

namespace Omnibus.PowerShell.Commands;

/// <summary>Holds packages against rules: those of Omnibus, and lintian or rpmlint where they are installed.</summary>
[Cmdlet(VerbsDiagnostic.Test, "OmnibusPackage", DefaultParameterSetName = PathSet)]
[OutputType(typeof(bool))]
[OutputType(typeof(Finding))]
public sealed class TestOmnibusPackageCommand : PackageCmdletBase
{
    private readonly Dictionary<string, PackageLintOptions> _optionsOfRecipes = new(StringComparer.Ordinal);
    private PackageLintOptions _options = new();

    /// <summary>Writes what was found instead of true or false.</summary>
    [Parameter]
    public SwitchParameter Detailed { get; set; }

    /// <summary>A recipe whose accepted findings are left out. Packages from New-OmnibusPackage bring theirs.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    public string? Recipe { get; set; }

    /// <summary>Further accepted findings: a tag, or a tag and a pattern of paths.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string[] Accept { get; set; } = [];

    /// <summary>Keyring files with the keys that signatures of packages are checked with, wildcards permitted.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    public string[] Keyring { get; set; } = [];

    /// <summary>Folder of a key store whose keys signatures are checked with.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? KeyStore { get; set; }

    /// <summary>A package without a good signature of a trusted key is an error (rpm).</summary>
    [Parameter]
    public SwitchParameter RequireSignature { get; set; }

    /// <summary>Leaves lintian and rpmlint out.</summary>
    [Parameter]
    public SwitchParameter OwnRulesOnly { get; set; }

    /// <inheritdoc/>
    protected override async Task BeginProcessingAsync(CancellationToken cancellationToken)
    {
        _options = new PackageLintOptions
        {
            Allowances = [.. Accept.Select(LintAllowance.Parse)],
            UsePrograms = !OwnRulesOnly,
            Trusted = await TrustAsync(cancellationToken),
            RequireSignature = RequireSignature,
        };

        // One on the command line that cannot be read ends the command; one that comes with a package, only that package.
        await OptionsAsync(cancellationToken);
    }

    // Keyrings alone where they are given: what a machine trusts that has no more than these.
    private async Task<SignatureVerifier?> TrustAsync(CancellationToken cancellationToken)
    {
        if (Keyring.Length == 0 && KeyStore is null && !RequireSignature)
        {
            return null;
        }

        var keys = new List<SigningKey>();
        if (Keyring.Length > 0)
        {
            foreach (string file in Keyring.SelectMany(ResolvePattern))
            {
                IReadOnlyList<SigningKey> found = await SigningKey.ReadFileAsync(file, cancellationToken);
                WriteVerbose($"Signatures are checked with {found.Count} keys of {file}.");
                keys.AddRange(found);
            }
        }

        if (KeyStore is not null || Keyring.Length == 0)
        {
            var store = new SigningKeyStore(KeyStore is null ? null : ResolveDestination(KeyStore));
            IReadOnlyList<SigningKey> found = await store.ListAsync(null, cancellationToken);
            WriteVerbose($"Signatures are checked with {found.Count} keys of {store.Path}.");
            keys.AddRange(found);
        }

        return new SignatureVerifier(keys);
    }

    /// <inheritdoc/>
    protected override async Task ProcessPathAsync(string path, CancellationToken cancellationToken)
    {
        PackageLintOptions options = await OptionsAsync(cancellationToken);
        IReadOnlyList<Finding> findings = await PackageLinter.CheckAsync(path, options, Progress, cancellationToken);
        if (Detailed)
        {
            WriteObject(findings, enumerateCollection: true);
        }
        else
        {
            WriteObject(!findings.Any(f => f.Severity == FindingSeverity.Error));
        }
    }

    private async Task<PackageLintOptions> OptionsAsync(CancellationToken cancellationToken)
    {
        if (string.IsNullOrEmpty(Recipe))
        {
            return _options;
        }

        string path = ResolveLiteral(Recipe);
        if (!_optionsOfRecipes.TryGetValue(path, out PackageLintOptions? options))
        {
            List<LintAllowance> accepted = await Task.Run(() => OfRecipe(path), cancellationToken);
            options = _options with { Allowances = [.. _options.Allowances, .. accepted] };
            _optionsOfRecipes.Add(path, options);
        }

        return options;
    }

    // What any of the recipe's distributions accepts: the tags of lintian and rpmlint do not meet.
    private static List<LintAllowance> OfRecipe(string path)
    {
        var recipe = Core.Recipes.Recipe.Load(path);
        return [.. recipe.Distributions.SelectMany(d => recipe.Plan(d.Name).LintAllowances)];
    }
}
