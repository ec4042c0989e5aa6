using System.Text;

namespace Omnibus.Core.Vms.State;

/// <summary>Reads the end of a log that another program writes, whatever its size.</summary>
internal static class LogTail
{
    private const int Window = 64 * 1024;

    /// <summary>The last lines of a file, without control characters; empty when there is none.</summary>
    public static string Read(string path, int lines)
    {
        try
        {
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            stream.Seek(-Math.Min(stream.Length, Window), SeekOrigin.End);
            byte[] bytes = new byte[Window];
            int read = stream.ReadAtLeast(bytes, Window, throwOnEndOfStream: false);
            string[] all = Clean(Encoding.UTF8.GetString(bytes, 0, read)).Split('\n', StringSplitOptions.RemoveEmptyEntries);
            return string.Join('\n', all.Skip(Math.Max(0, all.Length - lines)));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return string.Empty;
        }
    }

    // A guest may write anything to its console: escape sequences must not reach our terminal.
    internal static string Clean(string text)
    {
        var clean = new StringBuilder(text.Length);
        for (int i = 0; i < text.Length; i++)
        {
            char c = text[i];
            if (c == '\u001b' && i + 1 < text.Length && text[i + 1] == '[')
            {
                i += 2;
                while (i < text.Length && text[i] is not (>= '@' and <= '~'))
                {
                    i++;
                }
            }
            else if (c is '\n' or '\t' || !char.IsControl(c))
            {
                clean.Append(c);
            }
        }

        return clean.ToString();
    }
}
