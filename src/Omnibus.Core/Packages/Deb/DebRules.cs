using Omnibus.Core.Diagnostics;

namespace Omnibus.Core.Packages.Deb;

/// <summary>What a definition must keep to so that dpkg takes the package (deb-control(5), deb-version(7), Debian Policy 5.6).</summary>
internal static class DebRules
{
    private static readonly HashSet<string> s_directives = new(StringComparer.Ordinal)
    {
        "interest", "interest-await", "interest-noawait", "activate", "activate-await", "activate-noawait",
    };

    private static readonly HashSet<string> s_priorities = new(StringComparer.Ordinal)
    {
        "required", "important", "standard", "optional", "extra",
    };

    /// <summary>Holds a definition against the rules.</summary>
    public static IReadOnlyList<Finding> Check(PackageDefinition definition)
    {
        var findings = new List<Finding>(PackageEntryRules.Check(definition));
        void Error(string id, string message, string? path = null) => findings.Add(new Finding(id, FindingSeverity.Error, message, definition.Name, path));
        void Warning(string id, string message, string? path = null) => findings.Add(new Finding(id, FindingSeverity.Warning, message, definition.Name, path));

        if (!IsPackageName(definition.Name))
        {
            Error("PackageNameInvalid", $"'{definition.Name}' cannot be the name of a deb: lower-case letters, digits and '+', '-', '.', at least two of them, beginning with a letter or digit.");
        }

        if (VersionFault(definition.Version) is { } fault)
        {
            Error("PackageVersionInvalid", $"'{definition.Version}' cannot be the version of a deb: {fault}.");
        }

        if (!IsArchitecture(definition.Architecture))
        {
            Error("PackageArchitectureInvalid", $"'{definition.Architecture}' cannot be the architecture of a deb.");
        }

        if (!IsMaintainer(definition.Maintainer))
        {
            Error("PackageMaintainerInvalid", definition.Maintainer.Length == 0
                ? "The maintainer is missing: 'Name <mail>'."
                : $"'{definition.Maintainer}' is no maintainer: 'Name <mail>'.");
        }

        if (string.IsNullOrWhiteSpace(definition.Summary) || HasLineBreak(definition.Summary))
        {
            Error("PackageSummaryInvalid", "The summary must be one line of text.");
        }
        else if (definition.Summary.Length > 80)
        {
            Warning("PackageSummaryLong", "The summary is longer than 80 characters.");
        }

        foreach ((string field, string? value) in new[]
        {
            ("homepage", definition.Homepage), ("section", definition.Section), ("priority", definition.Priority), ("source name", definition.SourceName), ("Multi-Arch", definition.MultiArch),
        })
        {
            if (value is not null && (string.IsNullOrWhiteSpace(value) || HasLineBreak(value)))
            {
                Error("PackageFieldInvalid", $"The {field} must be one line of text.");
            }
        }

        if (!s_priorities.Contains(definition.Priority))
        {
            Error("PackageFieldInvalid", $"'{definition.Priority}' is no priority of Debian's: {string.Join(", ", s_priorities)}.");
        }

        if (definition.MultiArch is not (null or "no" or "same" or "foreign" or "allowed"))
        {
            Error("PackageFieldInvalid", $"'{definition.MultiArch}' is no value of Multi-Arch: no, same, foreign, allowed.");
        }
        else if (definition is { MultiArch: "same", Architecture: "all" })
        {
            Error("PackageFieldInvalid", "A package of architecture 'all' cannot be Multi-Arch: same; dpkg refuses it.");
        }

        CheckCustomFields(definition, Error);
        CheckRelations(definition, Error);
        CheckScripts(definition, Error);
        CheckEntries(definition, Error, Warning);
        return findings;
    }

    /// <summary>What is wrong with a version, or null (deb-version(7); dpkg wants a digit at the beginning).</summary>
    public static string? VersionFault(PackageVersion version)
    {
        if (version.Upstream.Length == 0 || !char.IsAsciiDigit(version.Upstream[0]))
        {
            return "the upstream version does not begin with a digit";
        }

        if (version.Epoch < 0)
        {
            return "the epoch is negative";
        }

        foreach (char c in version.Upstream)
        {
            bool allowed = char.IsAsciiLetterOrDigit(c) || c is '.' or '+' or '~' || (c == '-' && version.Release is not null) || (c == ':' && version.Epoch > 0);
            if (!allowed)
            {
                return $"the upstream version holds '{c}'";
            }
        }

        return version.Release switch
        {
            null => null,
            "" => "the release is empty",
            _ when version.Release.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '+' or '~') => null,
            _ => "the release holds a character that a Debian revision cannot have",
        };
    }

    private static void CheckCustomFields(PackageDefinition definition, Action<string, string, string?> error)
    {
        var seen = new HashSet<string>(DebControl.StandardFields, StringComparer.OrdinalIgnoreCase);
        foreach ((string name, string value) in definition.CustomFields)
        {
            if (!ControlStanza.IsFieldName(name) || !ControlStanza.IsFieldValue(value) || string.IsNullOrWhiteSpace(value))
            {
                error("PackageFieldInvalid", $"The custom field '{name}' cannot stand in a control file.", null);
            }
            else if (!seen.Add(name))
            {
                error("PackageFieldDuplicate", $"The custom field '{name}' is written by Omnibus itself, or is there twice.", null);
            }
        }
    }

    private static void CheckRelations(PackageDefinition definition, Action<string, string, string?> error)
    {
        foreach (PackageRelation relation in definition.Relations)
        {
            if (relation.RichExpression is not null || relation.Alternatives.Count == 0)
            {
                error("PackageRelationInvalid", $"'{relation.RichExpression}' is a rich dependency; a deb has none.", null);
                continue;
            }

            foreach (RelationTarget target in relation.Alternatives)
            {
                if (!IsPackageName(target.Name) || (target.Architecture is not null && !IsArchitecture(target.Architecture)))
                {
                    error("PackageRelationInvalid", $"'{target.Name}' in {relation.Kind} cannot be the name of a deb.", null);
                }
                else if ((target.Operator == RelationOperator.Any) != (target.Version is null) || (target.Version is not null && !IsRelationVersion(target.Version)))
                {
                    error("PackageRelationInvalid", $"The bound '{target.Version}' of '{target.Name}' in {relation.Kind} is none.", null);
                }
                else if (relation.Kind == RelationKind.Provides && target.Operator is not (RelationOperator.Any or RelationOperator.Equal))
                {
                    error("PackageRelationInvalid", $"'{target.Name}' in Provides may only be equal to a version.", null);
                }
            }

            if (relation.Alternatives.Count > 1 && relation.Kind is not (RelationKind.Depends or RelationKind.PreDepends or RelationKind.Recommends or RelationKind.Suggests))
            {
                error("PackageRelationInvalid", $"{relation.Kind} takes no alternatives.", null);
            }
        }
    }

    private static void CheckScripts(PackageDefinition definition, Action<string, string, string?> error)
    {
        for (int i = 0; i < definition.Scripts.Count; i++)
        {
            for (int j = 0; j < i; j++)
            {
                if (definition.Scripts[i].Kind == definition.Scripts[j].Kind)
                {
                    error("PackageScriptDuplicate", $"There is more than one {definition.Scripts[i].Kind} script.", null);
                    break;
                }
            }
        }

        foreach (PackageTrigger trigger in definition.Triggers.Where(t => t.Kind == TriggerKind.Deb))
        {
            if (trigger.Directive is null || !s_directives.Contains(trigger.Directive))
            {
                error("PackageTriggerInvalid", $"'{trigger.Directive}' is no directive of deb-triggers(5): {string.Join(", ", s_directives)}.", null);
            }

            // dpkg: no white space and no control characters in a trigger's name (lib/dpkg/triglib.c).
            if (trigger.Targets.Count == 0 || trigger.Targets.Any(t => t.Name.Length == 0 || t.Name.AsSpan().ContainsAnyExceptInRange('!', '~')))
            {
                error("PackageTriggerInvalid", $"A trigger '{trigger.Directive}' has no usable name.", null);
            }
        }
    }

    private static void CheckEntries(PackageDefinition definition, Action<string, string, string?> error, Action<string, string, string?> warning)
    {
        foreach (PackageEntry entry in definition.Entries)
        {
            if (entry.Flags.HasFlag(PackageEntryFlags.RemoveOnUpgrade) && entry.Kind != PackageEntryKind.Ghost)
            {
                error("PackageConffileInvalid", $"{entry.Path} is to be removed on upgrade, so the package must not bring it.", entry.Path);
            }
            else if (entry.Flags.HasFlag(PackageEntryFlags.Config) && entry.Kind is PackageEntryKind.SymbolicLink or PackageEntryKind.HardLink)
            {
                // dpkg keeps edits of regular files alone.
                warning("PackageConffileInvalid", $"{entry.Path} is a link; dpkg cannot protect it as configuration.", entry.Path);
            }

            if (entry.Capabilities is not null)
            {
                warning("PackageCapabilitiesIgnored", $"{entry.Path} has capabilities, which a deb cannot hold: set them in a postinst script.", entry.Path);
            }
        }
    }

    private static bool HasLineBreak(string text)
    {
        foreach (char c in text)
        {
            if (c < ' ')
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Debian Policy 5.6.1.</summary>
    internal static bool IsPackageName(string name) => name.Length >= 2 && IsLowerOrDigit(name[0]) && All(name, c => IsLowerOrDigit(c) || c is '+' or '-' or '.');

    private static bool IsArchitecture(string name) => name.Length > 0 && IsLowerOrDigit(name[0]) && All(name, c => IsLowerOrDigit(c) || c == '-');

    private static bool IsRelationVersion(string version) =>
        version.Length > 0 && char.IsAsciiDigit(version[0]) && All(version, c => char.IsAsciiLetterOrDigit(c) || c is '.' or '+' or '~' or ':' or '-');

    // Name <mail>
    private static bool IsMaintainer(string text)
    {
        int open = text.IndexOf(" <", StringComparison.Ordinal);
        if (open <= 0 || !text.EndsWith('>') || HasLineBreak(text) || string.IsNullOrWhiteSpace(text[..open]))
        {
            return false;
        }

        string mail = text[(open + 2)..^1];
        int at = mail.IndexOf('@', StringComparison.Ordinal);
        return at > 0 && at < mail.Length - 1 && mail.LastIndexOf('@') == at && All(mail, c => c is not ('<' or '>' or ' '))
            && All(text[..open], c => c is not ('<' or '>'));
    }

    private static bool IsLowerOrDigit(char c) => c is (>= 'a' and <= 'z') or (>= '0' and <= '9');

    private static bool All(string text, Func<char, bool> test)
    {
        foreach (char c in text)
        {
            if (!test(c))
            {
                return false;
            }
        }

        return true;
    }
}
