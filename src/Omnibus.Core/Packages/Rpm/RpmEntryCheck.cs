using System.Text;

namespace Omnibus.Core.Packages.Rpm;

/// <summary>Takes a breach: id, message, path, advice.</summary>
internal delegate void RpmBreach(string id, string message, string? path = null, string? advice = null);

/// <summary>Holds the paths of a definition against the rules: each one absolute and once, links to something, nothing under a file.</summary>
internal sealed class RpmEntryCheck(IReadOnlyList<PackageEntry> entries, RpmBreach error)
{
    // NAME_MAX and PATH_MAX of Linux.
    private const int MaxNameLength = 255;
    private const int MaxPathLength = 4095;

    private readonly Dictionary<string, PackageEntry> _byPath = new(StringComparer.Ordinal);

    public void Run()
    {
        foreach (PackageEntry entry in entries)
        {
            if (!IsPath(entry.Path))
            {
                error("RpmPathInvalid", $"'{entry.Path}' is no absolute, normalised path.", entry.Path);
            }
            else if (!_byPath.TryAdd(entry.Path, entry))
            {
                error("RpmPathDuplicate", $"There are two entries for {entry.Path}.", entry.Path);
            }
        }

        foreach (PackageEntry entry in entries)
        {
            CheckKind(entry);
            CheckOwner(entry.Owner, entry.Path);
            CheckOwner(entry.Group, entry.Path);
            CheckParents(entry);
            if (entry.Capabilities is { Length: > 0 } capabilities
                && (entry.Kind is not (PackageEntryKind.File or PackageEntryKind.HardLink) || !capabilities.Contains("cap_", StringComparison.OrdinalIgnoreCase) || HasControl(capabilities)))
            {
                error("RpmCapabilitiesInvalid", $"'{capabilities}' are no capabilities, or {entry.Path} is no file.", entry.Path, "Write them as cap_to_text(3) does, for example cap_net_raw=ep.");
            }
        }
    }

    private void CheckKind(PackageEntry entry)
    {
        switch (entry.Kind)
        {
            case PackageEntryKind.File when entry.Content is null:
                error("RpmContentMissing", $"The file {entry.Path} has no content.", entry.Path);
                break;
            case PackageEntryKind.SymbolicLink when string.IsNullOrEmpty(entry.LinkTarget) || HasControl(entry.LinkTarget) || Encoding.UTF8.GetByteCount(entry.LinkTarget) > MaxPathLength:
                error("RpmLinkInvalid", $"The symbolic link {entry.Path} has no target, or one that cannot be.", entry.Path);
                break;
            case PackageEntryKind.HardLink when entry.LinkTarget is null || !_byPath.TryGetValue(entry.LinkTarget, out PackageEntry? first) || first.Kind != PackageEntryKind.File:
                error("RpmLinkInvalid", $"The hard link {entry.Path} leads to '{entry.LinkTarget}', which is no file of this package.", entry.Path);
                break;
        }
    }

    private void CheckOwner(string name, string path)
    {
        if (name.Length == 0 || name.Any(c => char.IsWhiteSpace(c) || char.IsControl(c) || c == ':'))
        {
            error("RpmOwnerInvalid", $"'{name}', owner or group of {path}, is no name.", path);
        }
    }

    private void CheckParents(PackageEntry entry)
    {
        for (int slash = entry.Path.LastIndexOf('/'); slash > 0; slash = entry.Path.LastIndexOf('/', slash - 1))
        {
            string parent = entry.Path[..slash];
            if (_byPath.TryGetValue(parent, out PackageEntry? other) && other.Kind != PackageEntryKind.Directory && other.Kind != PackageEntryKind.Ghost)
            {
                error("RpmPathUnderFile", $"{entry.Path} lies under {parent}, which is no directory in this package.", entry.Path);
            }
        }
    }

    private static bool IsPath(string path)
    {
        if (path.Length == 0 || path[0] != '/' || HasControl(path) || Encoding.UTF8.GetByteCount(path) > MaxPathLength)
        {
            return false;
        }

        if (path == "/")
        {
            return true;
        }

        foreach (Range range in path.AsSpan(1).Split('/'))
        {
            ReadOnlySpan<char> part = path.AsSpan(1)[range];
            if (part.IsEmpty || part is "." or ".." || Encoding.UTF8.GetByteCount(part) > MaxNameLength)
            {
                return false;
            }
        }

        return true;
    }

    // A line break in a path breaks every tool that lists files one a line; NUL cannot be kept at all.
    private static bool HasControl(string text) => text.AsSpan().ContainsAnyInRange('\0', '\u001f');
}
