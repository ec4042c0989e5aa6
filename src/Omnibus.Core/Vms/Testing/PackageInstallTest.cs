using System.Globalization;
using Omnibus.Core.Diagnostics;
using Omnibus.Core.Recipes.Plans;
using Omnibus.Core.Serving;

namespace Omnibus.Core.Vms.Testing;

/// <summary>Installs packages in a clean system with its own package manager, checks what must hold, and removes them again.</summary>
/// <param name="target">The system.</param>
/// <param name="onCheck">Called with each check as it ends.</param>
public sealed class PackageInstallTest(IPackageTestTarget target, Action<PackageTestCheck> onCheck)
{
    private const string PackageFolder = "/tmp/omnibus-packages";

    private readonly TestLog _log = new(target, onCheck);

    /// <summary>Runs the test.</summary>
    /// <param name="request">What is installed and what must hold.</param>
    /// <param name="progress">Told what is done.</param>
    /// <param name="cancellationToken">Stops; the system is left as it is.</param>
    /// <returns>Whether no check failed.</returns>
    /// <exception cref="OmnibusException"><c>PackageTestEmpty</c>, <c>PackageTestUnsupported</c>, and errors of the machine; a failing package is a failed check, not an error.</exception>
    public async Task<bool> RunAsync(PackageTestRequest request, IProgress<OperationProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        Validate(request);
        if (!await _log.DoAsync("restore", () => target.CleanAsync(progress, cancellationToken), name => $"restore {name}").ConfigureAwait(false))
        {
            return false;
        }

        await RunScriptAsync(null, CommonScripts.RememberFiles, [], progress, cancellationToken).ConfigureAwait(false);
        string server = $"package-test-{Guid.NewGuid():N}";
        var servers = new RepositoryServers();
        bool serving = false;
        try
        {
            if (request.Repository is { } repository)
            {
                string? address = repository.Uri?.AbsoluteUri;
                if (address is null)
                {
                    RepositoryServer started = await servers.StartAsync(new ServerRequest(server, [new ServedFolder("/", repository.Folder!)]), progress, cancellationToken).ConfigureAwait(false);
                    serving = true;
                    address = string.Create(CultureInfo.InvariantCulture, $"http://{target.HostName}:{started.Port}/");
                }

                string[] arguments = [address, repository.Suite, string.Join(' ', repository.Components), repository.PublicKey];
                if (!await RunScriptAsync("repository", AptScripts.AddRepository, arguments, progress, cancellationToken).ConfigureAwait(false))
                {
                    return _log.AllPassed;
                }
            }

            await TestAsync(request, progress, cancellationToken).ConfigureAwait(false);
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

    private async Task TestAsync(PackageTestRequest request, IProgress<OperationProgress>? progress, CancellationToken cancellationToken)
    {
        IReadOnlyList<string> names = request.Names;
        IReadOnlyList<string> install = request.Names;
        if (request.Packages.Count > 0)
        {
            string[] files = [.. request.Packages.Select(path => $"{PackageFolder}/{Path.GetFileName(path)}")];
            await target.RunAsync($"mkdir -p {PackageFolder}", [], progress, cancellationToken).ConfigureAwait(false);
            await target.CopyAsync(request.Packages, PackageFolder, progress, cancellationToken).ConfigureAwait(false);
            string? found = await _log.ReadAsync("read packages", AptScripts.NamesOfFiles, files, progress, cancellationToken).ConfigureAwait(false);
            if (found is null)
            {
                return;
            }

            names = [.. request.Names, .. found.Split('\n', StringSplitOptions.RemoveEmptyEntries)];
            install = [.. request.Names, .. files];
        }

        if (!await InstallAsync(request, names, install, progress, cancellationToken).ConfigureAwait(false))
        {
            return;
        }

        await RunScriptAsync("files as packaged", AptScripts.Verify, names, progress, cancellationToken).ConfigureAwait(false);
        await ServicesAsync(request.Tests, names, progress, cancellationToken).ConfigureAwait(false);
        await SmokeAsync(request, progress, cancellationToken).ConfigureAwait(false);
        if (!request.KeepInstalled)
        {
            await RemoveAsync(names, progress, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task<bool> InstallAsync(PackageTestRequest request, IReadOnlyList<string> names, IReadOnlyList<string> install, IProgress<OperationProgress>? progress, CancellationToken cancellationToken)
    {
        string all = string.Join(' ', names);
        if (request.UpgradeFrom is not { } from)
        {
            return await RunScriptAsync($"install {all}", AptScripts.Install, install, progress, cancellationToken, () => InstalledAsync(names, progress, cancellationToken)).ConfigureAwait(false);
        }

        var older = new List<string>();
        foreach (string name in names)
        {
            string? version = await _log.ReadAsync($"find {name} {from}", AptScripts.FindVersion, [name, from], progress, cancellationToken).ConfigureAwait(false);
            if (version is null)
            {
                return false;
            }

            older.Add($"{name}={version.Trim()}");
        }

        string olderNames = string.Join(' ', names.Select(name => $"{name}={from}"));
        return await RunScriptAsync($"install {olderNames}", AptScripts.Install, older, progress, cancellationToken, () => InstalledAsync(names, progress, cancellationToken)).ConfigureAwait(false)
            && await RunScriptAsync($"upgrade {all}", AptScripts.Install, install, progress, cancellationToken, () => InstalledAsync(names, progress, cancellationToken)).ConfigureAwait(false)
            && (!request.Downgrade
                || (await RunScriptAsync($"downgrade to {from}", AptScripts.Downgrade, older, progress, cancellationToken, () => InstalledAsync(names, progress, cancellationToken)).ConfigureAwait(false)
                    && await RunScriptAsync($"upgrade {all} again", AptScripts.Install, install, progress, cancellationToken, () => InstalledAsync(names, progress, cancellationToken)).ConfigureAwait(false)));
    }

    private async Task<string> InstalledAsync(IReadOnlyList<string> names, IProgress<OperationProgress>? progress, CancellationToken cancellationToken)
    {
        string output = (await target.RunAsync(AptScripts.Query, names, progress, cancellationToken).ConfigureAwait(false)).StandardOutput;
        return string.Join(", ", output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split(' ')).Where(words => words is [_, _, "installed"]).Select(words => $"{words[0]} {words[1]}"));
    }

    private async Task ServicesAsync(InstallTestPlan tests, IReadOnlyList<string> names, IProgress<OperationProgress>? progress, CancellationToken cancellationToken)
    {
        if (!target.HasServices)
        {
            return;
        }

        string found = (await target.RunAsync(AptScripts.Services, names, progress, cancellationToken).ConfigureAwait(false)).StandardOutput;
        foreach (string unit in tests.ActiveServices.Concat(found.Split('\n', StringSplitOptions.RemoveEmptyEntries)).Distinct(StringComparer.Ordinal))
        {
            await RunScriptAsync($"service {unit} active", CommonScripts.WaitActive, [unit], progress, cancellationToken).ConfigureAwait(false);
        }

        await RunScriptAsync("no failed units", CommonScripts.FailedUnits, [], progress, cancellationToken).ConfigureAwait(false);
    }

    private async Task SmokeAsync(PackageTestRequest request, IProgress<OperationProgress>? progress, CancellationToken cancellationToken)
    {
        foreach (SmokeCommand smoke in request.Tests.Commands)
        {
            await _log.SmokeAsync(smoke, progress, cancellationToken).ConfigureAwait(false);
        }

        foreach (SmokeUrl url in target.HasServices ? request.Tests.Urls : [])
        {
            if (!Uri.TryCreate(url.Url, UriKind.Absolute, out Uri? uri) || uri.Scheme != "http")
            {
                _log.Add($"url: {url.Url}", PackageTestResult.Skipped, TimeSpan.Zero, "only http is asked from inside the guest", string.Empty);
                continue;
            }

            await RunScriptAsync(
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

    private async Task RemoveAsync(IReadOnlyList<string> names, IProgress<OperationProgress>? progress, CancellationToken cancellationToken)
    {
        if (!await RunScriptAsync("remove", AptScripts.Remove, names, progress, cancellationToken).ConfigureAwait(false))
        {
            return;
        }

        await _log.LeftBehindAsync(progress, cancellationToken).ConfigureAwait(false);
    }

    private Task<bool> RunScriptAsync(string? check, string script, IReadOnlyList<string> arguments, IProgress<OperationProgress>? progress, CancellationToken cancellationToken, Func<Task<string>>? detail = null) =>
        _log.RunAsync(check, script, arguments, progress, cancellationToken, detail);

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

        if (request.Repository is { Format: not "Apt" } || request.Packages.Any(path => !path.EndsWith(".deb", StringComparison.Ordinal)))
        {
            throw new OmnibusException("PackageTestUnsupported", ErrorKind.Unsupported, "Only deb packages are tested in machines so far.", null, "Run rpm's own commands with Invoke-BuildVmCommand.");
        }
    }
}
