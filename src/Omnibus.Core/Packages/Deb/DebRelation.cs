using System.Text;

namespace Omnibus.Core.Packages.Deb;

/// <summary>Relation fields of a control file: <c>a (>= 1.2) | b, c:any</c> (deb-control(5), Debian Policy 7.1).</summary>
public static class DebRelation
{
    /// <summary>The fields of a binary package that hold relations, in the order in which dpkg writes them.</summary>
    internal static readonly (string Field, RelationKind Kind)[] Fields =
    [
        ("Pre-Depends", RelationKind.PreDepends),
        ("Depends", RelationKind.Depends),
        ("Recommends", RelationKind.Recommends),
        ("Suggests", RelationKind.Suggests),
        ("Enhances", RelationKind.Enhances),
        ("Conflicts", RelationKind.Conflicts),
        ("Breaks", RelationKind.Breaks),
        ("Replaces", RelationKind.Replaces),
        ("Provides", RelationKind.Provides),
    ];

    /// <summary>The relations of a definition that belong into one field, as its value; null when there are none.</summary>
    /// <remarks>Obsoletes become Replaces and Breaks; Supplements become Enhances, the nearest that Debian has.</remarks>
    public static string? Format(IEnumerable<PackageRelation> relations, RelationKind field)
    {
        var items = new List<string>();
        foreach (PackageRelation relation in relations)
        {
            bool belongs = relation.Kind == field
                || (relation.Kind == RelationKind.Obsoletes && field is (RelationKind.Replaces or RelationKind.Breaks))
                || (relation.Kind == RelationKind.Supplements && field == RelationKind.Enhances);
            string item = belongs ? Format(relation) : string.Empty;
            if (belongs && !items.Contains(item))
            {
                items.Add(item);
            }
        }

        return items.Count == 0 ? null : string.Join(", ", items);
    }

    /// <summary>One relation: alternatives parted by <c>|</c>.</summary>
    public static string Format(PackageRelation relation)
    {
        var text = new StringBuilder();
        foreach (RelationTarget target in relation.Alternatives)
        {
            text.Append(text.Length > 0 ? " | " : string.Empty).Append(target.Name);
            if (target.Architecture is not null)
            {
                text.Append(':').Append(target.Architecture);
            }

            if (target.Operator != RelationOperator.Any)
            {
                text.Append(" (").Append(Symbol(target.Operator)).Append(' ').Append(target.Version).Append(')');
            }
        }

        return text.ToString();
    }

    /// <summary>Reads the value of a relation field. Architecture and build-profile restrictions are left out: they have no place in a binary package.</summary>
    /// <exception cref="FormatException">It breaks the syntax.</exception>
    public static IReadOnlyList<PackageRelation> Parse(RelationKind kind, string value)
    {
        var relations = new List<PackageRelation>();
        foreach (string part in value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            string[] alternatives = part.Split('|', StringSplitOptions.TrimEntries);
            relations.Add(new PackageRelation(kind, Array.ConvertAll(alternatives, ParseTarget)));
        }

        return relations;
    }

    private static string Symbol(RelationOperator op) => op switch
    {
        RelationOperator.Less => "<<",
        RelationOperator.LessOrEqual => "<=",
        RelationOperator.Equal => "=",
        RelationOperator.GreaterOrEqual => ">=",
        _ => ">>",
    };

    private static RelationTarget ParseTarget(string text)
    {
        int nameEnd = text.AsSpan().IndexOfAny(" \t\n([<");
        string name = nameEnd < 0 ? text : text[..nameEnd];
        ReadOnlySpan<char> rest = nameEnd < 0 ? [] : text.AsSpan(nameEnd).TrimStart();
        string? architecture = null;
        if (name.IndexOf(':', StringComparison.Ordinal) is int colon and >= 0)
        {
            architecture = name[(colon + 1)..];
            name = name[..colon];
        }

        if (name.Length == 0)
        {
            throw new FormatException($"'{text}' names no package");
        }

        if (rest.IsEmpty || rest[0] != '(')
        {
            return new RelationTarget(name, Architecture: architecture);
        }

        int close = rest.IndexOf(')');
        if (close < 0)
        {
            throw new FormatException($"'{text}' has no closing parenthesis");
        }

        ReadOnlySpan<char> bound = rest[1..close].Trim();
        int length = bound.IndexOfAnyExcept('<', '=', '>');
        RelationOperator op = (length <= 0 ? string.Empty : bound[..length].ToString()) switch
        {
            "<<" => RelationOperator.Less,
            "<=" or "<" => RelationOperator.LessOrEqual, // The single signs are obsolete and mean this (deb-control(5)).
            "=" => RelationOperator.Equal,
            ">=" or ">" => RelationOperator.GreaterOrEqual,
            ">>" => RelationOperator.Greater,
            _ => throw new FormatException($"'{text}' has a bound that is none"),
        };
        return new RelationTarget(name, op, bound[length..].Trim().ToString(), architecture);
    }
}
