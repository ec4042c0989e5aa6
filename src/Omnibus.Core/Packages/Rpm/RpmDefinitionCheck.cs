using System.Buffers;
using Omnibus.Core.Diagnostics;

namespace Omnibus.Core.Packages.Rpm;

/// <summary>Holds a definition against the rules of the rpm format (rpm's docs/manual/spec.md and build/parsePreamble.cc).</summary>
internal sealed class RpmDefinitionCheck
{
    private const string Alphanumeric = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

    private static readonly SearchValues<char> s_name = SearchValues.Create(Alphanumeric + "-._+");
    private static readonly SearchValues<char> s_version = SearchValues.Create(Alphanumeric + "._+~^");
    private static readonly SearchValues<char> s_architecture = SearchValues.Create(Alphanumeric + "_");

    private readonly PackageDefinition _definition;
    private readonly List<Finding> _findings = [];

    private RpmDefinitionCheck(PackageDefinition definition) => _definition = definition;

    /// <summary>Every breach, errors and lesser ones.</summary>
    public static IReadOnlyList<Finding> Run(PackageDefinition definition)
    {
        var check = new RpmDefinitionCheck(definition);
        check.CheckIdentity();
        check.CheckTexts();
        new RpmEntryCheck(definition.Entries, check.Error).Run();
        check.CheckRelations();
        check.CheckScripts();
        check.CheckTriggers();
        return check._findings;
    }

    private void CheckIdentity()
    {
        string name = _definition.Name;
        if (name.Length == 0 || name.AsSpan().ContainsAnyExcept(s_name) || !(char.IsAsciiLetterOrDigit(name[0]) || name[0] == '_'))
        {
            Error("RpmNameInvalid", $"'{name}' is no name for an rpm package.", advice: "Use letters, digits and . _ + -, beginning with a letter, a digit or _.");
        }

        CheckVersionPart("version", _definition.Version.Upstream);
        if (_definition.Version.Release is null)
        {
            Error("RpmReleaseMissing", "An rpm package needs a release beside its version.", advice: "Set the release, for example to 1.");
        }
        else
        {
            CheckVersionPart("release", _definition.Version.Release);
        }

        if (_definition.Version.Epoch < 0)
        {
            Error("RpmEpochInvalid", $"The epoch {_definition.Version.Epoch} is negative.");
        }

        string architecture = _definition.Architecture;
        if (architecture.Length == 0 || architecture.AsSpan().ContainsAnyExcept(s_architecture) || architecture is "amd64" or "arm64" or "all" or "any" or "src")
        {
            Error("RpmArchitectureInvalid", $"'{architecture}' is no architecture of rpm.", advice: "Use rpm's own names: x86_64, aarch64, noarch.");
        }
    }

    private void CheckVersionPart(string what, string text)
    {
        if (text.Length == 0 || text.AsSpan().ContainsAnyExcept(s_version))
        {
            Error("RpmVersionInvalid", $"The {what} '{text}' is not one that rpm takes.", advice: "Use letters, digits and . _ + ~ ^. A - parts version and release, so neither may hold one.");
        }
    }

    private void CheckTexts()
    {
        if (string.IsNullOrWhiteSpace(_definition.Summary) || _definition.Summary.Contains('\n', StringComparison.Ordinal))
        {
            Error("RpmSummaryInvalid", "The summary must be one line of text.");
        }

        if (string.IsNullOrWhiteSpace(_definition.License))
        {
            Add("RpmLicenseMissing", FindingSeverity.Warning, "The package says no licence.", advice: "Set the licence as an SPDX expression.");
        }

        string?[] texts =
        [
            _definition.Summary, _definition.Description, _definition.Maintainer, _definition.Vendor, _definition.License,
            _definition.Homepage, _definition.Section, _definition.SourceName,
        ];
        foreach (string? text in texts)
        {
            RefuseNul(text, "A text of the package");
        }

        foreach (ChangelogEntry entry in _definition.Changelog)
        {
            RefuseNul(entry.Author, "The changelog");
            RefuseNul(entry.Version, "The changelog");
            foreach (string change in entry.Changes)
            {
                RefuseNul(change, "The changelog");
            }
        }

        if (_definition.Timestamp.ToUnixTimeSeconds() is < 0 or > uint.MaxValue)
        {
            Error("RpmTimestampInvalid", $"The time {_definition.Timestamp:u} cannot be kept in an rpm package.");
        }
    }

    private void CheckRelations()
    {
        foreach (PackageRelation relation in _definition.Relations)
        {
            if (RpmRelations.KindOf(relation.Kind) is null)
            {
                Add(
                    "RpmReplacesIgnored",
                    FindingSeverity.Information,
                    $"'{relation.Kind} {string.Join(" | ", relation.Alternatives.Select(t => t.Name))}' has no meaning for rpm and is left out.",
                    advice: "Use Obsoletes when the package takes the other's place.");
                continue;
            }

            if (relation.RichExpression is { } rich)
            {
                CheckRich(relation.Kind, rich);
                continue;
            }

            if (relation.Alternatives.Count == 0)
            {
                Error("RpmRelationInvalid", $"A {relation.Kind} relation names no package.");
            }

            if (relation.Alternatives.Count > 1 && !TakesRich(relation.Kind))
            {
                Error("RpmRelationInvalid", $"{relation.Kind} takes no alternatives.");
            }

            foreach (RelationTarget target in relation.Alternatives)
            {
                CheckTarget(relation.Kind.ToString(), target);
            }
        }
    }

    // rpm's build/reqprov.cc and lib/rpmds.cc: rich dependencies are not for Provides and Obsoletes.
    private static bool TakesRich(RelationKind kind) => kind is not (RelationKind.Provides or RelationKind.Obsoletes);

    private void CheckRich(RelationKind kind, string rich)
    {
        if (!TakesRich(kind))
        {
            Error("RpmRelationInvalid", $"{kind} takes no rich dependency, as '{rich}' is.");
        }

        if (RpmRichExpression.FindFault(rich) is { } fault)
        {
            Error("RpmRichDependencyInvalid", $"The rich dependency '{rich}' is wrong: {fault}.");
        }
    }

    private void CheckTarget(string where, RelationTarget target)
    {
        // A capability may hold almost anything (`python3dist(x)`, `libc.so.6()(64bit)`, a path), but no white space.
        if (target.Name.Length == 0 || target.Name.Any(c => char.IsWhiteSpace(c) || char.IsControl(c)) || target.Name[0] is '(' or ')' or ',')
        {
            Error("RpmRelationInvalid", $"{where}: '{target.Name}' is no name of a package or capability.");
        }

        bool needsVersion = target.Operator != RelationOperator.Any;
        if (needsVersion != !string.IsNullOrEmpty(target.Version))
        {
            Error("RpmRelationInvalid", $"{where}: '{target.Name}' has a comparison without a version, or a version without a comparison.");
        }
        else if (needsVersion && !IsEvr(target.Version!))
        {
            Error("RpmRelationInvalid", $"{where}: '{target.Version}' of '{target.Name}' is no version that rpm takes.");
        }
    }

    private static bool IsEvr(string text)
    {
        int colon = text.IndexOf(':', StringComparison.Ordinal);
        ReadOnlySpan<char> rest = text.AsSpan(colon + 1);
        int dash = rest.IndexOf('-');
        ReadOnlySpan<char> version = dash < 0 ? rest : rest[..dash];
        ReadOnlySpan<char> release = dash < 0 ? "1" : rest[(dash + 1)..];
        return (colon < 0 || uint.TryParse(text.AsSpan(0, colon), out _))
            && !version.IsEmpty && !version.ContainsAnyExcept(s_version)
            && !release.IsEmpty && !release.ContainsAnyExcept(s_version);
    }

    private void CheckScripts()
    {
        var seen = new HashSet<ScriptKind>();
        foreach (PackageScript script in _definition.Scripts)
        {
            if (script.Kind == ScriptKind.Config)
            {
                Add("RpmScriptIgnored", FindingSeverity.Information, "The config script is for debconf; rpm has nothing like it, so it is left out.");
                continue;
            }

            if (!seen.Add(script.Kind))
            {
                Error("RpmScriptDuplicate", $"There are two {script.Kind} scripts.");
            }

            RefuseNul(script.Text, $"The {script.Kind} script");
            if (script.Interpreter is { } program && program.Any(string.IsNullOrEmpty))
            {
                Error("RpmScriptInvalid", $"The interpreter of the {script.Kind} script is empty.");
            }
        }
    }

    private void CheckTriggers()
    {
        foreach (PackageTrigger trigger in _definition.Triggers)
        {
            if (trigger.Kind == TriggerKind.Deb)
            {
                Add("RpmTriggerIgnored", FindingSeverity.Information, "A dpkg trigger has no meaning for rpm and is left out.");
                continue;
            }

            if (trigger.Targets.Count == 0)
            {
                Error("RpmTriggerInvalid", $"A {trigger.Kind} trigger names nothing that it waits for.");
            }

            bool onFiles = trigger.Kind >= TriggerKind.FileInstall;
            foreach (RelationTarget target in trigger.Targets)
            {
                CheckTarget($"{trigger.Kind} trigger", target);
                if (onFiles && (!target.Name.StartsWith('/') || target.Operator != RelationOperator.Any))
                {
                    Error("RpmTriggerInvalid", $"The {trigger.Kind} trigger waits for '{target.Name}', which is no path.");
                }
            }

            if (RpmScriptSet.ProgramOf(trigger.Interpreter, trigger.Script).Count > 1)
            {
                Error("RpmTriggerInvalid", $"The interpreter of a {trigger.Kind} trigger has arguments, which rpm cannot keep.");
            }

            if (trigger.Priority < 0)
            {
                Error("RpmTriggerInvalid", $"The priority {trigger.Priority} of a {trigger.Kind} trigger is negative.");
            }

            RefuseNul(trigger.Script, $"A {trigger.Kind} trigger");
        }
    }

    private void RefuseNul(string? text, string what)
    {
        if (text is not null && text.Contains('\0', StringComparison.Ordinal))
        {
            Error("RpmTextInvalid", $"{what} holds a NUL character.");
        }
    }

    private void Error(string id, string message, string? path = null, string? advice = null) => Add(id, FindingSeverity.Error, message, path, advice);

    private void Add(string id, FindingSeverity severity, string message, string? path = null, string? advice = null) =>
        _findings.Add(new Finding(id, severity, message, _definition.Name, path) { Advice = advice });
}
