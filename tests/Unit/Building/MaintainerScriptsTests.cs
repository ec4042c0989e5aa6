using System.Diagnostics;
using Omnibus.Core.Building;
using Omnibus.Core.Diagnostics;
using Omnibus.Core.Packages;
using Omnibus.Core.Recipes.Plans;

namespace Omnibus.Tests.Unit.Building;

public class MaintainerScriptsTests
{
    private static readonly PlanPath s_file = new(PlanPathBase.Source, "/src/a.service");

    private static PackagePlan Plan(params PackageScript[] scripts) => new()
    {
        Name = "tool",
        Architecture = "all",
        Summary = "A tool",
        Scripts = scripts,
        Units = [new SystemdUnitPlan("a.service", s_file, "/lib/systemd/system/a.service") { Start = true }, new SystemdUnitPlan("b.timer", s_file, "/lib/systemd/system/b.timer") { Enable = UnitEnablement.Disabled, RestartOnUpgrade = false }],
        Integrations = [new IntegrationFile(IntegrationKind.Firewalld, s_file, "/usr/lib/firewalld/services/a.xml"), new IntegrationFile(IntegrationKind.Rsyslog, s_file, "/etc/rsyslog.d/a.conf")],
    };

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Scripts_for_units_are_valid_shell_and_do_nothing_where_there_is_no_systemd(bool isDeb)
    {
        IReadOnlyList<PackageScript> scripts = MaintainerScripts.Compose(Plan(), isDeb);
        Assert.Equal([ScriptKind.PostInstall, ScriptKind.PreRemove, ScriptKind.PostRemove], scripts.Select(s => s.Kind));
        foreach (PackageScript script in scripts)
        {
            Assert.StartsWith("#!/bin/sh\n", script.Text);
            foreach (string argument in (string[])[isDeb ? "configure" : "1", isDeb ? "remove" : "0", isDeb ? "purge" : "2"])
            {
                // PATH is empty: no systemctl, no firewall-cmd, as in a small container.
                Assert.Equal(0, Run(script.Text, argument));
            }
        }
    }

    [Fact]
    public void A_deb_keeps_the_admins_choice_and_starts_only_what_is_to_be_started()
    {
        string post = MaintainerScripts.Compose(Plan(), isDeb: true)[0].Text;
        Assert.Contains("deb-systemd-helper --quiet was-enabled a.service", post, StringComparison.Ordinal);
        Assert.DoesNotContain("was-enabled b.timer", post, StringComparison.Ordinal);
        Assert.Contains("deb-systemd-invoke start a.service", post, StringComparison.Ordinal);
        Assert.DoesNotContain("start b.timer", post, StringComparison.Ordinal);
    }

    [Fact]
    public void The_recipes_own_script_runs_before_services_start_and_its_last_exit_does_not_hide_them()
    {
        string post = MaintainerScripts.Compose(Plan(new PackageScript(ScriptKind.PostInstall, "#!/bin/sh\nset -e\nadduser tool\nexit 0\n", ["/bin/sh"])), isDeb: true)[0].Text;
        Assert.DoesNotContain("exit 0", post, StringComparison.Ordinal);
        Assert.True(post.IndexOf("adduser tool", StringComparison.Ordinal) < post.IndexOf("deb-systemd-invoke start", StringComparison.Ordinal));
        string pre = MaintainerScripts.Compose(Plan(new PackageScript(ScriptKind.PreRemove, "#!/bin/sh\nrm -rf /run/tool\n", ["/bin/sh"])), isDeb: false).Single(s => s.Kind == ScriptKind.PreRemove).Text;
        Assert.True(pre.IndexOf("disable --now", StringComparison.Ordinal) < pre.IndexOf("rm -rf /run/tool", StringComparison.Ordinal));
        Assert.StartsWith("#!/bin/sh\n", pre);
    }

    [Fact]
    public void A_script_of_another_language_cannot_be_added_to()
    {
        var error = Assert.Throws<OmnibusException>(() => MaintainerScripts.Compose(Plan(new PackageScript(ScriptKind.PostInstall, "#!/usr/bin/perl\nprint 1;\n", ["/usr/bin/perl"])), isDeb: true));
        Assert.Equal("ScriptNotShell", error.Id);
    }

    private static int Run(string script, string argument)
    {
        var start = new ProcessStartInfo("/bin/sh", ["-c", script, "sh", argument]) { RedirectStandardError = true };
        start.Environment["PATH"] = "/nonexistent";
        using Process process = Process.Start(start)!;
        process.WaitForExit();
        return process.ExitCode;
    }
}
