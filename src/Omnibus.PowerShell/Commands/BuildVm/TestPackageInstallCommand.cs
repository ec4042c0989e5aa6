using System.Management.Automation;
using System.Threading.Channels;
using Omnibus.Core.Diagnostics;
using Omnibus.Core.Recipes;
using Omnibus.Core.Recipes.Plans;
using Omnibus.Core.Repositories;
using Omnibus.Core.Signing;
using Omnibus.Core.Vms.State;
using Omnibus.Core.Vms.Testing;
using Omnibus.PowerShell.Cmdlets;
using Omnibus.PowerShell.Completion;
using Omnibus.PowerShell.Errors;

namespace Omnibus.PowerShell.Commands;

/// <summary>Installs packages in clean machines, checks what must hold, and removes them again.</summary>
[Cmdlet(VerbsDiagnostic.Test, "PackageInstall", SupportsShouldProcess = true, DefaultParameterSetName = FilesSet)]
[OutputType(typeof(PackageTestCheck))]
public sealed class TestPackageInstallCommand : OmnibusAsyncCmdlet
{
    private const string FilesSet = "Files";
    private const string RepositorySet = "Repository";

    private readonly List<string> _targets = [];

    /// <summary>Machines (names or objects), or distributions: a machine is made for those.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true)]
    [ArgumentCompleter(typeof(TestTargetCompleter))]
    [ValidateNotNullOrEmpty]
    public string[] Vm { get; set; } = [];

    /// <summary>Package files, wildcards permitted.</summary>
    [Parameter(Mandatory = true, Position = 1, ParameterSetName = FilesSet)]
    [Parameter(ParameterSetName = RepositorySet)]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    public string[] Package { get; set; } = [];

    /// <summary>The repository to install from.</summary>
    [Parameter(Mandatory = true, ParameterSetName = RepositorySet)]
    [ValidateNotNull]
    public Repository? Repository { get; set; }

    /// <summary>Names of the packages to install from the repository.</summary>
    [Parameter(Mandatory = true, ParameterSetName = RepositorySet)]
    [ValidateNotNullOrEmpty]
    public string[] Name { get; set; } = [];

    /// <summary>Version that is installed first and upgraded from.</summary>
    [Parameter(ParameterSetName = RepositorySet)]
    [ValidateNotNullOrEmpty]
    public string? UpgradeFrom { get; set; }

    /// <summary>Also goes back to -UpgradeFrom and forward again.</summary>
    [Parameter(ParameterSetName = RepositorySet)]
    public SwitchParameter Downgrade { get; set; }

    /// <summary>The recipe whose tests must hold.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Recipe { get; set; }

    /// <summary>Tests in a throw-away root instead of a machine: quicker, without services.</summary>
    [Parameter]
    public SwitchParameter InChroot { get; set; }

    /// <summary>A file with a bash script, or its text, that must succeed as root.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Script { get; set; }

    /// <summary>The clean state; the newest checkpoint when left out.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(CheckpointCompleter))]
    [ValidateNotNullOrEmpty]
    public string? Checkpoint { get; set; }

    /// <summary>Leaves the packages installed.</summary>
    [Parameter]
    public SwitchParameter KeepInstalled { get; set; }

    /// <summary>Seconds that a guest may take to answer.</summary>
    [Parameter]
    [ValidateRange(1, 86400)]
    public int Timeout { get; set; } = 300;

    /// <summary>How many machines work at once.</summary>
    [Parameter]
    [ValidateRange(1, 64)]
    public int ThrottleLimit { get; set; } = 2;

    /// <inheritdoc/>
    protected override Task ProcessRecordAsync(CancellationToken cancellationToken)
    {
        _targets.AddRange(Vm.Where(name => ShouldProcess(name, InChroot ? "install, check and remove packages in a throw-away root" : "restore, install, check and remove packages")));
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    protected override async Task EndProcessingAsync(CancellationToken cancellationToken)
    {
        if (_targets.Count == 0)
        {
            return;
        }

        var request = new PackageTestRequest
        {
            Packages = [.. Package.SelectMany(ResolvePattern)],
            Repository = Repository is { } repository ? await GuestRepository.FromAsync(repository, new SigningKeyStore(), cancellationToken) : null,
            Names = Name,
            UpgradeFrom = UpgradeFrom,
            Downgrade = Downgrade,
            Script = Script is null ? null : File.Exists(ResolveDestination(Script)) ? await File.ReadAllTextAsync(ResolveDestination(Script), cancellationToken) : Script,
            KeepInstalled = KeepInstalled,
        };

        Recipe? recipe = Recipe is null ? null : Core.Recipes.Recipe.Load(ResolveLiteral(Recipe));
        var checks = Channel.CreateUnbounded<object>();
        IProgress<OperationProgress> progress = Progress;
        Task work = Parallel.ForEachAsync(
            _targets.Distinct(StringComparer.Ordinal),
            new ParallelOptions { MaxDegreeOfParallelism = ThrottleLimit, CancellationToken = cancellationToken },
            async (target, token) => await TestAsync(target, request, recipe, checks.Writer, progress, token));
        Task closing = work.ContinueWith(_ => checks.Writer.TryComplete(), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        await foreach (object item in checks.Reader.ReadAllAsync(cancellationToken))
        {
            if (item is Exception failure)
            {
                WriteErrors(failure);
            }
            else
            {
                WriteObject(item);
            }
        }

        await closing;
        await work;
    }

    private async Task TestAsync(string target, PackageTestRequest request, Recipe? recipe, ChannelWriter<object> checks, IProgress<OperationProgress> progress, CancellationToken cancellationToken)
    {
        try
        {
            var systems = new TestSystems(VmDirectory.ForUser());
            TestSystem system = InChroot
                ? await systems.NewRootAsync(target, progress, cancellationToken)
                : await systems.FindMachineAsync(target, Checkpoint, TimeSpan.FromSeconds(Timeout), progress, cancellationToken);
            await using (system)
            {
                InstallTestPlan tests = recipe is null || system.Distribution is not { } distribution ? new InstallTestPlan() : recipe.Plan(distribution).Tests;
                await new PackageInstallTest(system.Target, check => checks.TryWrite(check)).RunAsync(request with { Tests = tests }, progress, cancellationToken);
            }
        }
        catch (Exception e) when (ErrorRecords.IsKnown(e))
        {
            // One machine's failure is told, and the others go on.
            checks.TryWrite(e);
        }
    }
}
