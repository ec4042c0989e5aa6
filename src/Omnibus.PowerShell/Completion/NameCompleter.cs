using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;
using Omnibus.PowerShell.Errors;

namespace Omnibus.PowerShell.Completion;

/// <summary>A name that Tab offers.</summary>
/// <param name="Name">What is put on the command line.</param>
/// <param name="ToolTip">One line about it; null repeats the name.</param>
public readonly record struct Suggestion(string Name, string? ToolTip = null);

/// <summary>
/// The base of argument completers: prefix and wildcard matching whatever the case, and quoting. A subclass lists the names.
/// Use it as <c>[ArgumentCompleter(typeof(XCompleter))]</c>.
/// </summary>
public abstract class NameCompleter : IArgumentCompleter
{
    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName,
        string parameterName,
        string wordToComplete,
        CommandAst commandAst,
        IDictionary fakeBoundParameters)
    {
        string word = (wordToComplete ?? string.Empty).Trim('\'', '"');
        var pattern = new WildcardPattern(word + "*", WildcardOptions.IgnoreCase | WildcardOptions.CultureInvariant);
        var results = new List<CompletionResult>();
        try
        {
            foreach (Suggestion suggestion in GetSuggestions(fakeBoundParameters ?? new Hashtable()))
            {
                if (pattern.IsMatch(suggestion.Name))
                {
                    results.Add(new CompletionResult(
                        Quote(suggestion.Name),
                        suggestion.Name,
                        CompletionResultType.ParameterValue,
                        string.IsNullOrEmpty(suggestion.ToolTip) ? suggestion.Name : suggestion.ToolTip));
                }
            }
        }
        catch (Exception e) when (ErrorRecords.IsKnown(e))
        {
            // Completion never shows an error: what was found so far is offered.
        }

        return results;
    }

    /// <summary>Lists the names, in the order in which they are offered. Must be quick: the user waits at the prompt.</summary>
    /// <param name="boundParameters">What the command line binds so far, by parameter name.</param>
    protected abstract IEnumerable<Suggestion> GetSuggestions(IDictionary boundParameters);

    private static string Quote(string name)
    {
        foreach (char c in name)
        {
            if (!char.IsAsciiLetterOrDigit(c) && !"-_./:+~".Contains(c, StringComparison.Ordinal))
            {
                return "'" + CodeGeneration.EscapeSingleQuotedStringContent(name) + "'";
            }
        }

        return name;
    }
}
