namespace Omnibus.Help;

/// <summary>A cmdlet as the compiled assembly declares it.</summary>
/// <param name="Verb">Verb.</param>
/// <param name="Noun">Noun.</param>
/// <param name="DefaultSet">Name of the default parameter set, or null.</param>
/// <param name="SupportsShouldProcess">Whether it has -WhatIf and -Confirm.</param>
/// <param name="Parameters">Its own parameters, by name.</param>
internal sealed record CmdletDescription(
    string Verb,
    string Noun,
    string? DefaultSet,
    bool SupportsShouldProcess,
    IReadOnlyList<ParameterDescription> Parameters)
{
    /// <summary>Verb-Noun.</summary>
    public string Name => $"{Verb}-{Noun}";

    /// <summary>The parameter sets, the default one first, then by name. A cmdlet without named sets has one, named null.</summary>
    public IReadOnlyList<string?> Sets
    {
        get
        {
            List<string?> named =
            [
                .. Parameters.SelectMany(p => p.Places).Select(p => p.Set).Where(s => s is not null).Distinct(StringComparer.Ordinal)
                    .OrderBy(s => s != DefaultSet).ThenBy(s => s, StringComparer.Ordinal),
            ];
            if (named.Count == 0)
            {
                return [null];
            }

            // The default set may have no parameter of its own.
            return DefaultSet is null || named.Contains(DefaultSet) ? named : [DefaultSet, .. named];
        }
    }

    /// <summary>The parameters of a set, in the order in which syntax shows them: by position, then the mandatory, then by name.</summary>
    public IEnumerable<(ParameterDescription Parameter, ParameterPlace Place)> InSet(string? set) =>
        Parameters
            .Select(p => (Parameter: p, Place: p.Places.FirstOrDefault(x => x.Set == set) ?? p.Places.FirstOrDefault(x => x.Set is null)))
            .Where(p => p.Place is not null)
            .Select(p => (p.Parameter, p.Place!))
            .OrderBy(p => p.Item2.Position ?? int.MaxValue)
            .ThenBy(p => !p.Item2.Mandatory)
            .ThenBy(p => p.Parameter.Name, StringComparer.Ordinal);
}

/// <summary>A parameter.</summary>
/// <param name="Name">Name.</param>
/// <param name="TypeName">Short name of its type, for example <c>String[]</c>.</param>
/// <param name="IsSwitch">Whether it takes no value.</param>
/// <param name="Wildcards">Whether it takes wildcards.</param>
/// <param name="Aliases">Other names.</param>
/// <param name="AcceptedValues">The values that it takes, where they are listed.</param>
/// <param name="Places">One entry a parameter set; one entry for all.</param>
internal sealed record ParameterDescription(
    string Name,
    string TypeName,
    bool IsSwitch,
    bool Wildcards,
    IReadOnlyList<string> Aliases,
    IReadOnlyList<string> AcceptedValues,
    IReadOnlyList<ParameterPlace> Places);

/// <summary>What a parameter is in a parameter set.</summary>
/// <param name="Set">The set, or null for all.</param>
/// <param name="Mandatory">Whether it must be given.</param>
/// <param name="Position">Zero-based position, or null when it is named.</param>
/// <param name="ByValue">Whether the pipeline's objects bind to it.</param>
/// <param name="ByPropertyName">Whether their properties do.</param>
internal sealed record ParameterPlace(string? Set, bool Mandatory, int? Position, bool ByValue, bool ByPropertyName);
