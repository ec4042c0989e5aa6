using Omnibus.Core.Diagnostics;

namespace Omnibus.Cli;

/// <summary>Errors as people read them: one line that says what and where, the rest indented.</summary>
internal static class ErrorText
{
    /// <summary>Writes an error to standard error.</summary>
    /// <returns>The exit code, so that callers can return it.</returns>
    public static int Report(OmnibusException error, int exitCode)
    {
        string[] lines = error.Message.Split('\n');
        Console.Error.WriteLine($"omnibus: {lines[0]}");
        foreach (string line in lines.Skip(1))
        {
            Console.Error.WriteLine("    " + line);
        }

        if (error.Advice is { } advice)
        {
            Console.Error.WriteLine($"    What to do: {advice}");
        }

        Console.Error.WriteLine($"    Id: {error.Id}");
        return exitCode;
    }
}
