using System.Text;
using Omnibus.Core.Packages;
using Omnibus.Core.Recipes.Plans;

namespace Omnibus.Core.Building;

/// <summary>What services and files for other daemons need in maintainer scripts.</summary>
/// <param name="Post">After installation.</param>
/// <param name="PreRemove">Before removal.</param>
/// <param name="PostRemove">After removal.</param>
internal sealed record ScriptParts(string Post, string PreRemove, string PostRemove)
{
    /// <summary>The text for a script, empty when there is none.</summary>
    public string For(ScriptKind kind) => kind switch
    {
        ScriptKind.PostInstall => Post,
        ScriptKind.PreRemove => PreRemove,
        ScriptKind.PostRemove => PostRemove,
        _ => string.Empty,
    };
}

/// <summary>The parts of maintainer scripts for systemd units, one writer a format.</summary>
internal static class SystemdScripts
{
    /// <summary>Parts for a deb: deb-systemd-helper keeps what the admin enabled or disabled over upgrades, deb-systemd-invoke heeds policy-rc.d (init-system-helpers).</summary>
    public static ScriptParts ForDeb(IReadOnlyList<SystemdUnitPlan> units)
    {
        if (units.Count == 0)
        {
            return new ScriptParts(string.Empty, string.Empty, string.Empty);
        }

        var post = new StringBuilder("case \"$1\" in\nconfigure | abort-upgrade | abort-deconfigure | abort-remove)\n    if command -v deb-systemd-helper >/dev/null; then\n");
        foreach (SystemdUnitPlan unit in units)
        {
            // A unit that was removed but not purged is masked; its state lets an admin's choice survive.
            post.Append($"        deb-systemd-helper unmask {unit.Name} >/dev/null || true\n");
            post.Append(unit.Enable == UnitEnablement.Disabled
                ? $"        deb-systemd-helper update-state {unit.Name} >/dev/null || true\n"
                : $"""
                           if deb-systemd-helper --quiet was-enabled {unit.Name}; then
                               deb-systemd-helper enable {unit.Name} >/dev/null || true
                           else
                               deb-systemd-helper update-state {unit.Name} >/dev/null || true
                           fi

                   """);
        }

        post.Append("    fi\n    if [ -d /run/systemd/system ]; then\n        systemctl --system daemon-reload >/dev/null || true\n");
        AppendStart(post, units);
        post.Append("    fi\n    ;;\nesac\n");

        string names = string.Join(' ', units.Select(u => u.Name));
        string preRemove = $"if [ \"$1\" = remove ] && [ -d /run/systemd/system ]; then\n    deb-systemd-invoke stop {names} >/dev/null || true\nfi\n";
        string postRemove =
            $"""
            if [ -d /run/systemd/system ]; then
                systemctl --system daemon-reload >/dev/null || true
            fi
            if command -v deb-systemd-helper >/dev/null; then
                case "$1" in
                remove)
                    deb-systemd-helper mask {names} >/dev/null || true
                    ;;
                purge)
                    deb-systemd-helper purge {names} >/dev/null || true
                    deb-systemd-helper unmask {names} >/dev/null || true
                    ;;
                esac
            fi

            """;
        return new ScriptParts(post.ToString(), preRemove, postRemove);
    }

    /// <summary>Parts for an rpm: presets at the first installation, stop at the last removal, restart after an upgrade (systemd.preset(5); Fedora's scriptlets for units).</summary>
    public static ScriptParts ForRpm(IReadOnlyList<SystemdUnitPlan> units)
    {
        if (units.Count == 0)
        {
            return new ScriptParts(string.Empty, string.Empty, string.Empty);
        }

        var post = new StringBuilder("if [ -x /usr/bin/systemctl ]; then\n    if [ \"$1\" -eq 1 ]; then\n");
        foreach (SystemdUnitPlan unit in units)
        {
            string verb = unit.Enable switch
            {
                UnitEnablement.Enabled => "enable",
                UnitEnablement.Disabled => "disable",
                _ => "preset",
            };
            post.Append($"        systemctl --no-reload {verb} {unit.Name} >/dev/null 2>&1 || :\n");
        }

        post.Append("    fi\n    if [ -d /run/systemd/system ]; then\n        systemctl daemon-reload >/dev/null 2>&1 || :\n");
        foreach (SystemdUnitPlan unit in units.Where(u => u.Start))
        {
            post.Append($"        [ \"$1\" -ne 1 ] || systemctl start {unit.Name} >/dev/null 2>&1 || :\n");
        }

        post.Append("    fi\nfi\n");
        string names = string.Join(' ', units.Select(u => u.Name));
        string preRemove = $"if [ \"$1\" -eq 0 ] && [ -x /usr/bin/systemctl ]; then\n    systemctl --no-reload disable --now {names} >/dev/null 2>&1 || :\nfi\n";
        var postRemove = new StringBuilder("if [ -d /run/systemd/system ]; then\n    systemctl daemon-reload >/dev/null 2>&1 || :\n");
        foreach (SystemdUnitPlan unit in units.Where(u => u.RestartOnUpgrade))
        {
            postRemove.Append($"    [ \"$1\" -lt 1 ] || systemctl try-restart {unit.Name} >/dev/null 2>&1 || :\n");
        }

        return new ScriptParts(post.ToString(), preRemove, postRemove.Append("fi\n").ToString());
    }

    // $2 is the version that was configured before: there is one on an upgrade.
    private static void AppendStart(StringBuilder post, IReadOnlyList<SystemdUnitPlan> units)
    {
        foreach (SystemdUnitPlan unit in units)
        {
            string upgrade = unit.RestartOnUpgrade ? $"deb-systemd-invoke try-restart {unit.Name} >/dev/null || true" : ":";
            string install = unit.Start ? $"deb-systemd-invoke start {unit.Name} >/dev/null || true" : ":";
            if (unit.RestartOnUpgrade || unit.Start)
            {
                post.Append($"        if [ -n \"$2\" ]; then\n            {upgrade}\n        else\n            {install}\n        fi\n");
            }
        }
    }
}
