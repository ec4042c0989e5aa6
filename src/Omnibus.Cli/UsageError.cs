using System.CommandLine;

namespace Omnibus.Cli;

/// <summary>Tells mistakes of the command line.</summary>
internal static class UsageError
{
    /// <summary>Writes each mistake and where help is.</summary>
    /// <returns>The exit code.</returns>
    public static int Report(ParseResult parsed)
    {
        foreach (System.CommandLine.Parsing.ParseError error in parsed.Errors)
        {
            Console.Error.WriteLine($"omnibus: {error.Message}");
        }

        string command = parsed.CommandResult.Command is RootCommand ? string.Empty : parsed.CommandResult.Command.Name + " ";
        Console.Error.WriteLine($"    See: omnibus {command}--help");
        return ExitCode.Usage;
    }
}
