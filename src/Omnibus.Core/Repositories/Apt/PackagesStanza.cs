using System.Globalization;
using System.Text;
using Omnibus.Core.Diagnostics;
using Omnibus.Core.Packages.Deb;

namespace Omnibus.Core.Repositories.Apt;

/// <summary>Writes and reads the stanzas of a Packages file. Every field of the package's own control data is kept as it is.</summary>
internal static class PackagesStanza
{
    // The order of apt-ftparchive (apt-pkg/tagfile-order.c). Fields that it does not name follow in their own order.
    private static readonly Dictionary<string, int> s_order = Number(
        "Package", "Package-Type", "Architecture", "Subarchitecture", "Version", "Revision", "Package-Revision", "Package_Revision",
        "Kernel-Version", "Built-Using", "Built-For-Profiles", "Multi-Arch", "Status", "Priority", "Class", "Essential",
        "Installer-Menu-Item", "Section", "Source", "Origin", "Phased-Update-Percentage", "Maintainer", "Original-Maintainer", "Bugs",
        "Config-Version", "Conffiles", "Triggers-Awaited", "Triggers-Pending", "Installed-Size", "Provides", "Pre-Depends", "Depends",
        "Recommends", "Recommended", "Suggests", "Optional", "Conflicts", "Breaks", "Replaces", "Enhances", "Filename", "MSDOS-Filename",
        "Size", "MD5sum", "SHA1", "SHA256", "SHA512", "Homepage", "Description", "Description-md5", "Tag", "Task");

    /// <summary>The field that holds the description.</summary>
    public const string DescriptionField = "Description";

    /// <summary>The field that leads to the long description.</summary>
    public const string SumField = "Description-md5";

    // What describes the file itself is ours to say; Status and Optional have no place in an index (apt-ftparchive drops them).
    private static readonly HashSet<string> s_dropped = new(StringComparer.OrdinalIgnoreCase)
    {
        "Filename", "Size", "MD5sum", "SHA1", "SHA256", "SHA512", "Status", "Optional",
    };

    /// <summary>Makes the parts of a stanza before and after the value of <c>Filename</c>, which is known last.</summary>
    /// <param name="control">The package's own fields, in order.</param>
    /// <param name="size">Size of the file.</param>
    /// <param name="sha256">Its digest.</param>
    /// <param name="phasedUpdatePercentage">Overrides the field, or null.</param>
    /// <param name="shortDescription">Whether the long description stands elsewhere: its first line and its sum stay.</param>
    public static (byte[] Before, byte[] After) Make(IReadOnlyList<KeyValuePair<string, string>> control, long size, string sha256, int? phasedUpdatePercentage, bool shortDescription)
    {
        var fields = new List<(int Order, string Name, string Value)>(control.Count + 4);
        foreach ((string name, string value) in control)
        {
            bool overridden = phasedUpdatePercentage is not null && name.Equals("Phased-Update-Percentage", StringComparison.OrdinalIgnoreCase);
            if (s_dropped.Contains(name) || overridden || (shortDescription && name.Equals(SumField, StringComparison.OrdinalIgnoreCase)))
            {
                continue;
            }

            bool shortened = shortDescription && name.Equals(DescriptionField, StringComparison.OrdinalIgnoreCase);
            fields.Add((s_order.GetValueOrDefault(name, s_order.Count), name, shortened ? FirstLine(value) : value));
            if (shortened)
            {
                fields.Add((s_order[SumField], SumField, TranslationStanzas.SumOf(value)));
            }
        }

        if (phasedUpdatePercentage is { } share)
        {
            fields.Add((s_order["Phased-Update-Percentage"], "Phased-Update-Percentage", share.ToString(CultureInfo.InvariantCulture)));
        }

        int filename = s_order["Filename"];
        fields.Add((filename, "Filename", string.Empty));
        fields.Add((s_order["Size"], "Size", size.ToString(CultureInfo.InvariantCulture)));
        fields.Add((s_order["SHA256"], "SHA256", sha256));
        var before = new StringBuilder(1024);
        var after = new StringBuilder(512);
        foreach ((int order, string name, string value) in fields.OrderBy(f => f.Order))
        {
            if (order == filename)
            {
                before.Append("Filename: ");
                continue;
            }

            StringBuilder target = order < filename ? before : after;
            target.Append(name).Append(value.Length == 0 || value[0] == '\n' ? ":" : ": ").Append(value).Append('\n');
        }

        return (Encoding.UTF8.GetBytes(before.ToString()), Encoding.UTF8.GetBytes("\n" + after + "\n"));
    }

    /// <summary>Reads a stanza.</summary>
    /// <param name="stanza">Its bytes.</param>
    /// <param name="component">The component whose index it stands in.</param>
    /// <param name="item">The index, for errors.</param>
    /// <exception cref="OmnibusException"><c>RepositoryIndexInvalid</c>.</exception>
    public static PublishedPackage Read(ReadOnlySpan<byte> stanza, string component, string item)
    {
        ControlStanza fields = Parse(stanza, item);
        string description = fields["Description"] ?? string.Empty;
        string key = Required(fields, "Filename", item);
        key = key.StartsWith("./", StringComparison.Ordinal) ? key[2..] : key;
        if (!Storage.ObjectKey.IsValid(key) || RepositoryKeys.IsHidden(key))
        {
            throw Invalid(item, $"the file name '{key}' leaves the repository", null);
        }

        if (!long.TryParse(Required(fields, "Size", item), NumberStyles.None, CultureInfo.InvariantCulture, out long size))
        {
            throw Invalid(item, $"the size of {fields["Package"]} is no number", null);
        }

        return new PublishedPackage
        {
            Identity = new PackageIdentity(component, Required(fields, "Package", item), Required(fields, "Version", item), Required(fields, "Architecture", item)),
            Key = key,
            Size = size,
            Sha256 = fields["SHA256"]?.ToLowerInvariant() ?? string.Empty,
            Summary = FirstLine(description),
            Section = fields["Section"],
            Source = fields["Source"],
            Fields = fields.Fields,
        };
    }

    /// <summary>The error of an index that breaks its format.</summary>
    public static OmnibusException Invalid(string item, string what, Exception? inner) =>
        new("RepositoryIndexInvalid", ErrorKind.InvalidData, $"{item} is no usable list of packages: {what}.", item, inner: inner);

    /// <summary>A published stanza with its long description taken out.</summary>
    /// <returns>The stanza, and what was taken out, or null when it had none.</returns>
    /// <exception cref="OmnibusException"><c>RepositoryIndexInvalid</c>.</exception>
    public static (byte[] Stanza, string? Description) TakeDescription(byte[] stanza, string item)
    {
        ControlStanza fields = Parse(stanza, item);
        if (fields[DescriptionField] is not { } description || (fields[SumField] is not null && !description.Contains('\n', StringComparison.Ordinal)))
        {
            return (stanza, null);
        }

        return (WithDescription(fields, FirstLine(description), TranslationStanzas.SumOf(description)), description);
    }

    /// <summary>A published stanza with its long description in its place again.</summary>
    /// <param name="stanza">The stanza.</param>
    /// <param name="find">Finds a description by the package's name and the sum; null when there is none.</param>
    /// <param name="item">The index, for errors.</param>
    /// <exception cref="OmnibusException"><c>RepositoryIndexInvalid</c>.</exception>
    public static byte[] RestoreDescription(byte[] stanza, Func<string, string, string?> find, string item)
    {
        ControlStanza fields = Parse(stanza, item);
        return fields["Package"] is { } name && fields[SumField] is { } sum && find(name, sum) is { } description ? WithDescription(fields, description, null) : stanza;
    }

    // Where both fields stand is what apt-ftparchive's order says.
    private static byte[] WithDescription(ControlStanza fields, string description, string? sum)
    {
        var changed = new ControlStanza();
        foreach ((string name, string value) in fields.Fields)
        {
            if (name.Equals(DescriptionField, StringComparison.OrdinalIgnoreCase))
            {
                changed.Add(name, description);
                changed.AddUnlessEmpty(SumField, sum);
            }
            else if (!name.Equals(SumField, StringComparison.OrdinalIgnoreCase))
            {
                changed.Add(name, value);
            }
        }

        return Encoding.UTF8.GetBytes(changed + "\n");
    }

    private static string FirstLine(string text)
    {
        int end = text.IndexOf('\n', StringComparison.Ordinal);
        return end < 0 ? text : text[..end];
    }

    /// <summary>Reads the fields of a stanza of an index.</summary>
    /// <exception cref="OmnibusException"><c>RepositoryIndexInvalid</c>.</exception>
    public static ControlStanza Parse(ReadOnlySpan<byte> stanza, string item)
    {
        try
        {
            return ControlStanza.Parse(Encoding.UTF8.GetString(stanza));
        }
        catch (FormatException e)
        {
            throw Invalid(item, e.Message, e);
        }
    }

    /// <summary>The value of a field that must be there.</summary>
    /// <exception cref="OmnibusException"><c>RepositoryIndexInvalid</c>.</exception>
    public static string Required(ControlStanza fields, string name, string item) =>
        fields[name] is { Length: > 0 } value ? value : throw Invalid(item, $"a stanza ({fields["Package"] ?? "without a name"}) has no {name}", null);

    /// <summary>Numbers the fields of an index in their order.</summary>
    public static Dictionary<string, int> Number(params string[] names) =>
        names.Select((name, i) => (name, i)).ToDictionary(p => p.name, p => p.i, StringComparer.OrdinalIgnoreCase);
}
