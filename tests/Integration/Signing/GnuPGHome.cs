using System.Diagnostics;
using System.Globalization;
using System.Text;
using Omnibus.Core.Processes;
using Omnibus.Core.Signing;

namespace Omnibus.Tests.Integration.Signing;

/// <summary>A GnuPG of its own, with agent, gone afterwards.</summary>
public sealed class GnuPGHome : IDisposable
{
    public GnuPGHome()
    {
        // Sockets of the agent must have short paths.
        Folder = Directory.CreateTempSubdirectory("og-").FullName;
        Home = Path.Combine(Folder, "gnupg");
        Directory.CreateDirectory(Home, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    public string Folder { get; }

    public string Home { get; }

    public GnuPGOptions Options => new() { Home = Home };

    public async Task<ProgramResult> TryAsync(string program, IReadOnlyList<string> arguments, byte[]? input = null) => await ProgramRunner.TryRunAsync(new ProgramCommand(program, arguments)
    {
        InheritEnvironment = true,
        Environment = new Dictionary<string, string?> { ["GNUPGHOME"] = Home, ["LC_ALL"] = "C.UTF-8", ["TZ"] = "UTC" },
        StandardInput = input is null ? null : new MemoryStream(input),
        WorkingDirectory = Folder,
        Timeout = TimeSpan.FromMinutes(2),
    });

    public async Task<string> RunAsync(string program, IReadOnlyList<string> arguments, byte[]? input = null)
    {
        ProgramResult result = await TryAsync(program, arguments, input);
        Assert.True(result.ExitCode == 0, $"{program} {string.Join(' ', arguments)}: {result.ExitCode}\n{result.StandardError}{result.StandardOutput}");
        return result.StandardOutput + result.StandardError;
    }

    public Task<string> GpgAsync(params string[] arguments) => RunAsync("gpg", ["--batch", "--no-tty", "--pinentry-mode", "loopback", "--passphrase", string.Empty, .. arguments]);

    public async Task<byte[]> BytesAsync(params string[] arguments)
    {
        using var output = new MemoryStream();
        await ProgramRunner.RunAsync(new ProgramCommand("gpg", ["--batch", "--no-tty", "--pinentry-mode", "loopback", "--passphrase", string.Empty, .. arguments])
        {
            InheritEnvironment = true,
            Environment = new Dictionary<string, string?> { ["GNUPGHOME"] = Home, ["LC_ALL"] = "C.UTF-8" },
            StandardOutputTo = output,
            WorkingDirectory = Folder,
        });
        return output.ToArray();
    }

    /// <summary>Makes a key by a parameter file and gives its fingerprint.</summary>
    public async Task<string> NewKeyAsync(string name, string parameters, params string[] options)
    {
        byte[] request = Encoding.UTF8.GetBytes($"%no-protection\n{parameters}\nName-Real: {name}\nName-Email: {name}@example.com\n%commit\n");
        ProgramResult result = await TryAsync("gpg", ["--batch", "--no-tty", "--status-fd", "1", .. options, "--generate-key"], request);
        Assert.True(result.ExitCode == 0, result.StandardError);
        return result.StandardOutput.Split('\n').Single(l => l.Contains("KEY_CREATED", StringComparison.Ordinal)).Split(' ')[3];
    }

    public async Task<SigningKey> ExportAsync(string fingerprint) => SigningKey.Read(await BytesAsync("--export", fingerprint))[0];

    public string Write(string name, byte[] content)
    {
        string path = Path.Combine(Folder, name);
        File.WriteAllBytes(path, content);
        return path;
    }

    /// <summary>What sqv says of a detached signature, with the clock set to a date.</summary>
    public async Task<(bool Accepted, string Log)> SqvAsync(string keyring, string signature, string data, DateTimeOffset? date = null)
    {
        string[] command = ["sqv", "--verbose", "--keyring", keyring, signature, data];
        ProgramResult result = date is { } at
            ? await TryAsync("faketime", ["-f", at.UtcDateTime.ToString("'@'yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture), .. command])
            : await TryAsync(command[0], command[1..]);
        return (result.ExitCode == 0, result.StandardError);
    }

    /// <summary>What gpgv says of a detached signature, judged by its status lines as apt does.</summary>
    public async Task<(bool Accepted, string Log)> GpgvAsync(string keyring, string signature, string data, DateTimeOffset? date = null)
    {
        string[] command = ["gpgv", "--status-fd", "1", "--keyring", keyring, signature, data];
        ProgramResult result = date is { } at
            ? await TryAsync("faketime", ["-f", at.UtcDateTime.ToString("'@'yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture), .. command])
            : await TryAsync(command[0], command[1..]);
        return (result.StandardOutput.Contains("GOODSIG", StringComparison.Ordinal) && result.ExitCode == 0, result.StandardOutput + result.StandardError);
    }

    public void Dispose()
    {
        using (Process? kill = Process.Start(new ProcessStartInfo("gpgconf", ["--kill", "all"]) { Environment = { ["GNUPGHOME"] = Home } }))
        {
            kill?.WaitForExit(5000);
        }

        Directory.Delete(Folder, recursive: true);
    }
}
