using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;
using Omnibus.Core.Diagnostics;
using Omnibus.Core.Processes;

namespace Omnibus.Core.Vms.State;

/// <summary>The machines of this user: one folder and one JSON file each, found again by any later process.</summary>
/// <remarks>Follows the XDG Base Directory Specification: machines under the data directory, images under the cache, sockets under the runtime directory.</remarks>
public sealed partial class VmDirectory
{
    // sun_path of unix(7) holds 107 bytes and a NUL.
    private const int SocketPathLimit = 107;
    private const int DefinitionLimit = 1024 * 1024;

    internal static readonly JsonSerializerOptions Json = new()
    {
        WriteIndented = true,
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Converters = { new JsonStringEnumConverter() },
    };

    /// <summary>Machines under the given folders.</summary>
    /// <param name="dataFolder">Folder that holds a folder for each machine.</param>
    /// <param name="cacheFolder">Folder for base images.</param>
    /// <param name="runtimeFolder">Folder for sockets; short, see unix(7).</param>
    public VmDirectory(string dataFolder, string cacheFolder, string runtimeFolder)
    {
        DataFolder = Path.GetFullPath(dataFolder);
        CacheFolder = Path.GetFullPath(cacheFolder);
        RuntimeFolder = Path.GetFullPath(runtimeFolder);
    }

    /// <summary>Folder that holds a folder for each machine.</summary>
    public string DataFolder { get; }

    /// <summary>Folder for base images.</summary>
    public string CacheFolder { get; }

    /// <summary>Folder for sockets.</summary>
    public string RuntimeFolder { get; }

    /// <summary>This user's machines: XDG_DATA_HOME, XDG_CACHE_HOME and XDG_RUNTIME_DIR, or their usual places.</summary>
    public static VmDirectory ForUser()
    {
        // Not /tmp where there is no runtime directory: others can make folders there before us.
        string? runtime = Environment.GetEnvironmentVariable("XDG_RUNTIME_DIR");
        return new VmDirectory(
            Path.Combine(UserFolders.Data, "vms"),
            Path.Combine(UserFolders.Cache, "images"),
            Path.IsPathRooted(runtime) && Directory.Exists(runtime) ? Path.Combine(runtime, "omnibus", "vms") : Path.Combine(UserFolders.State, "run", "vms"));
    }

    /// <summary>Where the files of a machine are, whether it exists or not.</summary>
    /// <exception cref="OmnibusException"><c>VmNameInvalid</c>.</exception>
    public VmFiles Files(string name)
    {
        ValidateName(name);
        return new VmFiles(Path.Combine(DataFolder, name), Path.Combine(RuntimeFolder, name));
    }

    /// <summary>Whether there is a machine of this name.</summary>
    public bool Exists(string name) => File.Exists(Files(name).Definition);

    /// <summary>The names of all machines, sorted.</summary>
    public IReadOnlyList<string> Names()
    {
        if (!Directory.Exists(DataFolder))
        {
            return [];
        }

        return [.. Directory.EnumerateDirectories(DataFolder)
            .Where(folder => File.Exists(Path.Combine(folder, "vm.json")))
            .Select(folder => Path.GetFileName(folder))
            .Where(name => NamePattern().IsMatch(name))
            .Order(StringComparer.Ordinal)];
    }

    /// <summary>Reads a machine.</summary>
    /// <exception cref="OmnibusException"><c>VmNotFound</c> or <c>VmDefinitionInvalid</c>.</exception>
    public VmDefinition Load(string name)
    {
        VmFiles files = Files(name);
        try
        {
            if (new FileInfo(files.Definition) is { Exists: true, Length: > DefinitionLimit })
            {
                throw new JsonException("it is too large");
            }

            using FileStream stream = File.OpenRead(files.Definition);
            VmDefinition definition = JsonSerializer.Deserialize<VmDefinition>(stream, Json) ?? throw new JsonException("it is empty");
            if (definition.Name != name || definition.Layout != 1)
            {
                throw new JsonException("it belongs to another machine or another version of Omnibus");
            }

            return definition;
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new OmnibusException("VmNotFound", ErrorKind.NotFound, $"There is no machine '{name}'.", name, "Get-BuildVm lists the machines.", e);
        }
        catch (JsonException e)
        {
            throw new OmnibusException("VmDefinitionInvalid", ErrorKind.InvalidData, $"'{files.Definition}' is no machine's file: {e.Message}", name, inner: e);
        }
    }

    /// <summary>Writes a machine's file: a reader sees the old one or the new one, whole.</summary>
    public void Save(VmDefinition definition)
    {
        VmFiles files = Files(definition.Name);
        string temporary = $"{files.Definition}.{Guid.NewGuid():N}";
        try
        {
            using (var stream = new FileStream(temporary, new FileStreamOptions
            {
                Mode = FileMode.CreateNew,
                Access = FileAccess.Write,
                UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
            }))
            {
                JsonSerializer.Serialize(stream, definition, Json);
                stream.Flush(flushToDisk: true);
            }

            File.Move(temporary, files.Definition, overwrite: true);
        }
        catch (IOException e)
        {
            TryDelete(temporary);
            throw new OmnibusException("VmStateNotWritten", ErrorKind.Storage, $"The state of the machine '{definition.Name}' could not be written: {e.Message}", definition.Name, "Make room on the disk that holds it.", e);
        }
    }

    /// <summary>Takes the lock of a machine.</summary>
    /// <exception cref="OmnibusException"><c>VmNotFound</c> or <c>VmBusy</c>.</exception>
    public Task<VmLock> LockAsync(string name, CancellationToken cancellationToken = default) => LockAsync(name, TimeSpan.FromMinutes(10), cancellationToken);

    /// <inheritdoc cref="LockAsync(string, CancellationToken)"/>
    public Task<VmLock> LockAsync(string name, TimeSpan timeout, CancellationToken cancellationToken = default) =>
        VmLock.AcquireAsync(Files(name).Lock, name, timeout, cancellationToken);

    /// <summary>Makes the folder for a machine's sockets, for its owner alone.</summary>
    /// <exception cref="OmnibusException"><c>RuntimeFolderTooLong</c>.</exception>
    internal void PrepareRuntimeFolder(VmFiles files)
    {
        const UnixFileMode owner = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
        if (files.StatusSocket.Length + 20 > SocketPathLimit)
        {
            throw new OmnibusException("RuntimeFolderTooLong", ErrorKind.InvalidArgument, $"The path '{files.RuntimeFolder}' is too long for a socket.", files.RuntimeFolder, "Set XDG_RUNTIME_DIR to a shorter path, or give the machine a shorter name.");
        }

        Directory.CreateDirectory(RuntimeFolder, owner);
        Directory.CreateDirectory(files.RuntimeFolder, owner);
    }

    /// <summary>Refuses what is no host name: it becomes a folder's name and the guest's host name.</summary>
    /// <exception cref="OmnibusException"><c>VmNameInvalid</c>.</exception>
    public static void ValidateName(string name)
    {
        if (!NamePattern().IsMatch(name))
        {
            throw new OmnibusException("VmNameInvalid", ErrorKind.InvalidArgument, $"'{name}' is no name for a machine.", name, "Use up to 63 lower-case letters, digits and hyphens, beginning with a letter or digit.");
        }
    }

    private static void TryDelete(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (IOException)
        {
            // The error that led here matters more.
        }
    }

    [GeneratedRegex(@"\A[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\z", RegexOptions.CultureInvariant)]
    private static partial Regex NamePattern();
}
