using System.Text;
using Omnibus.Core.Recipes.Yaml;

namespace Omnibus.Core.Recipes.Schema;

/// <summary>The variables that texts of a file may hold as <c>${name}</c>, with the values known so far.</summary>
/// <param name="values">Every known name; null where the value is not known yet: then it stays as it is.</param>
internal sealed class VariableScope(IReadOnlyDictionary<string, string?> values)
{
    /// <summary>No variables: texts are taken as they are.</summary>
    public static VariableScope Off { get; } = new(new Dictionary<string, string?>());

    /// <summary>The variables and their values.</summary>
    public IReadOnlyDictionary<string, string?> Values { get; } = values;

    /// <summary>A text with its variables filled in. <c>$${</c> stands for <c>${</c> itself.</summary>
    /// <returns>The text, and whether variables without value are left in it.</returns>
    public (string Text, bool IsOpen) Expand(string text, YamlPosition position, string path, YamlProblems problems)
    {
        if (ReferenceEquals(this, Off) || !text.Contains("${", StringComparison.Ordinal))
        {
            return (text, false);
        }

        var result = new StringBuilder();
        bool open = false;
        for (int i = 0; i < text.Length;)
        {
            if (text.AsSpan(i).StartsWith("$${", StringComparison.Ordinal))
            {
                result.Append("${");
                i += 3;
                continue;
            }

            if (!text.AsSpan(i).StartsWith("${", StringComparison.Ordinal))
            {
                result.Append(text[i++]);
                continue;
            }

            int end = text.IndexOf('}', i);
            if (end < 0)
            {
                problems.Add("RecipeUnknownVariable", position, path, $"'${{' without '}}' in {path}", "Write $${ for ${ itself.");
                return (text, false);
            }

            string name = text[(i + 2)..end];
            if (!Values.TryGetValue(name, out string? value))
            {
                string? near = NearestName.Find(name, Values.Keys);
                problems.Add(
                    "RecipeUnknownVariable",
                    position,
                    path,
                    $"unknown variable '${{{name}}}' in {path}{(near is null ? string.Empty : $"; did you mean '${{{near}}}'?")}",
                    $"Known variables: {string.Join(", ", Values.Keys.Order(StringComparer.Ordinal))}. Write $${{ for ${{ itself.");
            }

            open |= value is null;
            result.Append(value ?? text[i..(end + 1)]);
            i = end + 1;
        }

        return (result.ToString(), open);
    }
}
