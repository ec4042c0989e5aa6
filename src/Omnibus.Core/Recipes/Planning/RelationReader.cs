using System.Text.RegularExpressions;
using Omnibus.Core.Packages;

namespace Omnibus.Core.Recipes.Planning;

/// <summary>Reads relations as people write them: Debian's form <c>name (&gt;= 1.0) | other</c> (deb-control(5)), and a spec file's <c>name &gt;= 1.0</c>.</summary>
internal static partial class RelationReader
{
    /// <summary>Reads a relation.</summary>
    /// <param name="kind">Its kind.</param>
    /// <param name="text">Its text.</param>
    /// <returns>The relation, or null when the text is none.</returns>
    public static PackageRelation? Read(RelationKind kind, string text)
    {
        string trimmed = text.Trim();
        if (trimmed.StartsWith('('))
        {
            return IsBalanced(trimmed) ? new PackageRelation(kind, []) { RichExpression = trimmed } : null;
        }

        var alternatives = new List<RelationTarget>();
        foreach (string part in trimmed.Split('|'))
        {
            if (ReadTarget(part) is not { } target)
            {
                return null;
            }

            alternatives.Add(target);
        }

        return new PackageRelation(kind, alternatives);
    }

    /// <summary>Reads one package with its bound, or gives null.</summary>
    public static RelationTarget? ReadTarget(string text)
    {
        Match match = Target().Match(text);
        if (!match.Success)
        {
            return null;
        }

        Group version = match.Groups["version"];
        RelationOperator op = match.Groups["op"].Value switch
        {
            "<<" or "<" => RelationOperator.Less,
            "<=" => RelationOperator.LessOrEqual,
            "=" or "==" => RelationOperator.Equal,
            ">=" => RelationOperator.GreaterOrEqual,
            ">>" or ">" => RelationOperator.Greater,
            _ => RelationOperator.Any,
        };
        Group architecture = match.Groups["arch"];
        return new RelationTarget(match.Groups["name"].Value, op, version.Success ? version.Value : null, architecture.Success ? architecture.Value : null);
    }

    private static bool IsBalanced(string text)
    {
        int depth = 0;
        for (int i = 0; i < text.Length; i++)
        {
            depth += text[i] switch { '(' => 1, ')' => -1, _ => 0 };
            if (depth < 0 || (depth == 0 && i < text.Length - 1))
            {
                return false;
            }
        }

        return depth == 0 && text.Length > 2;
    }

    // A name may carry arguments of its own, as rpm's capabilities do: perl(Foo::Bar), libc.so.6(GLIBC_2.34)(64bit).
    [GeneratedRegex(
        @"\A\s*(?<name>[^\s()|<>=:,]+(?:\([^()\s]*\)){0,2})(?::(?<arch>[a-z0-9-]+))?" +
        @"(?:\s*\(\s*(?<op><<|<=|==|=|>=|>>|<|>)\s*(?<version>[^\s()<>=|]+)\s*\)|\s*(?<op><<|<=|==|=|>=|>>|<|>)\s*(?<version>[^\s()<>=|]+))?\s*\z",
        RegexOptions.CultureInvariant)]
    private static partial Regex Target();
}
