using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Omnibus.Core.Diagnostics;
using Omnibus.Core.Processes;

namespace Omnibus.Core.Packages.Linting;

/// <summary>lintian(1), as it speaks from version 2.115 on: <c>E: package: tag context [path:line]</c>.</summary>
internal sealed partial class Lintian : IPackageLintProgram
{
    public string Format => "Deb";

    public string Program => "lintian";

    // No configuration of the user's or host's, all tags in full.
    public ProgramCommand Command(string path) => new(
        Program, ["--no-cfg", "--ignore-lintian-env", "--display-info", "--color", "never", "--tag-display-limit", "0", "--", path])
    {
        Timeout = TimeSpan.FromMinutes(30),
    };

    // Exit codes: 0, and 2 where errors were found; 1 is a breakdown (EXIT STATUS in lintian(1)). A package that it cannot read also ends with 2,
    // or with 1: then it says so and no line about the package comes.
    public IReadOnlyList<Finding> Read(ProgramResult result, PackageFile package)
    {
        if (result.ExitCode is not (0 or 2))
        {
            throw new FormatException($"it ended with exit code {result.ExitCode}.");
        }

        var findings = new List<Finding>();
        foreach (string line in result.StandardOutput.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            Match match = Line().Match(line);
            if (match.Success && Severity(match.Groups["code"].Value) is { } severity)
            {
                findings.Add(ToFinding(match, severity, package));
            }
        }

        return result.ExitCode == 0 || findings.Exists(f => f.Severity == FindingSeverity.Error)
            ? findings
            : throw new FormatException("it ended with exit code 2, but named no error.");
    }

    private static Finding ToFinding(Match match, FindingSeverity severity, PackageFile package)
    {
        string context = match.Groups["context"].Value.Trim();
        string? path = match.Groups["path"] is { Success: true, Length: > 0 } group ? Decode(group.Value) : null;
        string message = string.Join(' ', new[] { match.Groups["tag"].Value, context, path is null ? null : $"[{path}]" }.Where(t => !string.IsNullOrEmpty(t)));
        return new Finding(match.Groups["tag"].Value, severity, message, package.Name, path is null ? null : "/" + path.Trim('/'), "lintian")
        {
            Line = match.Groups["line"].Success ? int.Parse(match.Groups["line"].Value, CultureInfo.InvariantCulture) : null,
        };
    }

    // O (overridden in the package), M (masked) and N (notes) are no findings.
    private static FindingSeverity? Severity(string code) => code switch
    {
        "E" => FindingSeverity.Error,
        "W" => FindingSeverity.Warning,
        "I" or "P" or "X" or "C" => FindingSeverity.Information,
        _ => null,
    };

    // lintian encodes names that are UTF-8 a second time.
    private static string Decode(string path)
    {
        if (path.Any(c => c > 0xFF) || path.All(char.IsAscii))
        {
            return path;
        }

        try
        {
            return new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(Encoding.Latin1.GetBytes(path));
        }
        catch (DecoderFallbackException)
        {
            return path;
        }
    }

    [GeneratedRegex(@"^(?<code>[A-Z]): \S+(?: \w+)?: (?<tag>[A-Za-z0-9][A-Za-z0-9_/+.\-]*)(?<context>.*?)(?: \[(?<path>[^\[\]]*?)(?::(?<line>[0-9]+))?\])?$", RegexOptions.CultureInvariant)]
    private static partial Regex Line();
}
