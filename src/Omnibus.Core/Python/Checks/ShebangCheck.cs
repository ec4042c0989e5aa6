using System.Text;
using System.Text.RegularExpressions;
using Omnibus.Core.Diagnostics;

namespace Omnibus.Core.Python.Checks;

/// <summary>Scripts in <c>bin</c> start an interpreter that the target has.</summary>
/// <remarks>
/// Linux before 5.1 cuts a <c>#!</c> line after 127 bytes (execve(2)). For a longer path, or one with a blank, pip writes a line for /bin/sh and
/// an <c>exec</c> hidden in a Python string; that form is followed.
/// </remarks>
internal static partial class ShebangCheck
{
    private const int LongestLine = 127;
    private const int HeadSize = 8192;

    /// <summary>Looks at each script.</summary>
    public static IEnumerable<Finding> Run(EnvironmentScan scan)
    {
        byte[] head = new byte[HeadSize];
        foreach (EnvironmentFile file in scan.Files.Where(f => f.LinkTarget is null && f.Path.StartsWith("bin/", StringComparison.Ordinal)))
        {
            int count;
            using (FileStream stream = File.OpenRead(file.HostPath))
            {
                count = stream.ReadAtLeast(head, head.Length, throwOnEndOfStream: false);
            }

            if (Check(scan, head.AsSpan(0, count)) is { } problem)
            {
                yield return EnvironmentChecks.Error(scan, "ShebangInvalid", file.Path, problem);
            }
        }
    }

    private static string? Check(EnvironmentScan scan, ReadOnlySpan<byte> head)
    {
        if (!head.StartsWith("#!"u8))
        {
            return null;
        }

        int end = head.IndexOf((byte)'\n');
        string line = Encoding.UTF8.GetString(end < 0 ? head : head[..end]);
        string interpreter = line[2..].TrimStart().Split(' ', '\t')[0];
        if (interpreter == "/bin/sh" && Trampoline().Match(Encoding.UTF8.GetString(head)) is { Success: true } trampoline)
        {
            interpreter = trampoline.Groups[1].Value.Trim('"');
        }
        else if (Encoding.UTF8.GetByteCount(line) > LongestLine)
        {
            return $"its first line is longer than {LongestLine} bytes, which the kernel may cut";
        }

        string environment = scan.Spec.EnvironmentPath + "/";
        if (interpreter.StartsWith(environment, StringComparison.Ordinal))
        {
            return scan.Find(interpreter[environment.Length..]) is null ? $"its interpreter {interpreter} is not in the environment" : null;
        }

        string[] system = ["/usr/bin/", "/bin/", "/usr/sbin/", "/sbin/"];
        return system.Any(p => interpreter.StartsWith(p, StringComparison.Ordinal))
            ? null
            : $"its interpreter is '{interpreter}', neither in the environment nor a program of the system";
    }

    [GeneratedRegex("^#!/bin/sh\n'''exec' (\"[^\"\n]+\"|[^\\s\"]+) \"\\$0\" \"\\$@\"\n' '''\n", RegexOptions.CultureInvariant)]
    private static partial Regex Trampoline();
}
