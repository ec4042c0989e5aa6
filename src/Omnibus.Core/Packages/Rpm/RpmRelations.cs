using System.Text;

namespace Omnibus.Core.Packages.Rpm;

/// <summary>Between the neutral relations of a definition and rpm's own spelling of them.</summary>
internal static class RpmRelations
{
    private static readonly (RelationQualifiers Qualifier, RpmSense Sense)[] s_qualifiers =
    [
        (RelationQualifiers.Pre, RpmSense.ScriptPre),
        (RelationQualifiers.Post, RpmSense.ScriptPost),
        (RelationQualifiers.PreUninstall, RpmSense.ScriptPreUn),
        (RelationQualifiers.PostUninstall, RpmSense.ScriptPostUn),
        (RelationQualifiers.PreTransaction, RpmSense.PreTrans),
        (RelationQualifiers.PostTransaction, RpmSense.PostTrans),
        (RelationQualifiers.Meta, RpmSense.Meta),
        (RelationQualifiers.Verify, RpmSense.ScriptVerify),
        (RelationQualifiers.PreUninstallTransaction, RpmSense.PreUnTrans),
        (RelationQualifiers.PostUninstallTransaction, RpmSense.PostUnTrans),
    ];

    /// <summary>The kind of dependency that a relation becomes, or null when rpm has none: deb's Replaces says only that files may be overwritten, which rpm settles by itself.</summary>
    public static RelationKind? KindOf(RelationKind kind) => kind switch
    {
        RelationKind.PreDepends => RelationKind.Depends,
        RelationKind.Breaks => RelationKind.Conflicts,
        RelationKind.Replaces => null,
        _ => kind,
    };

    /// <summary>Turns a relation into rpm's spelling; alternatives become a rich dependency.</summary>
    public static RpmDependency ToDependency(PackageRelation relation)
    {
        RpmSense flags = ToSense(relation.Qualifiers);
        if (relation.Kind == RelationKind.PreDepends)
        {
            flags |= RpmSense.ScriptPre;
        }

        if (relation.RichExpression is { } rich)
        {
            return new RpmDependency(rich, flags, string.Empty);
        }

        if (relation.Alternatives.Count == 1)
        {
            RelationTarget target = relation.Alternatives[0];
            return new RpmDependency(target.Name, flags | ToSense(target.Operator), target.Version ?? string.Empty);
        }

        var text = new StringBuilder("(");
        foreach (RelationTarget target in relation.Alternatives)
        {
            text.Append(text.Length > 1 ? " or " : string.Empty).Append(target.Name);
            if (target.Operator != RelationOperator.Any)
            {
                text.Append(' ').Append(Symbol(target.Operator)).Append(' ').Append(target.Version);
            }
        }

        return new RpmDependency(text.Append(')').ToString(), flags, string.Empty);
    }

    /// <summary>Turns what a header says back into a relation.</summary>
    public static PackageRelation ToRelation(RelationKind kind, RpmDependency dependency)
    {
        RelationQualifiers qualifiers = RelationQualifiers.None;
        foreach ((RelationQualifiers qualifier, RpmSense sense) in s_qualifiers)
        {
            qualifiers |= (dependency.Flags & sense) != 0 ? qualifier : RelationQualifiers.None;
        }

        if (dependency.Name.StartsWith('('))
        {
            return new PackageRelation(kind, []) { Qualifiers = qualifiers, RichExpression = dependency.Name };
        }

        return new PackageRelation(kind, [ToTarget(dependency)]) { Qualifiers = qualifiers };
    }

    /// <summary>Name and bound of what a header says.</summary>
    public static RelationTarget ToTarget(RpmDependency dependency)
    {
        RelationOperator op = (dependency.Flags & RpmSense.Comparison) switch
        {
            RpmSense.Less => RelationOperator.Less,
            RpmSense.Less | RpmSense.Equal => RelationOperator.LessOrEqual,
            RpmSense.Equal => RelationOperator.Equal,
            RpmSense.Greater | RpmSense.Equal => RelationOperator.GreaterOrEqual,
            RpmSense.Greater => RelationOperator.Greater,
            _ => RelationOperator.Any,
        };
        string? version = op == RelationOperator.Any || dependency.Version.Length == 0 ? null : dependency.Version;
        return new RelationTarget(dependency.Name, version is null ? RelationOperator.Any : op, version);
    }

    /// <summary>Flags of a comparison.</summary>
    public static RpmSense ToSense(RelationOperator op) => op switch
    {
        RelationOperator.Less => RpmSense.Less,
        RelationOperator.LessOrEqual => RpmSense.Less | RpmSense.Equal,
        RelationOperator.Equal => RpmSense.Equal,
        RelationOperator.GreaterOrEqual => RpmSense.Greater | RpmSense.Equal,
        RelationOperator.Greater => RpmSense.Greater,
        _ => RpmSense.Any,
    };

    private static RpmSense ToSense(RelationQualifiers qualifiers)
    {
        RpmSense flags = RpmSense.Any;
        foreach ((RelationQualifiers qualifier, RpmSense sense) in s_qualifiers)
        {
            flags |= (qualifiers & qualifier) != 0 ? sense : RpmSense.Any;
        }

        return flags;
    }

    private static string Symbol(RelationOperator op) => op switch
    {
        RelationOperator.Less => "<",
        RelationOperator.LessOrEqual => "<=",
        RelationOperator.Equal => "=",
        RelationOperator.GreaterOrEqual => ">=",
        _ => ">",
    };
}
