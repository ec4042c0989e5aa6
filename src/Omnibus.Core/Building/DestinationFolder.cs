using System.Security.Cryptography;
using Omnibus.Core.Diagnostics;
using Omnibus.Core.Packages;

namespace Omnibus.Core.Building;

/// <summary>
/// Where packages end up. Those of one distribution are written into a hidden folder beside their final place and moved when all are whole, so that
/// a build that fails leaves nothing.
/// </summary>
internal sealed class DestinationFolder : IDisposable
{
    private readonly string _path;
    private readonly bool _created;

    private DestinationFolder(string path, string staging, bool created)
    {
        _path = path;
        Staging = staging;
        _created = created;
    }

    /// <summary>The hidden folder.</summary>
    public string Staging { get; }

    /// <summary>Prepares a destination.</summary>
    /// <exception cref="OmnibusException"><c>DestinationNotFolder</c>, <c>DestinationNotWritable</c>.</exception>
    public static DestinationFolder Prepare(string destination)
    {
        string path = Path.GetFullPath(destination);
        if (File.Exists(path))
        {
            throw new OmnibusException("DestinationNotFolder", ErrorKind.InvalidArgument, $"{path} is a file; packages go into a folder.", path);
        }

        try
        {
            bool created = !Directory.Exists(path);
            Directory.CreateDirectory(path);
            string staging = Path.Combine(path, ".omnibus-" + Path.GetRandomFileName().Replace(".", string.Empty, StringComparison.Ordinal));
            Directory.CreateDirectory(staging);
            return new DestinationFolder(path, staging, created);
        }
        catch (UnauthorizedAccessException e)
        {
            throw new OmnibusException("DestinationNotWritable", ErrorKind.PermissionDenied, $"{path}: may not be written.", path, inner: e);
        }
        catch (IOException e)
        {
            throw StorageError.From(e, "DestinationNotWritable", path, "The folder for packages could not be made");
        }
    }

    /// <summary>Moves finished packages to their place. All conflicts are found before the first is moved.</summary>
    /// <exception cref="OmnibusException"><c>PackageExists</c>.</exception>
    public IReadOnlyList<PackageFile> Publish(IReadOnlyList<PackageFile> packages, bool force)
    {
        foreach (PackageFile package in packages)
        {
            string target = Target(package);
            if (!force && File.Exists(target) && !SameBytes(target, package.Path))
            {
                throw new OmnibusException(
                    "PackageExists",
                    ErrorKind.AlreadyExists,
                    $"{target} is there already, with other content.",
                    target,
                    "Raise the version or the release, or replace it with -Force (--force).");
            }
        }

        var published = new List<PackageFile>(packages.Count);
        foreach (PackageFile package in packages)
        {
            File.Move(package.Path, Target(package), overwrite: true);
            published.Add(package with { Path = Target(package) });
        }

        return published;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        TreeRemoval.Remove(Staging);
        if (_created && !Directory.EnumerateFileSystemEntries(_path).Any())
        {
            Directory.Delete(_path);
        }
    }

    private string Target(PackageFile package) => Path.Combine(_path, Path.GetFileName(package.Path));

    private static bool SameBytes(string a, string b)
    {
        using FileStream first = File.OpenRead(a);
        using FileStream second = File.OpenRead(b);
        return first.Length == second.Length && SHA256.HashData(first).AsSpan().SequenceEqual(SHA256.HashData(second));
    }
}
