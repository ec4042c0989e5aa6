using Omnibus.Core.Diagnostics;

namespace Omnibus.Core.Packages;

/// <summary>What every format demands of the entries of a package. The formats add their own rules.</summary>
public static class PackageEntryRules
{
    private const int LongestPath = 4096;

    /// <summary>Holds the entries of a definition against the rules.</summary>
    /// <returns>One finding for each breach.</returns>
    public static IReadOnlyList<Finding> Check(PackageDefinition definition)
    {
        var findings = new List<Finding>();
        var byPath = new Dictionary<string, PackageEntry>(definition.Entries.Count, StringComparer.Ordinal);
        foreach (PackageEntry entry in definition.Entries)
        {
            if (PathFault(entry.Path) is { } fault)
            {
                findings.Add(Error(definition, entry, "PackageEntryPathInvalid", $"The path '{Printable(entry.Path)}' {fault}."));
            }
            else if (!byPath.TryAdd(entry.Path, entry))
            {
                findings.Add(Error(definition, entry, "PackageEntryDuplicate", $"There are two entries for {entry.Path}."));
            }
        }

        foreach (PackageEntry entry in definition.Entries)
        {
            CheckEntry(definition, entry, byPath, findings);
        }

        return findings;
    }

    /// <summary>The path of the folder that holds a path; empty for a path right below the root.</summary>
    public static string ParentOf(string path) => path[..path.LastIndexOf('/')];

    /// <summary>Whether the relative target of a symbolic link leads above the root on its way.</summary>
    /// <param name="link">Absolute path of the link.</param>
    /// <param name="target">Its target; an absolute one never does.</param>
    internal static bool ClimbsAboveRoot(string link, string target)
    {
        if (target.StartsWith('/'))
        {
            return false;
        }

        int depth = link.Count(c => c == '/') - 1;
        foreach (string part in target.Split('/'))
        {
            depth += part is ".." ? -1 : part is "" or "." ? 0 : 1;
            if (depth < 0)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>What is wrong with an absolute, normalised path, or null.</summary>
    public static string? PathFault(string path)
    {
        if (path.Length < 2 || path[0] != '/')
        {
            return "is not absolute";
        }

        if (path.Length > LongestPath / 4 && System.Text.Encoding.UTF8.GetByteCount(path) > LongestPath)
        {
            return $"is longer than {LongestPath} bytes";
        }

        // Plain loops: this runs for every path of every package, and the vectorised span methods first wait for the JIT.
        int partStart = 1;
        for (int i = 1; i <= path.Length; i++)
        {
            char c = i < path.Length ? path[i] : '/';
            if (c is < ' ' or '\x7F')
            {
                return "holds control characters";
            }

            if (c == '/')
            {
                int length = i - partStart;
                if (length == 0 || (path[partStart] == '.' && (length == 1 || (length == 2 && path[partStart + 1] == '.'))))
                {
                    return "is not normalised";
                }

                partStart = i + 1;
            }
        }

        return null;
    }

    private static void CheckEntry(PackageDefinition definition, PackageEntry entry, Dictionary<string, PackageEntry> byPath, List<Finding> findings)
    {
        if (PathFault(entry.Path) is null && ParentFault(entry.Path, byPath) is { } parent)
        {
            findings.Add(Error(definition, entry, "PackageEntryParentInvalid", $"{entry.Path} lies below {parent}, which is no directory."));
        }

        if (entry.Mode is < 0 or > 0xFFF)
        {
            findings.Add(Error(definition, entry, "PackageEntryModeInvalid", $"{entry.Path} has a mode of more than twelve bits."));
        }

        if (!IsAccountName(entry.Owner) || !IsAccountName(entry.Group))
        {
            findings.Add(Error(definition, entry, "PackageEntryOwnerInvalid", $"{entry.Path} belongs to '{Printable(entry.Owner)}:{Printable(entry.Group)}', which cannot be names of an owner and a group."));
        }

        switch (entry.Kind)
        {
            case PackageEntryKind.File when entry.Content is null:
                findings.Add(Error(definition, entry, "PackageEntryContentMissing", $"The file {entry.Path} has no content."));
                break;
            case PackageEntryKind.SymbolicLink:
                CheckSymbolicLink(definition, entry, findings);
                break;
            case PackageEntryKind.HardLink:
                if (entry.LinkTarget is null || !byPath.TryGetValue(entry.LinkTarget, out PackageEntry? target) || target.Kind != PackageEntryKind.File)
                {
                    findings.Add(Error(definition, entry, "PackageLinkTargetInvalid", $"The hard link {entry.Path} points to '{Printable(entry.LinkTarget)}', which is no file of the package."));
                }

                break;
            case PackageEntryKind.Special:
                findings.Add(Error(definition, entry, "PackageEntryKindInvalid", $"{entry.Path} is a device node or named pipe; those are not packaged."));
                break;
            default:
                break;
        }
    }

    private static void CheckSymbolicLink(PackageDefinition definition, PackageEntry entry, List<Finding> findings)
    {
        string? target = entry.LinkTarget;
        if (string.IsNullOrEmpty(target) || target.Contains('\0', StringComparison.Ordinal) || System.Text.Encoding.UTF8.GetByteCount(target) > LongestPath)
        {
            findings.Add(Error(definition, entry, "PackageLinkTargetInvalid", $"The link {entry.Path} has no usable target."));
            return;
        }

        if (PathFault(entry.Path) is null && ClimbsAboveRoot(entry.Path, target))
        {
            findings.Add(Error(definition, entry, "PackageLinkOutsideRoot", $"The link {entry.Path} climbs above the root: '{Printable(target)}'."));
        }
    }

    // The nearest ancestor that is an entry decides: a directory is checked itself.
    private static string? ParentFault(string path, Dictionary<string, PackageEntry> byPath)
    {
        for (string parent = ParentOf(path); parent.Length > 0; parent = ParentOf(parent))
        {
            if (byPath.TryGetValue(parent, out PackageEntry? entry))
            {
                return entry.Kind == PackageEntryKind.Directory ? null : parent;
            }
        }

        return null;
    }

    // 31 bytes is what the field of a tar header holds; useradd takes 32 at most.
    private static bool IsAccountName(string name)
    {
        foreach (char c in name)
        {
            if (c is <= ' ' or >= '\x7F' or ':' or '/')
            {
                return false;
            }
        }

        return name.Length is > 0 and <= 31;
    }

    private static string Printable(string? text) =>
        text is null ? string.Empty : string.Concat(text.Select(c => char.IsControl(c) ? '?' : c));

    private static Finding Error(PackageDefinition definition, PackageEntry entry, string id, string message) =>
        new(id, FindingSeverity.Error, message, definition.Name, entry.Path);
}
