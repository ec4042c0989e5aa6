using Omnibus.Core.Diagnostics;

namespace Omnibus.Core.Packages.Linting;

/// <summary>What Debian's policy demands of a binary package, as far as the package itself shows it.</summary>
internal sealed class DebPackageRules : IPackageRuleSet
{
    public string? Format => "Deb";

    public IEnumerable<Finding> Check(PackageFile package)
    {
        Finding Report(string id, FindingSeverity severity, string message, string? path = null, string? advice = null) =>
            new(id, severity, message, package.Name, path) { Advice = advice };

        string documentation = $"/usr/share/doc/{package.Name}";
        PackageFileEntry? folder = package.Files.FirstOrDefault(f => f.Path == documentation);

        // A package may borrow the folder of another one from the same source by a link (Policy 12.5).
        if (folder is not { Kind: PackageEntryKind.SymbolicLink })
        {
            if (!package.Files.Any(f => f.Path == documentation + "/copyright"))
            {
                yield return Report("CopyrightMissing", FindingSeverity.Error, "There is no copyright file (Debian Policy 12.5).", advice: "Set the licence or a copyright text.");
            }

            string changelog = package.Release is null ? "changelog.gz" : "changelog.Debian.gz";
            if (!package.Files.Any(f => f.Path == $"{documentation}/{changelog}"))
            {
                yield return Report("ChangelogMissing", FindingSeverity.Error, $"There is no {changelog} (Debian Policy 12.7).");
            }
        }

        foreach (PackageFileEntry file in package.Files)
        {
            if (file.Kind == PackageEntryKind.File && file.Digest is null && !file.Flags.HasFlag(PackageEntryFlags.Config))
            {
                yield return Report("SumMissing", FindingSeverity.Warning, $"md5sums does not name {file.Path}.", file.Path);
            }

            if (file.Kind == PackageEntryKind.SymbolicLink && LinkFault(file) is { } fault)
            {
                yield return Report(fault.Id, FindingSeverity.Warning, fault.Message, file.Path);
            }
        }

        foreach (PackageScript script in package.Scripts)
        {
            if (script.Interpreter is not { Count: > 0 } || !script.Interpreter[0].StartsWith('/'))
            {
                yield return Report("ScriptWithoutInterpreter", FindingSeverity.Error, $"The {script.Kind} script does not begin with #! and an absolute path.");
            }
        }
    }

    // Debian Policy 10.5: relative within a top-level folder, absolute from one to another.
    private static (string Id, string Message)? LinkFault(PackageFileEntry link)
    {
        string target = link.LinkTarget ?? string.Empty;
        string top = Top(link.Path);
        if (target.StartsWith('/'))
        {
            return Top(target) == top && link.Path.Count(c => c == '/') > 1
                ? ("LinkShouldBeRelative", $"The link {link.Path} stays within /{top}, so its target '{target}' should be relative.")
                : null;
        }

        var parts = new Stack<string>(PackageEntryRules.ParentOf(link.Path).Split('/', StringSplitOptions.RemoveEmptyEntries));
        foreach (string part in target.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            if (part is ".." && parts.Count > 0)
            {
                parts.Pop();
            }
            else if (part is not ("." or ".."))
            {
                parts.Push(part);
            }
        }

        return parts.Count > 0 && parts.Last() != top && link.Path.Count(c => c == '/') > 1
            ? ("LinkShouldBeAbsolute", $"The link {link.Path} leads out of /{top}, so its target '{target}' should be absolute.")
            : null;
    }

    private static string Top(string path) => path.Split('/', 3)[1];
}
