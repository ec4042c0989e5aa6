using System.Net;
using System.Text.RegularExpressions;
using Omnibus.Core.Diagnostics;

namespace Omnibus.Core.Vms.Networks;

/// <summary>Lines of a hosts file (hosts(5)) that Omnibus looks after, between two markers. All other lines stay as they are.</summary>
public sealed partial class HostEntries(string path = "/etc/hosts")
{
    private const string Begin = "# BEGIN omnibus";
    private const string End = "# END omnibus";
    private const long FileLimit = 16 * 1024 * 1024;

    /// <summary>The entries of ours, in their order.</summary>
    public IReadOnlyList<HostEntry> List() => Parse(Read()).Ours;

    /// <summary>Adds a name, or gives it another address. Adding the same again changes nothing.</summary>
    /// <exception cref="OmnibusException"><c>HostEntryInvalid</c>, <c>HostsFileNotWritten</c>.</exception>
    public HostEntry Add(string address, string name)
    {
        if (!IPAddress.TryParse(address, out IPAddress? parsed) || !NamePattern().IsMatch(name))
        {
            throw new OmnibusException("HostEntryInvalid", ErrorKind.InvalidArgument, $"'{address} {name}' is no line for a hosts file.", name, "Give an IP address and a host name.");
        }

        var entry = new HostEntry(parsed.ToString(), name);
        (List<string> before, List<HostEntry> ours, List<string> after) = Parse(Read());
        int at = ours.FindIndex(other => string.Equals(other.Name, name, StringComparison.OrdinalIgnoreCase));
        if (at >= 0 && ours[at] == entry)
        {
            return entry;
        }

        if (at >= 0)
        {
            ours[at] = entry;
        }
        else
        {
            ours.Add(entry);
        }

        Write(before, ours, after);
        return entry;
    }

    /// <summary>Takes a name away.</summary>
    /// <returns>Whether it was there.</returns>
    /// <exception cref="OmnibusException"><c>HostsFileNotWritten</c>.</exception>
    public bool Remove(string name)
    {
        (List<string> before, List<HostEntry> ours, List<string> after) = Parse(Read());
        if (ours.RemoveAll(entry => string.Equals(entry.Name, name, StringComparison.OrdinalIgnoreCase)) == 0)
        {
            return false;
        }

        Write(before, ours, after);
        return true;
    }

    private string[] Read()
    {
        var file = new FileInfo(path);
        if (!file.Exists)
        {
            return [];
        }

        return file.Length <= FileLimit
            ? File.ReadAllText(path).TrimEnd('\n').Split('\n')
            : throw new OmnibusException("HostsFileInvalid", ErrorKind.InvalidData, $"'{path}' is too large for a hosts file.", path);
    }

    private (List<string> Before, List<HostEntry> Ours, List<string> After) Parse(string[] lines)
    {
        int begin = Array.IndexOf(lines, Begin);
        int end = Array.IndexOf(lines, End);
        if (begin < 0 && end < 0)
        {
            return (lines is [""] ? [] : [.. lines], [], []);
        }

        if (begin < 0 || end < begin)
        {
            throw new OmnibusException("HostsFileInvalid", ErrorKind.InvalidData, $"The lines '{Begin}' and '{End}' of '{path}' do not go together.", path, "Mend the file by hand.");
        }

        List<HostEntry> ours = [.. lines[(begin + 1)..end]
            .Select(line => line.Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries))
            .Where(words => words.Length == 2)
            .Select(words => new HostEntry(words[0], words[1]))];
        return ([.. lines[..begin]], ours, [.. lines[(end + 1)..]]);
    }

    private void Write(List<string> before, List<HostEntry> ours, List<string> after)
    {
        IEnumerable<string> block = ours.Count == 0 ? [] : [Begin, .. ours.Select(entry => $"{entry.Address}\t{entry.Name}"), End];
        string text = string.Join('\n', before.Concat(block).Concat(after)) + "\n";
        string temporary = $"{path}.omnibus-{Guid.NewGuid():N}";
        try
        {
            UnixFileMode mode = File.Exists(path)
                ? File.GetUnixFileMode(path)
                : UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;
            File.WriteAllText(temporary, text);
            File.SetUnixFileMode(temporary, mode);
            Replace(temporary);
        }
        catch (Exception e) when (e is UnauthorizedAccessException or IOException)
        {
            throw new OmnibusException(
                "HostsFileNotWritten",
                e is UnauthorizedAccessException ? ErrorKind.PermissionDenied : ErrorKind.Storage,
                $"'{path}' could not be written: {e.Message}",
                path,
                "Only root may change the host's names.",
                e);
        }
        finally
        {
            if (File.Exists(temporary))
            {
                File.Delete(temporary);
            }
        }
    }

    private void Replace(string temporary)
    {
        try
        {
            File.Move(temporary, path, overwrite: true);
        }
        catch (IOException) when (File.Exists(path))
        {
            // In a container /etc/hosts is a mount point, which cannot be renamed over.
            File.Copy(temporary, path, overwrite: true);
        }
    }

    [GeneratedRegex(@"\A[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?\z", RegexOptions.CultureInvariant)]
    private static partial Regex NamePattern();
}

/// <summary>A line of a hosts file.</summary>
/// <param name="Address">IP address.</param>
/// <param name="Name">Host name.</param>
public sealed record HostEntry(string Address, string Name);
