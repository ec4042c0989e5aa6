using Omnibus.Core.Diagnostics;
using Omnibus.Core.Recipes.Schema;

namespace Omnibus.Core.Recipes.Checks;

/// <summary>Holds a systemd unit file against what systemd reads: sections, keys, and the mistakes that make a service not start.</summary>
internal sealed class UnitFileCheck
{
    private static readonly Dictionary<string, string> s_sectionOfSuffix = new(StringComparer.Ordinal)
    {
        [".service"] = "Service",
        [".socket"] = "Socket",
        [".timer"] = "Timer",
        [".path"] = "Path",
        [".mount"] = "Mount",
        [".automount"] = "Automount",
        [".swap"] = "Swap",
        [".slice"] = "Slice",
    };

    private static readonly Dictionary<string, string[]> s_choices = new(StringComparer.Ordinal)
    {
        ["Type"] = ["simple", "exec", "forking", "oneshot", "dbus", "notify", "notify-reload", "idle"],
        ["Restart"] = ["no", "on-success", "on-failure", "on-abnormal", "on-watchdog", "on-abort", "always"],
        ["KillMode"] = ["control-group", "mixed", "process", "none"],
        ["NotifyAccess"] = ["none", "main", "exec", "all"],
    };

    private readonly string _file;
    private readonly List<Finding> _findings = [];

    private UnitFileCheck(string file) => _file = file;

    /// <summary>Checks a unit.</summary>
    /// <param name="name">Its name on the target.</param>
    /// <param name="text">Its text.</param>
    /// <param name="file">The file, as findings name it.</param>
    /// <param name="isEnabled">Whether the package enables it outright.</param>
    public static IReadOnlyList<Finding> Check(string name, string text, string file, bool isEnabled)
    {
        var check = new UnitFileCheck(file);
        check.Run(name, [.. UnitFile.Read(text)], isEnabled);
        return check._findings;
    }

    private void Run(string name, IReadOnlyList<UnitLine> lines, bool isEnabled)
    {
        string suffix = Path.GetExtension(name);
        string? own = s_sectionOfSuffix.GetValueOrDefault(suffix);
        if (own is null && suffix is not (".target"))
        {
            Add("UnitNameInvalid", 1, $"'{name}' is no name of a unit; it must end in one of {string.Join(", ", s_sectionOfSuffix.Keys)}, .target");
            return;
        }

        foreach (UnitLine line in lines)
        {
            CheckLine(line, own);
        }

        // Slices, targets and sockets of one line may go without a section of their own.
        if (own is "Service" or "Timer" or "Path" or "Socket" && !lines.Any(l => l.Section == own))
        {
            Add("UnitSectionMissing", 1, $"the section [{own}] is missing");
        }
        else if (own == "Service")
        {
            CheckService(lines);
        }

        if (isEnabled && !lines.Any(l => l.Section == "Install" && l.Key is "WantedBy" or "RequiredBy" or "UpheldBy" or "Alias" or "Also"))
        {
            Add("UnitNotEnableable", 1, "the package enables it, but it has no [Install] section with WantedBy= or the like", FindingSeverity.Warning);
        }
    }

    private void CheckLine(UnitLine line, string? own)
    {
        if (line.Section is null)
        {
            Add("UnitSyntax", line.Line, "stands before the first section");
            return;
        }

        // systemd leaves alone what begins with X-.
        if (line.Section.StartsWith("X-", StringComparison.Ordinal))
        {
            return;
        }

        if (line.Key is null)
        {
            if (line.Value.Length > 0)
            {
                Add("UnitSyntax", line.Line, $"'{Short(line.Value)}' is neither a section nor key=value");
            }
            else if (line.Section is not ("Unit" or "Install") && line.Section != own)
            {
                string[] known = own is null ? ["Unit", "Install"] : ["Unit", "Install", own];
                string? near = NearestName.Find(line.Section, known);
                Add("UnitUnknownSection", line.Line, $"[{line.Section}] is no section of this kind of unit{Meant(near)}");
            }

            return;
        }

        if (SystemdKeys.Find(line.Section) is not { } keys || line.Key.StartsWith("X-", StringComparison.Ordinal))
        {
            return;
        }

        if (!keys.Contains(line.Key))
        {
            string? elsewhere = SystemdKeys.Sections.FirstOrDefault(s => (s is "Unit" or "Install" || s == own) && SystemdKeys.Find(s)!.Contains(line.Key));
            string hint = elsewhere is null ? Meant(NearestName.Find(line.Key, keys)) : $"; it belongs into [{elsewhere}]";
            Add("UnitUnknownKey", line.Line, $"systemd knows no '{line.Key}' in [{line.Section}]{hint}");
        }
        else if (line.Section == "Service" && s_choices.TryGetValue(line.Key, out string[]? choices) && line.Value.Length > 0 && !choices.Contains(line.Value))
        {
            Add("UnitValueInvalid", line.Line, $"'{Short(line.Value)}' is no value of {line.Key}; it is one of {string.Join(", ", choices)}{Meant(NearestName.Find(line.Value, choices))}");
        }
        else if (line.Key.StartsWith("Exec", StringComparison.Ordinal) && line.Section == "Service" && line.Value.Length > 0)
        {
            CheckProgram(line);
        }
    }

    private void CheckProgram(UnitLine line)
    {
        // Signs before the program change how it is run (systemd.service(5), "Command lines").
        string program = line.Value.TrimStart('@', '-', ':', '+', '!', '|').Split((char[]?)null, 2, StringSplitOptions.RemoveEmptyEntries) is [var first, ..] ? first.Trim('"', '\'') : string.Empty;
        if (!program.StartsWith('/') && !program.StartsWith('%') && !program.StartsWith('$'))
        {
            Add("UnitProgramNotAbsolute", line.Line, $"{line.Key} runs '{Short(program)}'; name the program by its absolute path");
        }

        if (line.Value.Contains(" | ", StringComparison.Ordinal) || line.Value.Contains(" && ", StringComparison.Ordinal) || line.Value.Contains(" > ", StringComparison.Ordinal))
        {
            if (!program.EndsWith("sh", StringComparison.Ordinal))
            {
                Add("UnitNoShell", line.Line, $"{line.Key}: pipes, '&&' and redirections are a shell's; systemd passes them to the program", FindingSeverity.Warning);
            }
        }
    }

    private void CheckService(IReadOnlyList<UnitLine> lines)
    {
        string type = lines.LastOrDefault(l => l is { Section: "Service", Key: "Type" })?.Value ?? "simple";
        int starts = lines.Count(l => l is { Section: "Service", Key: "ExecStart", Value.Length: > 0 });
        if (starts == 0 && !(type == "oneshot" && lines.Any(l => l.Section == "Service" && l.Key is "ExecStop" or "SuccessAction")))
        {
            Add("UnitNothingToStart", 1, "ExecStart= is missing");
        }
        else if (starts > 1 && type != "oneshot")
        {
            Add("UnitTooManyPrograms", 1, $"ExecStart= stands {starts} times; only Type=oneshot takes more than one");
        }

        if (type == "dbus" && !lines.Any(l => l is { Section: "Service", Key: "BusName" }))
        {
            Add("UnitBusNameMissing", 1, "Type=dbus needs BusName=");
        }
    }

    private void Add(string id, int line, string message, FindingSeverity severity = FindingSeverity.Error) =>
        _findings.Add(new Finding(id, severity, message, _file) { Line = line, Column = 1 });

    private static string Meant(string? near) => near is null ? string.Empty : $"; did you mean '{near}'?";

    private static string Short(string text) => text.Length <= 60 ? text : text[..60] + "…";
}
