using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;
using Omnibus.Core.Diagnostics;
using Omnibus.Core.Processes;

namespace Omnibus.Core.Serving;

/// <summary>The repository servers of this user: started, found again by any later process, stopped.</summary>
public sealed partial class RepositoryServers
{
    internal static readonly JsonSerializerOptions Json = new() { WriteIndented = true, Converters = { new JsonStringEnumConverter() } };
    private readonly string _folder;

    /// <summary>Servers whose state lives in the given folder.</summary>
    /// <param name="folder">Null: the user's state folder.</param>
    public RepositoryServers(string? folder = null) => _folder = folder ?? Path.Combine(UserFolders.State, "servers");

    /// <summary>Starts a server and waits until it answers.</summary>
    /// <exception cref="OmnibusException"><c>ServerExists</c> (one of that name runs), <c>ServerFolderNotFound</c>, <c>ServerPortInUse</c>, <c>ServerAddressUnavailable</c>, <c>ServerPathUnsupported</c>, <c>ServerNotStarted</c>, <c>ProgramMissing</c>.</exception>
    public async Task<RepositoryServer> StartAsync(ServerRequest request, IProgress<OperationProgress>? progress, CancellationToken cancellationToken)
    {
        string folder = FolderOf(request.Name);
        if (Find(request.Name) is { State: "Running" } running)
        {
            throw new OmnibusException("ServerExists", ErrorKind.AlreadyExists, $"A server named '{request.Name}' runs already at {running.Uri}.", request.Name, "Stop it first with Stop-RepositoryServer, or give this one another name.");
        }

        if (request.Folders.FirstOrDefault(served => !Directory.Exists(served.Folder)) is { } missing)
        {
            throw new OmnibusException("ServerFolderNotFound", ErrorKind.NotFound, $"There is no folder {missing.Folder}.", missing.Folder);
        }

        int port = ServerStart.ChoosePort(request.Address, request.Port);
        Directory.CreateDirectory(Path.Combine(folder, "temp"));
        ServerBackend backend = request.Backend == ServerBackend.Auto
            ? ProgramRunner.Find("nginx") is null ? ServerBackend.Embedded : ServerBackend.Nginx
            : request.Backend;
        RunningProcess process = backend == ServerBackend.Nginx
            ? await NginxServer.StartAsync(request, port, folder, progress, cancellationToken).ConfigureAwait(false)
            : EmbeddedServer.Start(request, port, Path.Combine(folder, "access.log"));
        var server = new RepositoryServer
        {
            Name = request.Name,
            Backend = backend,
            Address = request.Address.ToString(),
            Port = port,
            Folders = request.Folders,
            StartedTime = DateTimeOffset.UtcNow,
            LogPath = Path.Combine(folder, "access.log"),
            Process = process,
        };
        try
        {
            await ServerStart.WaitForPortAsync(backend.ToString(), request.Address, port, Path.Combine(folder, "error.log"), request.Name, cancellationToken).ConfigureAwait(false);
            WriteAtomically(StateFile(request.Name), JsonSerializer.SerializeToUtf8Bytes(server, Json));
        }
        catch
        {
            await EndAsync(server, CancellationToken.None).ConfigureAwait(false);
            throw;
        }

        return server;
    }

    /// <summary>All servers that were started and not stopped, by name.</summary>
    public IReadOnlyList<RepositoryServer> List()
    {
        if (!Directory.Exists(_folder))
        {
            return [];
        }

        return [.. Directory.EnumerateDirectories(_folder).Select(Path.GetFileName).OfType<string>().Where(name => Name().IsMatch(name)).Order(StringComparer.Ordinal).Select(Find).OfType<RepositoryServer>()];
    }

    /// <summary>A server by name, or null.</summary>
    public RepositoryServer? Find(string name)
    {
        try
        {
            return JsonSerializer.Deserialize<RepositoryServer>(File.ReadAllBytes(StateFile(name)), Json);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException or JsonException)
        {
            return null;
        }
    }

    /// <summary>Stops a server and forgets it. One that is stopped already is only forgotten.</summary>
    /// <exception cref="OmnibusException"><c>ServerNotFound</c>, <c>ServerNotStopped</c>.</exception>
    public async Task<RepositoryServer> StopAsync(string name, CancellationToken cancellationToken)
    {
        RepositoryServer server = Find(name) ?? throw new OmnibusException("ServerNotFound", ErrorKind.NotFound, $"There is no server '{name}'.", name, "Get-RepositoryServer lists them.");
        if (!await EndAsync(server, cancellationToken).ConfigureAwait(false))
        {
            throw new OmnibusException("ServerNotStopped", ErrorKind.ProgramFailed, $"The server '{name}' (process {server.Process.ProcessId}) does not end.", name);
        }

        Directory.Delete(FolderOf(name), recursive: true);
        return server;
    }

    internal static void WriteAtomically(string path, byte[] content)
    {
        string temporary = $"{path}.{Guid.NewGuid():n}";
        File.WriteAllBytes(temporary, content);
        File.Move(temporary, path, overwrite: true);
    }

    private static async Task<bool> EndAsync(RepositoryServer server, CancellationToken cancellationToken)
    {
        if (server.Backend == ServerBackend.Embedded)
        {
            // Only the process that hosts it can end it; another one must not kill that process.
            return EmbeddedServer.Stop(server.Port) || server.Process.ProcessId != Environment.ProcessId || !server.Process.IsAlive;
        }

        return await server.Process.EndAsync(TimeSpan.FromSeconds(10), cancellationToken).ConfigureAwait(false);
    }

    private string FolderOf(string name) => Name().IsMatch(name)
        ? Path.Combine(_folder, name)
        : throw new OmnibusException("ServerNameInvalid", ErrorKind.InvalidArgument, $"'{name}' is no name for a server.", name, "Use letters, digits, dots, dashes and underscores.");

    private string StateFile(string name) => Path.Combine(FolderOf(name), "server.json");

    [GeneratedRegex(@"\A[A-Za-z0-9][A-Za-z0-9._-]{0,62}\z")]
    private static partial Regex Name();
}
