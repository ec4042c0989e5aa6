using System.Text;
using Omnibus.Core.Diagnostics;
using Omnibus.Core.Packages;
using Omnibus.Core.Recipes.Plans;

namespace Omnibus.Core.Building;

/// <summary>Joins the recipe's own maintainer scripts with what services and other daemons need.</summary>
internal static class MaintainerScripts
{
    private static readonly ScriptKind[] s_generated = [ScriptKind.PostInstall, ScriptKind.PreRemove, ScriptKind.PostRemove];

    /// <summary>The scripts of a package.</summary>
    /// <param name="package">The plan.</param>
    /// <param name="isDeb">Whether the target takes debs.</param>
    /// <exception cref="OmnibusException"><c>ScriptNotShell</c>: something must be added to a script that is none of the shell's.</exception>
    public static IReadOnlyList<PackageScript> Compose(PackagePlan package, bool isDeb)
    {
        ScriptParts units = isDeb ? SystemdScripts.ForDeb(package.Units) : SystemdScripts.ForRpm(package.Units);
        ScriptParts integrations = IntegrationScripts.For(package.Integrations);
        var scripts = new List<PackageScript>(package.Scripts.Where(s => !s_generated.Contains(s.Kind)));
        foreach (ScriptKind kind in s_generated)
        {
            string added = integrations.For(kind) + units.For(kind);
            PackageScript? own = package.Scripts.FirstOrDefault(s => s.Kind == kind);
            if (added.Length == 0)
            {
                scripts.AddRange(own is null ? [] : [own]);
            }
            else
            {
                scripts.Add(Join(package.Name, kind, own, added, isDeb));
            }
        }

        return [.. scripts.OrderBy(s => s.Kind)];
    }

    private static PackageScript Join(string package, ScriptKind kind, PackageScript? own, string added, bool isDeb)
    {
        if (own is null)
        {
            // rpm runs its scriptlets with /bin/sh and takes no notice of -e unless told.
            return new PackageScript(kind, isDeb ? "#!/bin/sh\nset -e\n" + added : "#!/bin/sh\n" + added, ["/bin/sh"]);
        }

        string interpreter = own.Interpreter is { Count: > 0 } given ? given[0] : "/bin/sh";
        if (Path.GetFileName(interpreter) is not ("sh" or "bash" or "dash"))
        {
            throw new OmnibusException(
                "ScriptNotShell",
                ErrorKind.InvalidArgument,
                $"{package}: its {kind} script is run by {interpreter}, and what its services and other daemons need cannot be added to it.",
                package,
                "Write it for /bin/sh; it may call another program.");
        }

        // What the recipe prepares (users, folders) must be there before a service starts, and stay until it has stopped.
        string body = WithoutFinalExit(own.Text);
        if (kind == ScriptKind.PostInstall)
        {
            return own with { Text = body + added };
        }

        int firstLine = body.StartsWith("#!", StringComparison.Ordinal) ? body.IndexOf('\n', StringComparison.Ordinal) + 1 : 0;
        return own with { Text = body[..firstLine] + added + body[firstLine..] };
    }

    // Many scripts end in "exit 0", behind which nothing would run.
    private static string WithoutFinalExit(string text)
    {
        string trimmed = text.TrimEnd();
        int last = trimmed.LastIndexOf('\n');
        bool exits = trimmed[(last + 1)..].Trim() is "exit 0" or "exit" or ":";
        return new StringBuilder(exits ? trimmed[..(last + 1)] : trimmed + "\n").ToString();
    }
}
