using System.Globalization;
using Omnibus.Core.Diagnostics;
using Omnibus.Core.Packages;
using Omnibus.Core.Recipes.Plans;
using Omnibus.Core.Serving;
using Omnibus.Core.Vms.Guests;

namespace Omnibus.Core.Vms.Testing;

/// <summary>Installs packages in a clean system with its own package manager, checks what must hold, and removes them again.</summary>
/// <param name="target">The system.</param>
/// <param name="onCheck">Called with each check as it ends.</param>
public sealed class PackageInstallTest(IPackageTestTarget target, Action<PackageTestCheck> onCheck)
{
    private const string PackageFolder = "/tmp/omnibus-packages";

    private readonly TestLog _log = new(target, onCheck);
    private PackageManager _manager = null!;

    /// <summary>Runs the test.</summary>
    /// <param name="request">What is installed and what must hold.</param>
    /// <param name="progress">Told what is done.</param>
    /// <param name="cancellationToken">Stops; the system is left as it is.</param>
    /// <returns>Whether no check failed.</returns>
    /// <exception cref="OmnibusException"><c>PackageTestEmpty</c>, <c>PackageTestUnsupported</c>, <c>PackageUnreadable</c>, and errors of the system; a failing package is a failed check, not an error.</exception>
    public async Task<bool> RunAsync(PackageTestRequest request, IProgress<OperationProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        Validate(request);
        PackageFile[] files = await ReadAsync(request.Packages, cancellationToken).ConfigureAwait(false);
        _manager = PackageManager.For([.. files.Select(file => file.Format).Distinct(StringComparer.Ordinal)], request.Repository?.Format);
        if (!await _log.DoAsync("clean state", () => target.CleanAsync(progress, cancellationToken), check => check).ConfigureAwait(false))
        {
            return false;
        }

        Task<bool> remembering = await BesidesAsync(RunScriptAsync(null, CommonScripts.RememberFiles, [], progress, cancellationToken)).ConfigureAwait(false);
        string server = $"package-test-{Guid.NewGuid():N}";
        var servers = new RepositoryServers();
        bool serving = false, ready = true;
        try
        {
            if (request.Repository is { } repository)
            {
                string? address = repository.Uri?.AbsoluteUri;
                if (address is null)
                {
                    RepositoryServer started = await servers.StartAsync(new ServerRequest(server, [new ServedFolder("/", repository.Folder!)]) { Address = target.HostAddress }, progress, cancellationToken).ConfigureAwait(false);
                    serving = true;
                    address = string.Create(CultureInfo.InvariantCulture, $"http://{target.HostName}:{started.Port}/");
                }

                ready = await RunScriptAsync("repository", _manager.AddRepository, _manager.RepositoryArguments(address, repository), progress, cancellationToken).ConfigureAwait(false);
            }

            if (await remembering.ConfigureAwait(false) && ready)
            {
                await TestAsync(request, files, progress, cancellationToken).ConfigureAwait(false);
            }

            return _log.AllPassed;
        }
        finally
        {
            if (serving)
            {
                await servers.StopAsync(server, CancellationToken.None).ConfigureAwait(false);
            }
        }
    }

    private static Task<PackageFile[]> ReadAsync(IReadOnlyList<string> paths, CancellationToken cancellationToken) =>
        Task.WhenAll(paths.Select(path => PackageFormats.ReadAsync(path, PackageReadParts.Control, cancellationToken)));

    private async Task TestAsync(PackageTestRequest request, PackageFile[] files, IProgress<OperationProgress>? progress, CancellationToken cancellationToken)
    {
        string[] names = [.. request.Names.Concat(files.Select(file => file.Name)).Distinct(StringComparer.Ordinal)];
        string[] install = [.. request.Names, .. files.Select(file => $"{PackageFolder}/{Path.GetFileName(file.Path)}")];
        if (files.Length > 0)
        {
            await target.RunAsync($"mkdir -p {PackageFolder}", [], progress, cancellationToken).ConfigureAwait(false);
            await target.CopyAsync([.. files.Select(file => file.Path)], PackageFolder, progress, cancellationToken).ConfigureAwait(false);
        }

        if (!await InstallAsync(request, names, install, progress, cancellationToken).ConfigureAwait(false))
        {
            return;
        }

        Task<GuestCommandResult> services = await BesidesAsync(target.RunAsync(_manager.Services, names, progress, cancellationToken)).ConfigureAwait(false);
        await RunScriptAsync("files as packaged", _manager.Verify, names, progress, cancellationToken).ConfigureAwait(false);
        await ServicesAsync((await services.ConfigureAwait(false)).StandardOutput, request.Tests, progress, cancellationToken).ConfigureAwait(false);
        await SmokeAsync(request, progress, cancellationToken).ConfigureAwait(false);
        if (!request.KeepInstalled && await RunScriptAsync("remove", _manager.Remove, names, progress, cancellationToken).ConfigureAwait(false))
        {
            await _log.LeftBehindAsync(progress, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task<bool> InstallAsync(PackageTestRequest request, IReadOnlyList<string> names, IReadOnlyList<string> install, IProgress<OperationProgress>? progress, CancellationToken cancellationToken)
    {
        Task<bool> Step(string check, string script, IReadOnlyList<string> wanted) => _log.RunAsync(
            check,
            script,
            [names.Count.ToString(CultureInfo.InvariantCulture), .. names, .. wanted],
            progress,
            cancellationToken,
            result => PackageManager.Installed(result.StandardOutput));

        string all = string.Join(' ', names);
        if (request.UpgradeFrom is not { } from)
        {
            return await Step($"install {all}", _manager.Install, install).ConfigureAwait(false);
        }

        var older = new List<string>();
        foreach (string name in names)
        {
            string? version = await _log.ReadAsync($"find {name} {from}", _manager.FindVersion, [name, from], progress, cancellationToken).ConfigureAwait(false);
            if (version is null)
            {
                return false;
            }

            older.Add(_manager.Versioned(name, version.Trim()));
        }

        string olderNames = string.Join(' ', names.Select(name => $"{name}={from}"));
        return await Step($"install {olderNames}", _manager.Install, older).ConfigureAwait(false)
            && await Step($"upgrade {all}", _manager.Upgrade, install).ConfigureAwait(false)
            && (!request.Downgrade
                || (await Step($"downgrade to {from}", _manager.Downgrade, older).ConfigureAwait(false)
                    && await Step($"upgrade {all} again", _manager.Upgrade, install).ConfigureAwait(false)));
    }

    // What changes nothing runs beside the next step where the system takes several commands at once.
    private async Task<Task<T>> BesidesAsync<T>(Task<T> work)
    {
        if (!target.RunsSideBySide)
        {
            await work.ConfigureAwait(false);
        }

        return work;
    }

    private async Task ServicesAsync(string found, InstallTestPlan tests, IProgress<OperationProgress>? progress, CancellationToken cancellationToken)
    {
        foreach (string unit in tests.ActiveServices.Concat(found.Split('\n', StringSplitOptions.RemoveEmptyEntries)).Distinct(StringComparer.Ordinal))
        {
            await NeedsServicesAsync($"service {unit} active", CommonScripts.WaitActive, [unit], progress, cancellationToken).ConfigureAwait(false);
        }

        await NeedsServicesAsync("no failed units", CommonScripts.FailedUnits, [], progress, cancellationToken).ConfigureAwait(false);
    }

    private async Task NeedsServicesAsync(string check, string script, IReadOnlyList<string> arguments, IProgress<OperationProgress>? progress, CancellationToken cancellationToken)
    {
        if (target.HasServices)
        {
            await RunScriptAsync(check, script, arguments, progress, cancellationToken).ConfigureAwait(false);
        }
        else
        {
            _log.Add(check, PackageTestResult.Skipped, TimeSpan.Zero, "no services run in a chroot; a machine would tell", string.Empty);
        }
    }

    private async Task SmokeAsync(PackageTestRequest request, IProgress<OperationProgress>? progress, CancellationToken cancellationToken)
    {
        foreach (SmokeCommand smoke in request.Tests.Commands)
        {
            await _log.SmokeAsync(smoke, progress, cancellationToken).ConfigureAwait(false);
        }

        foreach (SmokeUrl url in request.Tests.Urls)
        {
            if (!Uri.TryCreate(url.Url, UriKind.Absolute, out Uri? uri) || uri.Scheme != "http")
            {
                _log.Add($"url: {url.Url}", PackageTestResult.Skipped, TimeSpan.Zero, "only http is asked from inside the guest", string.Empty);
                continue;
            }

            await NeedsServicesAsync(
                $"url: {url.Url}",
                CommonScripts.AskUrl,
                [uri.Host, uri.Port.ToString(CultureInfo.InvariantCulture), uri.PathAndQuery, url.ExpectedText ?? string.Empty],
                progress,
                cancellationToken).ConfigureAwait(false);
        }

        if (request.Script is { } script)
        {
            await RunScriptAsync("script", script, [], progress, cancellationToken).ConfigureAwait(false);
        }
    }

    private Task<bool> RunScriptAsync(string? check, string script, IReadOnlyList<string> arguments, IProgress<OperationProgress>? progress, CancellationToken cancellationToken) =>
        _log.RunAsync(check, script, arguments, progress, cancellationToken);

    private static void Validate(PackageTestRequest request)
    {
        if (request.Packages.Count == 0 && request.Names.Count == 0)
        {
            throw new OmnibusException("PackageTestEmpty", ErrorKind.InvalidArgument, "No package is named.", null, "Give package files with -Package, or names with -Repository and -Name.");
        }

        if (request.UpgradeFrom is not null && request.Repository is null)
        {
            throw new OmnibusException("UpgradeNeedsRepository", ErrorKind.InvalidArgument, "An upgrade needs a repository that holds both versions.", request.UpgradeFrom, "Give it with -Repository.");
        }
    }
}
