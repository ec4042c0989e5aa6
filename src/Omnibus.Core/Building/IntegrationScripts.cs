using System.Text;
using Omnibus.Core.Recipes.Plans;

namespace Omnibus.Core.Building;

/// <summary>Tells firewalld, ufw and rsyslog that their files have changed, where they run. An installation never fails because of it.</summary>
internal static class IntegrationScripts
{
    private const string Firewalld = "if command -v firewall-cmd >/dev/null 2>&1 && firewall-cmd --state >/dev/null 2>&1; then\n    firewall-cmd --reload >/dev/null 2>&1 || :\nfi\n";
    private const string Ufw = "if command -v ufw >/dev/null 2>&1; then\n    ufw app update all >/dev/null 2>&1 || :\nfi\n";
    private const string Rsyslog = "if [ -d /run/systemd/system ]; then\n    systemctl try-restart rsyslog.service >/dev/null 2>&1 || :\nfi\n";

    /// <summary>The parts for these files; the same for every format.</summary>
    public static ScriptParts For(IReadOnlyList<IntegrationFile> files)
    {
        var text = new StringBuilder();
        foreach (IntegrationKind kind in files.Select(f => f.Kind).Distinct().Order())
        {
            text.Append(kind switch
            {
                IntegrationKind.Firewalld => Firewalld,
                IntegrationKind.Ufw => Ufw,
                _ => Rsyslog,
            });
        }

        return new ScriptParts(text.ToString(), string.Empty, text.ToString());
    }
}
