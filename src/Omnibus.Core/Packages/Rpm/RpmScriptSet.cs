namespace Omnibus.Core.Packages.Rpm;

/// <summary>The scriptlets and triggers of a package to be written.</summary>
internal sealed class RpmScriptSet
{
    private const string Shell = "/bin/sh";
    private const string Lua = "<lua>";

    private readonly PackageDefinition _definition;
    private readonly HashSet<RpmDependency> _interpreters = [];

    /// <summary>Looks through a definition's scripts and triggers.</summary>
    public RpmScriptSet(PackageDefinition definition)
    {
        _definition = definition;
        foreach (PackageScript script in definition.Scripts)
        {
            foreach (RpmScriptTags tags in RpmScriptTags.All)
            {
                if (tags.Kind == script.Kind)
                {
                    Note(ProgramOf(script.Interpreter, script.Text), tags.Sense);
                }
            }
        }

        foreach (PackageTrigger trigger in definition.Triggers)
        {
            if (trigger.Kind != TriggerKind.Deb)
            {
                Note(ProgramOf(trigger.Interpreter, trigger.Script), RpmSense.Any);
            }
        }
    }

    /// <summary>What the scripts need before they can run.</summary>
    public IReadOnlyCollection<RpmDependency> Interpreters => _interpreters;

    /// <summary>Whether a script runs in rpm's own Lua.</summary>
    public bool UsesLua { get; private set; }

    /// <summary>Whether an interpreter takes arguments.</summary>
    public bool UsesArguments { get; private set; }

    /// <summary>What runs a script: the given program, else that of its first line, else /bin/sh.</summary>
    public static IReadOnlyList<string> ProgramOf(IReadOnlyList<string>? interpreter, string? text)
    {
        if (interpreter is { Count: > 0 })
        {
            return interpreter;
        }

        if (text is not null && text.StartsWith("#!", StringComparison.Ordinal))
        {
            int end = text.IndexOf('\n', StringComparison.Ordinal);
            string[] words = (end < 0 ? text[2..] : text[2..end]).Split([' ', '\t', '\r'], StringSplitOptions.RemoveEmptyEntries);
            if (words.Length > 0)
            {
                return words;
            }
        }

        return [Shell];
    }

    /// <summary>Puts scriptlets and triggers into a header.</summary>
    public void Write(RpmHeaderBuilder header)
    {
        foreach (PackageScript script in _definition.Scripts)
        {
            foreach (RpmScriptTags tags in RpmScriptTags.All)
            {
                if (tags.Kind != script.Kind)
                {
                    continue;
                }

                // A program without a script is fine: `%post -p /sbin/ldconfig`.
                if (script.Text.TrimEnd().Length > 0)
                {
                    header.AddString(tags.Script, script.Text.TrimEnd());
                }

                IReadOnlyList<string> program = ProgramOf(script.Interpreter, script.Text);
                if (program.Count == 1)
                {
                    header.AddString(tags.Program, program[0]);
                }
                else
                {
                    header.AddStrings(tags.Program, program);
                }
            }
        }

        foreach ((RpmTriggerTags tags, (TriggerKind Kind, RpmSense Sense)[] kinds) in RpmTriggerTags.All)
        {
            WriteTriggers(header, tags, kinds);
        }
    }

    private void WriteTriggers(RpmHeaderBuilder header, RpmTriggerTags tags, (TriggerKind Kind, RpmSense Sense)[] kinds)
    {
        var scripts = new List<string>();
        var programs = new List<string>();
        var priorities = new List<uint>();
        var conditions = new List<(RpmDependency Dependency, uint Index)>();
        foreach (PackageTrigger trigger in _definition.Triggers)
        {
            int kind = Array.FindIndex(kinds, k => k.Kind == trigger.Kind);
            if (kind < 0)
            {
                continue;
            }

            foreach (RelationTarget target in trigger.Targets)
            {
                RpmSense flags = kinds[kind].Sense | RpmRelations.ToSense(target.Operator);
                conditions.Add((new RpmDependency(target.Name, flags, target.Version ?? string.Empty), (uint)scripts.Count));
            }

            // Arguments cannot be kept here: the array has one program a script.
            scripts.Add((trigger.Script ?? string.Empty).TrimEnd());
            programs.Add(ProgramOf(trigger.Interpreter, trigger.Script)[0]);
            priorities.Add((uint)trigger.Priority);
        }

        if (scripts.Count == 0)
        {
            return;
        }

        conditions.Sort((a, b) =>
        {
            int order = string.CompareOrdinal(a.Dependency.Name, b.Dependency.Name);
            return order != 0 ? order : a.Index.CompareTo(b.Index);
        });
        header.AddStrings(tags.Scripts, scripts);
        header.AddStrings(tags.Program, programs);
        header.AddStrings(tags.Name, conditions.ConvertAll(c => c.Dependency.Name));
        header.AddStrings(tags.Version, conditions.ConvertAll(c => c.Dependency.Version));
        header.AddInt32(tags.Flags, conditions.ConvertAll(c => (uint)c.Dependency.Flags).ToArray());
        header.AddInt32(tags.Index, conditions.ConvertAll(c => c.Index).ToArray());
        if (tags.Priorities is { } priorityTag)
        {
            header.AddInt32(priorityTag, priorities.ToArray());
        }
    }

    private void Note(IReadOnlyList<string> program, RpmSense sense)
    {
        UsesArguments |= program.Count > 1;
        if (program[0] == Lua)
        {
            UsesLua = true;
        }
        else
        {
            _interpreters.Add(new RpmDependency(program[0], sense | RpmSense.Interpreter, string.Empty));
        }
    }
}
