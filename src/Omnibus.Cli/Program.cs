using System.CommandLine;
using Omnibus.Cli;

var command = new RootCommand("Turns an application into native packages. PowerShell is not needed; with it, import the Omnibus module.")
{
    RunCommand.Create(),
};
ParseResult parsed = command.Parse(args);

// Mistakes of the command line are told by the parser, which exits with 1 for them; 1 is kept for work that failed.
return parsed.Errors.Count > 0 ? UsageError.Report(parsed) : await parsed.InvokeAsync();
