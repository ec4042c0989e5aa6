using System.Diagnostics;

namespace Omnibus.Tests.Integration.Fixtures;

/// <summary>The example application, with the sources of its dependencies fetched once.</summary>
internal static class NotesExample
{
    private static readonly Lazy<string> s_wheelhouse = new(Fetch);

    /// <summary>Its folder.</summary>
    public static string Folder => Checkout.PathOf("examples", "notes");

    /// <summary>Folder with the source archives of Jinja2 and MarkupSafe.</summary>
    public static string Wheelhouse => s_wheelhouse.Value;

    private static string Fetch()
    {
        using var process = Process.Start(new ProcessStartInfo(Path.Combine(Folder, "fetch-sources")) { RedirectStandardError = true, UseShellExecute = false })!;
        string log = process.StandardError.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0
            ? Path.Combine(Folder, "wheelhouse")
            : throw new InvalidOperationException("examples/notes/fetch-sources failed; it needs apt and a source archive in reach:\n" + log);
    }
}
