namespace Omnibus.Help;

/// <summary>A cmdlet's syntax as text, as Get-Command -Syntax prints it.</summary>
internal static class SyntaxText
{
    private const int Width = 110;

    /// <summary>The syntax of a parameter set, in lines.</summary>
    public static IEnumerable<string> Lines(CmdletDescription cmdlet, string? set)
    {
        string line = cmdlet.Name;
        foreach (string word in Words(cmdlet, set))
        {
            if (line.Length + 1 + word.Length > Width)
            {
                yield return line;
                line = "   ";
            }

            line += " " + word;
        }

        yield return line;
    }

    /// <summary>How a parameter takes input from the pipeline.</summary>
    public static string Pipeline(ParameterDescription parameter)
    {
        bool byValue = parameter.Places.Any(p => p.ByValue);
        bool byName = parameter.Places.Any(p => p.ByPropertyName);
        return (byName, byValue) switch
        {
            (true, true) => "True (ByPropertyName, ByValue)",
            (true, false) => "True (ByPropertyName)",
            (false, true) => "True (ByValue)",
            _ => "False",
        };
    }

    private static IEnumerable<string> Words(CmdletDescription cmdlet, string? set)
    {
        foreach ((ParameterDescription parameter, ParameterPlace place) in cmdlet.InSet(set))
        {
            string name = place.Position is null ? $"-{parameter.Name}" : $"[-{parameter.Name}]";
            string word = parameter.IsSwitch ? $"-{parameter.Name}" : $"{name} <{parameter.TypeName}>";
            yield return place.Mandatory ? word : $"[{word}]";
        }

        if (cmdlet.SupportsShouldProcess)
        {
            yield return "[-WhatIf]";
            yield return "[-Confirm]";
        }

        yield return "[<CommonParameters>]";
    }
}
