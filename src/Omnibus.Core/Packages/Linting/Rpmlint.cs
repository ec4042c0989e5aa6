using System.Text.RegularExpressions;
using Omnibus.Core.Diagnostics;
using Omnibus.Core.Processes;

namespace Omnibus.Core.Packages.Linting;

/// <summary>rpmlint, version 2: <c>package.arch: E: tag details</c>.</summary>
internal sealed partial class Rpmlint : IPackageLintProgram
{
    public string Format => "Rpm";

    public string Program => "rpmlint";

    public ProgramCommand Command(string path) => new(Program, [path]) { Timeout = TimeSpan.FromMinutes(30) };

    // 0 nothing or warnings, 64 errors, 66 too much "badness" (rpmlint/cli.py); anything else is a breakdown. A package that it cannot read is
    // reported for "(none)".
    public IReadOnlyList<Finding> Read(ProgramResult result, PackageFile package)
    {
        if (result.ExitCode is not (0 or 64 or 66) || !result.StandardOutput.Contains(" packages and ", StringComparison.Ordinal))
        {
            throw new FormatException($"it ended with exit code {result.ExitCode}.\n{result.StandardOutput.TrimEnd()}");
        }

        var findings = new List<Finding>();
        foreach (string line in result.StandardOutput.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            Match match = Line().Match(line);
            if (!match.Success)
            {
                continue;
            }

            if (match.Groups["package"].Value == "(none)")
            {
                throw new FormatException(line);
            }

            string details = match.Groups["details"].Value.Trim();
            findings.Add(new Finding(
                match.Groups["tag"].Value,
                match.Groups["code"].Value switch { "E" => FindingSeverity.Error, "W" => FindingSeverity.Warning, _ => FindingSeverity.Information },
                details.Length == 0 ? match.Groups["tag"].Value : $"{match.Groups["tag"].Value} {details}",
                package.Name,
                PathIn(details, package),
                Program));
        }

        return findings;
    }

    // The path stands first or last among the details; only one that the package has is taken for one.
    private static string? PathIn(string details, PackageFile package)
    {
        string? best = null;
        foreach (string word in details.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            if (word[0] == '/' && package.Files.Any(f => f.Path == word))
            {
                best ??= word;
            }
        }

        return best ?? (details.StartsWith('/') ? details.Split(' ')[0] : null);
    }

    [GeneratedRegex(@"^(?<package>\S+): (?<code>[EWI]): (?<tag>[A-Za-z0-9%][A-Za-z0-9_%/+.\-]*)(?<details>.*)$", RegexOptions.CultureInvariant)]
    private static partial Regex Line();
}
