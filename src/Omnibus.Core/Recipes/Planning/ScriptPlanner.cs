using Omnibus.Core.Diagnostics;
using Omnibus.Core.Packages;
using Omnibus.Core.Recipes.Model;
using Omnibus.Core.Recipes.Schema;
using Omnibus.Core.Recipes.Yaml;

namespace Omnibus.Core.Recipes.Planning;

/// <summary>Plans maintainer scripts and triggers.</summary>
internal sealed class ScriptPlanner(PlanContext context, PackageSection package)
{
    /// <summary>Maintainer scripts; each text begins with its <c>#!</c> line, and the interpreter stands beside it.</summary>
    public IReadOnlyList<PackageScript> Scripts()
    {
        if (package.Scripts is not { } sections)
        {
            return [];
        }

        (ScriptKind Kind, ScriptSection? Section)[] all =
        [
            (ScriptKind.PreInstall, sections.PreInstall),
            (ScriptKind.PostInstall, sections.PostInstall),
            (ScriptKind.PreRemove, sections.PreRemove),
            (ScriptKind.PostRemove, sections.PostRemove),
            (ScriptKind.PreTransaction, sections.PreTransaction),
            (ScriptKind.PostTransaction, sections.PostTransaction),
            (ScriptKind.PreUninstallTransaction, sections.PreUninstallTransaction),
            (ScriptKind.PostUninstallTransaction, sections.PostUninstallTransaction),
            (ScriptKind.Verify, sections.Verify),
            (ScriptKind.Config, sections.Config),
        ];
        var scripts = new List<PackageScript>();
        foreach ((ScriptKind kind, ScriptSection? section) in all)
        {
            if (section is not null && Read(section) is var (text, interpreter))
            {
                scripts.Add(new PackageScript(kind, text, interpreter));
            }
        }

        return scripts;
    }

    /// <summary>Triggers of the target's format.</summary>
    public IReadOnlyList<PackageTrigger> Triggers()
    {
        var triggers = new List<PackageTrigger>();
        foreach (TriggerSection section in package.Triggers)
        {
            if (section.Deb is { } directive)
            {
                if (context.IsDeb)
                {
                    triggers.Add(new PackageTrigger(TriggerKind.Deb, [.. section.On.Select(name => new RelationTarget(name))]) { Directive = Spell(directive) });
                }
            }
            else if (section.Rpm is { } kind && !context.IsDeb && RpmTrigger(section, kind) is { } trigger)
            {
                triggers.Add(trigger);
            }
        }

        return triggers;
    }

    private static string Spell(DebTriggerDirective directive) =>
        ((ChoiceSchema)SectionSchema.Of(typeof(TriggerSection)).Find("deb")!.Value).Choices.First(c => c.Value.Equals(directive)).Key;

    private PackageTrigger? RpmTrigger(TriggerSection section, RpmTriggerKind kind)
    {
        if (section.Script is not { } script)
        {
            context.Problems.Add("RecipeMissingKey", section.Place, section.PathOf("script"), $"the key 'script' is missing in {section.KeyPath}: what the trigger runs");
            return null;
        }

        bool isFile = kind >= RpmTriggerKind.FileInstall;
        var targets = new List<RelationTarget>();
        for (int i = 0; i < section.On.Count; i++)
        {
            RelationTarget? target = isFile ? new RelationTarget(section.On[i]) : RelationReader.ReadTarget(section.On[i]);
            if (target is null || (isFile && !section.On[i].StartsWith('/')))
            {
                context.Problems.Add(
                    "RecipeValueInvalid",
                    section.At($"on[{i}]"),
                    section.PathOf($"on[{i}]"),
                    $"'{section.On[i]}' in {section.PathOf($"on[{i}]")} is not valid; expected {(isFile ? "a path prefix" : "a package, maybe with a version")}");
                continue;
            }

            targets.Add(target);
        }

        return Read(script) is not var (text, interpreter) ? null : new PackageTrigger(Enum.Parse<TriggerKind>(kind.ToString()), targets)
        {
            Script = text,
            Interpreter = interpreter,
            Priority = section.Priority ?? 1_000_000,
        };
    }

    private (string Text, IReadOnlyList<string> Interpreter)? Read(ScriptSection section)
    {
        string? text = section.Text;
        if (section.File is { } file)
        {
            if (context.Paths.Local(file, section, "file", RecipePaths.Expectation.File) is not { } path)
            {
                return null;
            }

            try
            {
                text = YamlReader.ReadText(path, file, "RecipeFileNotFound");
            }
            catch (OmnibusException e)
            {
                context.Problems.Add(e.Id, section.At("file"), section.PathOf("file"), e.Message, kind: e.Kind);
                return null;
            }
        }

        if (text is null)
        {
            return null;
        }

        if (section.Interpreter.Count > 0)
        {
            return ($"#!{string.Join(' ', section.Interpreter)}\n{WithoutFirstLine(text)}", section.Interpreter);
        }

        if (!text.StartsWith("#!", StringComparison.Ordinal))
        {
            return ("#!/bin/sh\n" + text, ["/bin/sh"]);
        }

        // The kernel takes what follows the program as one argument, whatever spaces it holds.
        string line = text.Split('\n', 2)[0][2..].Trim();
        return (text, line.Split((char[]?)null, 2, StringSplitOptions.RemoveEmptyEntries));
    }

    private static string WithoutFirstLine(string text) =>
        !text.StartsWith("#!", StringComparison.Ordinal) ? text : text.IndexOf('\n', StringComparison.Ordinal) is >= 0 and var end ? text[(end + 1)..] : string.Empty;
}
