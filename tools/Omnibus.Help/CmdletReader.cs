using System.Reflection;

namespace Omnibus.Help;

/// <summary>Reads the cmdlets of an assembly without running a line of it.</summary>
internal static class CmdletReader
{
    private const string AllSets = "__AllParameterSets";
    private const string Namespace = "System.Management.Automation.";

    /// <summary>All cmdlets, by name.</summary>
    /// <param name="assembly">The assembly with the cmdlets.</param>
    /// <param name="references">Every assembly that it was compiled against.</param>
    public static IReadOnlyList<CmdletDescription> Read(string assembly, IEnumerable<string> references)
    {
        using var context = new MetadataLoadContext(new PathAssemblyResolver(references.Append(assembly)), "System.Runtime");
        return
        [
            .. context.LoadFromAssemblyPath(assembly).GetExportedTypes()
                .Where(t => !t.IsAbstract)
                .Select(t => (Type: t, Attribute: Find(t.GetCustomAttributesData(), "CmdletAttribute")))
                .Where(t => t.Attribute is not null)
                .Select(t => Describe(t.Type, t.Attribute!))
                .OrderBy(c => c.Name, StringComparer.Ordinal),
        ];
    }

    private static CmdletDescription Describe(Type type, CustomAttributeData cmdlet)
    {
        var parameters = new List<ParameterDescription>();
        foreach (PropertyInfo property in type.GetProperties(BindingFlags.Public | BindingFlags.Instance))
        {
            IList<CustomAttributeData> attributes = property.GetCustomAttributesData();
            List<CustomAttributeData> places = [.. attributes.Where(a => a.AttributeType.FullName == Namespace + "ParameterAttribute")];
            if (places.Count > 0 && !places.All(p => Named<bool>(p, "DontShow")))
            {
                parameters.Add(Describe(property, attributes, places));
            }
        }

        return new CmdletDescription(
            (string)cmdlet.ConstructorArguments[0].Value!,
            (string)cmdlet.ConstructorArguments[1].Value!,
            Named<string>(cmdlet, "DefaultParameterSetName"),
            Named<bool>(cmdlet, "SupportsShouldProcess"),
            [.. parameters.OrderBy(p => p.Name, StringComparer.Ordinal)]);
    }

    private static ParameterDescription Describe(PropertyInfo property, IList<CustomAttributeData> attributes, List<CustomAttributeData> places)
    {
        Type type = property.PropertyType;
        Type element = type.IsArray ? type.GetElementType()! : type;
        element = element.IsGenericType && element.Name == "Nullable`1" ? element.GetGenericArguments()[0] : element;
        IReadOnlyList<string> values = Find(attributes, "ValidateSetAttribute") is { } set
            ? Strings(set.ConstructorArguments)
            : element.IsEnum ? [.. element.GetFields(BindingFlags.Public | BindingFlags.Static).Select(f => f.Name)] : [];
        return new ParameterDescription(
            property.Name,
            ShortName(element) + (type.IsArray ? "[]" : string.Empty),
            element.FullName == Namespace + "SwitchParameter",
            Find(attributes, "SupportsWildcardsAttribute") is not null,
            Find(attributes, "AliasAttribute") is { } alias ? Strings(alias.ConstructorArguments) : [],
            values,
            [.. places.Select(Describe)]);
    }

    private static ParameterPlace Describe(CustomAttributeData parameter)
    {
        string? set = Named<string>(parameter, "ParameterSetName");
        int? position = parameter.NamedArguments.Any(a => a.MemberName == "Position") ? Named<int>(parameter, "Position") : null;
        return new ParameterPlace(
            set == AllSets ? null : set,
            Named<bool>(parameter, "Mandatory"),
            position is >= 0 ? position : null,
            Named<bool>(parameter, "ValueFromPipeline"),
            Named<bool>(parameter, "ValueFromPipelineByPropertyName"));
    }

    private static string ShortName(Type type)
    {
        if (!type.IsGenericType)
        {
            return type.Name;
        }

        string name = type.Name[..type.Name.IndexOf('`', StringComparison.Ordinal)];
        return $"{name}<{string.Join(", ", type.GetGenericArguments().Select(ShortName))}>";
    }

    private static CustomAttributeData? Find(IEnumerable<CustomAttributeData> attributes, string name) =>
        attributes.FirstOrDefault(a => a.AttributeType.FullName == Namespace + name);

    private static T? Named<T>(CustomAttributeData attribute, string name) =>
        attribute.NamedArguments.Where(a => a.MemberName == name).Select(a => (T?)a.TypedValue.Value).FirstOrDefault();

    // The arguments of a params string[] constructor.
    private static List<string> Strings(IList<CustomAttributeTypedArgument> arguments) =>
    [
        .. arguments.SelectMany(a => a.Value is IEnumerable<CustomAttributeTypedArgument> many ? many.Select(m => (string)m.Value!) : [(string)a.Value!]),
    ];
}
