using System.Globalization;
using System.Net;
using System.Text.Json;
using Omnibus.Core.Diagnostics;
using Omnibus.Core.Processes;

namespace Omnibus.Core.Serving;

/// <summary>One cache a user: apt-cacher-ng from the distribution's packages under our own configuration.</summary>
public sealed class PackageCacheServer
{
    private const string Program = "apt-cacher-ng";

    // apt-cacher-ng 3.7 reads its port as a signed 16-bit number.
    private const int HighestPort = 32767;
    private readonly string _state;
    private readonly string _cache;

    /// <summary>The cache whose state and files live in the given folders.</summary>
    /// <param name="stateFolder">Null: the user's state folder.</param>
    /// <param name="cacheFolder">Null: the user's cache folder.</param>
    public PackageCacheServer(string? stateFolder = null, string? cacheFolder = null)
    {
        _state = stateFolder ?? Path.Combine(UserFolders.State, "package-cache");
        _cache = cacheFolder ?? Path.Combine(UserFolders.Cache, "packages");
    }

    private string StateFile => Path.Combine(_state, "cache.json");

    private string TransferLog => Path.Combine(_state, "apt-cacher.log");

    /// <summary>Starts the cache and waits until it answers. One that runs already is returned as it is.</summary>
    /// <param name="address">Where it listens; guests reach loopback too.</param>
    /// <param name="port">0 takes a free one.</param>
    /// <param name="progress">Told what is run.</param>
    /// <param name="cancellationToken">Stops.</param>
    /// <exception cref="OmnibusException"><c>ProgramMissing</c>, <c>ServerPortInUse</c>, <c>ServerPortInvalid</c>, <c>ServerAddressUnavailable</c>, <c>ServerNotStarted</c>.</exception>
    public async Task<PackageCache> StartAsync(IPAddress address, int port, IProgress<OperationProgress>? progress, CancellationToken cancellationToken)
    {
        if (Find() is { State: "Running" } running)
        {
            return running;
        }

        string program = ProgramRunner.Require(Program);
        int chosen = ServerStart.ChoosePort(address, port, HighestPort);
        string configuration = Path.Combine(_state, "conf");
        string pidFile = Path.Combine(_state, "pid");
        string errors = Path.Combine(_state, "apt-cacher.err");
        Directory.CreateDirectory(configuration);
        Directory.CreateDirectory(_cache);
        File.Delete(pidFile);
        await File.WriteAllTextAsync(Path.Combine(configuration, "acng.conf"), Configure(address, chosen, pidFile), cancellationToken).ConfigureAwait(false);
        await ProgramRunner.RunAsync(new ProgramCommand(program, ["-c", configuration]) { Timeout = TimeSpan.FromSeconds(30) }, progress, cancellationToken).ConfigureAwait(false);
        RunningProcess process = await ServerStart.WaitForPidFileAsync(Program, pidFile, errors, Program, cancellationToken).ConfigureAwait(false);
        try
        {
            await ServerStart.WaitForPortAsync(Program, address, chosen, errors, Program, cancellationToken).ConfigureAwait(false);
            var cache = new PackageCache
            {
                Address = address.ToString(),
                Port = chosen,
                CacheFolder = _cache,
                LogPath = TransferLog,
                StartedTime = DateTimeOffset.UtcNow,
                Process = process,
            };
            RepositoryServers.WriteAtomically(StateFile, JsonSerializer.SerializeToUtf8Bytes(cache, RepositoryServers.Json));
            return WithFigures(cache);
        }
        catch
        {
            await process.EndAsync(TimeSpan.FromSeconds(5), CancellationToken.None).ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>The cache with its figures, or null where it was never started.</summary>
    public PackageCache? Find()
    {
        try
        {
            return JsonSerializer.Deserialize<PackageCache>(File.ReadAllBytes(StateFile), RepositoryServers.Json) is { } cache ? WithFigures(cache) : null;
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException or JsonException)
        {
            return null;
        }
    }

    /// <summary>The cache's address for programs on this host when it runs, or null.</summary>
    public Uri? RunningProxy() => Find() is { State: "Running" } running ? running.ProxyUri : null;

    /// <summary>The cache's host and port for guests and roots when it runs, or null. They ask before each download whether it still does.</summary>
    public string? GuestProxy() => RunningProxy() is { } proxy ? string.Create(CultureInfo.InvariantCulture, $"host.omnibus:{proxy.Port}") : null;

    /// <summary>Stops the cache; its files stay.</summary>
    /// <returns>The cache as it was, or null when there was none.</returns>
    public async Task<PackageCache?> StopAsync(CancellationToken cancellationToken)
    {
        PackageCache? cache = Find();
        if (cache is not null && !await cache.Process.EndAsync(TimeSpan.FromSeconds(10), cancellationToken).ConfigureAwait(false))
        {
            throw new OmnibusException("ServerNotStopped", ErrorKind.ProgramFailed, $"The package cache (process {cache.Process.ProcessId}) does not end.", Program);
        }

        return cache is null ? null : WithFigures(cache);
    }

    /// <summary>Removes the cached files and the figures. The cache must be stopped.</summary>
    /// <exception cref="OmnibusException"><c>PackageCacheRunning</c>.</exception>
    public void Clear()
    {
        if (Find() is { State: "Running" })
        {
            throw new OmnibusException("PackageCacheRunning", ErrorKind.InvalidArgument, "The package cache runs; its files are in use.", _cache, "Stop it first with Stop-PackageCache.");
        }

        foreach (string folder in new[] { _cache, _state }.Where(Directory.Exists))
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static long SizeOf(string folder) => Directory.Exists(folder)
        ? new DirectoryInfo(folder).EnumerateFiles("*", new EnumerationOptions { RecurseSubdirectories = true, IgnoreInaccessible = true, AttributesToSkip = FileAttributes.ReparsePoint }).Sum(file => file.Length)
        : 0;

    private PackageCache WithFigures(PackageCache cache)
    {
        PackageCacheStatistics figures = PackageCacheStatistics.Read(cache.LogPath);
        return cache with
        {
            Requests = figures.Requests,
            Misses = Math.Min(figures.Misses, figures.Requests),
            Hits = Math.Max(0, figures.Requests - figures.Misses),
            BytesSaved = Math.Max(0, figures.BytesOut - figures.BytesIn),
            Size = SizeOf(cache.CacheFolder),
        };
    }

    // https://www.unix-ag.uni-kl.de/~bloch/acng/html/config-serv.html
    private string Configure(IPAddress address, int port, string pidFile) => $"""
        CacheDir: {_cache}
        LogDir: {_state}
        SupportDir: /usr/lib/apt-cacher-ng
        BindAddress: {address}
        Port: {port}
        PidFile: {pidFile}
        SocketPath: {_state}/socket
        ForeGround: 0
        ReportPage: report.html
        VerboseLog: 1
        ExThreshold: 30
        AllowUserPorts: 0
        VfilePatternEx: (^|.*/)(InRelease|Release|Release\.gpg|repomd\.xml(\.asc|\.key)?|Packages(\.gz|\.xz|\.zst)?)$
        PfilePatternEx: .*/(by-hash/.*|repodata/[0-9a-f]+-.*|.*\.(deb|udeb|rpm|drpm|zst))$

        """;
}
