using System.Text;
using System.Text.RegularExpressions;
using Omnibus.Core.Python;
using Omnibus.Core.Recipes.Plans;

namespace Omnibus.Core.Building;

/// <summary>
/// Writes the copyright of a package: that of the project, and that of every Python distribution that it bundles, each with its licence text
/// (machine-readable debian/copyright, version 1.0).
/// </summary>
internal sealed partial class CopyrightText
{
    private const int TextLimit = 256 * 1024;
    private readonly StringBuilder _text = new();
    private readonly HashSet<string> _names = new(StringComparer.OrdinalIgnoreCase);
    private readonly bool _commonLicenses;

    private CopyrightText(bool commonLicenses) => _commonLicenses = commonLicenses;

    /// <summary>Writes the text.</summary>
    /// <param name="plan">The build.</param>
    /// <param name="licenseFiles">Licence texts of the project, on the build machine.</param>
    /// <param name="environment">The environment that the package carries, or null.</param>
    /// <param name="timestamp">Time of the build; its year stands for a project that names none.</param>
    /// <param name="commonLicenses">Whether the target has /usr/share/common-licenses, to which long texts are referred (Debian Policy 12.5).</param>
    public static string Write(BuildPlan plan, IReadOnlyList<string> licenseFiles, PythonEnvironment? environment, DateTimeOffset timestamp, bool commonLicenses)
    {
        var writer = new CopyrightText(commonLicenses);
        writer._text.Append("Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\n");
        writer._text.Append($"Upstream-Name: {plan.Name}\n");
        if (plan.Homepage is not null)
        {
            writer._text.Append($"Source: {plan.Homepage}\n");
        }

        writer.Paragraph("*", $"{timestamp.UtcDateTime.Year} {plan.Vendor ?? plan.Maintainer}", plan.License ?? "unknown", plan.Name, licenseFiles);
        foreach (PythonDistribution distribution in environment?.Distributions ?? [])
        {
            if (distribution.NormalisedName != PythonName.Normalise(plan.Name))
            {
                writer.Distribution(environment!, distribution);
            }
        }

        return writer._text.ToString();
    }

    private void Distribution(PythonEnvironment environment, PythonDistribution distribution)
    {
        string root = environment.Spec.EnvironmentPath.TrimStart('/');
        IEnumerable<string> patterns = distribution.TopLevel.Append(distribution.InfoDirectory)
            .Select(p => $"{root}/{p}{(Directory.Exists(Path.Combine(environment.HostPath, p)) ? "/*" : string.Empty)}".Replace(' ', '?'));
        Paragraph(
            string.Join("\n ", patterns),
            distribution.Author ?? "the authors of " + distribution.Name,
            distribution.License ?? "unknown",
            distribution.Name,
            [.. distribution.LicenseFiles.Select(f => Path.Combine(environment.HostPath, f))]);
    }

    private void Paragraph(string files, string holder, string license, string project, IReadOnlyList<string> licenseFiles)
    {
        string[] texts = [.. licenseFiles.Select(Read).Where(t => t.Length > 0)];
        _text.Append($"\nFiles: {files}\n");
        string[] notices = [.. texts.SelectMany(t => t.Split('\n')).Select(l => l.Trim()).Where(l => Notice().IsMatch(l)).Select(l => Notice().Replace(l, string.Empty)).Where(l => l.Length > 0).Distinct(StringComparer.Ordinal).Take(20)];
        _text.Append($"Copyright: {string.Join("\n ", notices.Length > 0 ? notices : [OneLine(holder)])}\n");
        _text.Append($"License: {Name(license, project)}\n");
        if (texts.Length == 0)
        {
            AppendBody(CommonLicense(license) is { } common && _commonLicenses ? Reference(common) : $"{OneLine(project)} is distributed under these terms: {OneLine(license)}.");
            return;
        }

        for (int i = 0; i < texts.Length; i++)
        {
            if (i > 0)
            {
                _text.Append(" .\n");
            }

            AppendBody(_commonLicenses && Whole(texts[i]) is { } common ? Reference(common) : texts[i]);
        }
    }

    // One name stands for one text in the whole file.
    private string Name(string license, string project)
    {
        string name = Unnameable().Replace(license.Length > 60 ? "other" : license, "-").Trim('-');
        if (name.Length == 0 || !_names.Add(name))
        {
            name = $"{Unnameable().Replace(project, "-")}-{name}".TrimEnd('-');
            _names.Add(name);
        }

        return name;
    }

    private void AppendBody(string body)
    {
        bool blank = false;
        bool any = false;
        foreach (string raw in body.Split('\n'))
        {
            string line = Controls().Replace(raw.TrimEnd(), string.Empty);
            if (line.Length == 0)
            {
                blank = any;
                continue;
            }

            _text.Append(blank ? " .\n" : string.Empty).Append(' ').Append(line.Replace("\t", "    ", StringComparison.Ordinal)).Append('\n');
            blank = false;
            any = true;
        }
    }

    private static string Reference(string common) => $"On Debian systems the full text of this licence is in /usr/share/common-licenses/{common}.";

    private static string Read(string path)
    {
        using var reader = new StreamReader(path, Encoding.UTF8);
        char[] buffer = new char[TextLimit];
        int count = reader.ReadBlock(buffer, 0, buffer.Length);
        return new string(buffer, 0, count).ReplaceLineEndings("\n").Trim();
    }

    private static string OneLine(string text) => text.ReplaceLineEndings(" ").Trim();

    private static string? CommonLicense(string name) => name.Trim().ToUpperInvariant() switch
    {
        "APACHE-2.0" or "APACHE 2.0" or "APACHE LICENSE 2.0" or "APACHE SOFTWARE LICENSE" => "Apache-2.0",
        "GPL-2.0-ONLY" or "GPL-2.0-OR-LATER" or "GPL-2" or "GPLV2" => "GPL-2",
        "GPL-3.0-ONLY" or "GPL-3.0-OR-LATER" or "GPL-3" or "GPLV3" => "GPL-3",
        "LGPL-2.1-ONLY" or "LGPL-2.1-OR-LATER" => "LGPL-2.1",
        "LGPL-3.0-ONLY" or "LGPL-3.0-OR-LATER" => "LGPL-3",
        "MPL-2.0" => "MPL-2.0",
        _ => null,
    };

    // Which of the common licences a text holds in full; notices and short licences stay as they are.
    private static string? Whole(string text)
    {
        bool Says(params string[] parts) => parts.All(p => text.Contains(p, StringComparison.OrdinalIgnoreCase));
        return text.Length < 5000 ? null
            : Says("Apache License", "Version 2.0, January 2004") ? "Apache-2.0"
            : Says("GNU LESSER GENERAL PUBLIC LICENSE", "Version 3, 29 June 2007") ? "LGPL-3"
            : Says("GNU LESSER GENERAL PUBLIC LICENSE", "Version 2.1") ? "LGPL-2.1"
            : Says("GNU GENERAL PUBLIC LICENSE", "Version 3, 29 June 2007") ? "GPL-3"
            : Says("GNU GENERAL PUBLIC LICENSE", "Version 2, June 1991") ? "GPL-2"
            : Says("Mozilla Public License Version 2.0") ? "MPL-2.0"
            : null;
    }

    [GeneratedRegex(@"^copyright\s*(?:\(c\)|©)?\s*(?=.*\d{4}|.*\bby\b)", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Notice();

    [GeneratedRegex(@"[^A-Za-z0-9.+-]+", RegexOptions.CultureInvariant)]
    private static partial Regex Unnameable();

    [GeneratedRegex(@"[\x00-\x08\x0b-\x1f\x7f]", RegexOptions.CultureInvariant)]
    private static partial Regex Controls();
}
