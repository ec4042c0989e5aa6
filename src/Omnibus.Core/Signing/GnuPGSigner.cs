using System.Globalization;
using System.Security;
using Omnibus.Core.Diagnostics;
using Omnibus.Core.Processes;
using Omnibus.Core.Signing.OpenPgp;

namespace Omnibus.Core.Signing;

/// <summary>How GnuPG is called.</summary>
public sealed record GnuPGOptions
{
    /// <summary>Its folder of keys; null for <c>$GNUPGHOME</c> or <c>~/.gnupg</c>.</summary>
    public string? Home { get; init; }

    /// <summary>Name or path of the program.</summary>
    public string Program { get; init; } = "gpg";

    /// <summary>Lets the agent ask for a passphrase or PIN by its own window. Off: what the agent does not know already fails at once.</summary>
    public bool AllowPinentry { get; init; }

    /// <summary>The passphrase, where the agent does not know it.</summary>
    public SecureString? Passphrase { get; init; }

    /// <summary>Told the command lines.</summary>
    public IProgress<OperationProgress>? Progress { get; init; }
}

/// <summary>
/// Signs through GnuPG: the secret stays where it is, in the agent, on a smart card or token, or in an export of subkeys alone.
/// </summary>
public sealed class GnuPGSigner : ISigner
{
    // Numbers of libgpg-error as status lines give them.
    private const int BadPassphrase = 11;
    private const int NoSecretKey = 17;
    private const int NoPinentry = 85;
    private const int Canceled = 99;
    private const int CardMissing = 112;
    private const int NoPassphrase = 177;

    private readonly GnuPGOptions _options;
    private readonly Certificate _certificate;

    private GnuPGSigner(Certificate certificate, string signingFingerprint, GnuPGOptions options)
    {
        _certificate = certificate;
        _options = options;
        SigningFingerprint = signingFingerprint;
        Key = SigningKey.FromCertificate(certificate);
    }

    /// <summary>The key, as GnuPG exports it.</summary>
    public SigningKey Key { get; }

    /// <inheritdoc/>
    public string Fingerprint => _certificate.Primary.Fingerprint;

    /// <inheritdoc/>
    public string SigningFingerprint { get; }

    /// <inheritdoc/>
    public ReadOnlyMemory<byte> PublicKey => _certificate.PublicPackets;

    /// <summary>Finds a key of GnuPG by fingerprint.</summary>
    /// <param name="fingerprint">40 hex digits of the primary key or a subkey; a <c>!</c> after it demands exactly that key.</param>
    /// <param name="options">How GnuPG is called.</param>
    /// <param name="cancellationToken">Stops.</param>
    /// <exception cref="OmnibusException"><c>SigningKeyFingerprintInvalid</c>, <c>SigningKeyNotFound</c>, <c>SigningKeySecretMissing</c>, <c>SigningKeyCannotSign</c>, <c>ProgramMissing</c>.</exception>
    public static async Task<GnuPGSigner> OpenAsync(string fingerprint, GnuPGOptions? options = null, CancellationToken cancellationToken = default)
    {
        options ??= new GnuPGOptions();
        bool exact = fingerprint.EndsWith('!');
        string wanted = Canonical(fingerprint);
        Certificate certificate = await ExportAsync(wanted, options, cancellationToken).ConfigureAwait(false);
        HashSet<string> secrets = await SecretsAsync(options, wanted, cancellationToken).ConfigureAwait(false);
        DateTimeOffset now = DateTimeOffset.UtcNow;
        bool exactly = exact || certificate.Primary.Fingerprint != wanted;
        CertificateKey? key = certificate.SigningKeyAt(now, k => secrets.Contains(k.Fingerprint) && (!exactly || k.Fingerprint == wanted));
        if (key is null)
        {
            throw exactly ? secrets.Contains(wanted) ? CannotSign(wanted) : InProcessSigner.SecretMissing(wanted)
                : secrets.Count == 0 ? InProcessSigner.SecretMissing(wanted) : CannotSign(wanted);
        }

        return new GnuPGSigner(certificate, key.Fingerprint, options);
    }

    /// <summary>The public key that GnuPG has by a fingerprint, whether its secret is there or not.</summary>
    /// <inheritdoc cref="OpenAsync"/>
    public static async Task<SigningKey> FindAsync(string fingerprint, GnuPGOptions? options = null, CancellationToken cancellationToken = default) =>
        SigningKey.FromCertificate(await ExportAsync(Canonical(fingerprint), options ?? new GnuPGOptions(), cancellationToken).ConfigureAwait(false));

    /// <inheritdoc/>
    public Task<byte[]> SignDetachedAsync(Stream data, bool armor, DateTimeOffset? time, CancellationToken cancellationToken) =>
        SignAsync(["--detach-sign", armor ? "--armor" : "--no-armor"], data, time, cancellationToken);

    /// <inheritdoc/>
    public async Task<byte[]> SignCleartextAsync(ReadOnlyMemory<byte> text, DateTimeOffset? time, CancellationToken cancellationToken)
    {
        using var data = new MemoryStream(text.ToArray(), writable: false);
        byte[] message = await SignAsync(["--clear-sign"], data, time, cancellationToken).ConfigureAwait(false);

        // Framed again by our own rules: what gpg.conf says about comments and "From " lines shall not matter.
        (_, byte[] signatures) = CleartextMessage.Parse(message, "gpg --clear-sign");
        return CleartextMessage.Build(text.Span, OpenPgpPacket.Split(signatures, "gpg --clear-sign").Select(SignatureHash.NameOf).ToArray(), signatures);
    }

    private static string Canonical(string fingerprint)
    {
        string wanted = fingerprint.TrimEnd('!').Replace(" ", string.Empty, StringComparison.Ordinal).ToUpperInvariant();
        wanted = wanted.StartsWith("0X", StringComparison.Ordinal) ? wanted[2..] : wanted;
        return wanted.Length == 40 && wanted.All(char.IsAsciiHexDigitUpper) ? wanted : throw new OmnibusException(
            "SigningKeyFingerprintInvalid",
            ErrorKind.InvalidArgument,
            $"'{fingerprint}' is no fingerprint: GnuPG keys are named by all 40 hex digits, because names and short IDs can be forged.",
            fingerprint,
            "Show fingerprints with: gpg --list-secret-keys --with-subkey-fingerprint");
    }

    private static async Task<Certificate> ExportAsync(string fingerprint, GnuPGOptions options, CancellationToken cancellationToken)
    {
        using var exported = new MemoryStream();
        ProgramResult result = await RunAsync(options, ["--export", fingerprint], null, exported, cancellationToken).ConfigureAwait(false);
        return result.ExitCode == 0 && exported.Length > 0
            ? CertificateReader.Read(exported.ToArray(), "gpg --export " + fingerprint)[0]
            : throw new OmnibusException("SigningKeyNotFound", ErrorKind.NotFound, $"GnuPG has no key {fingerprint}.", fingerprint, "Import it with gpg --import, or name another folder of GnuPG.");
    }

    private static OmnibusException CannotSign(string key) => new(
        "SigningKeyCannotSign", ErrorKind.Security, $"GnuPG's key {key} cannot sign: it is expired, revoked, or not meant for signing.", key, "Look at it with: gpg --list-secret-keys " + key);

    private static async Task<HashSet<string>> SecretsAsync(GnuPGOptions options, string fingerprint, CancellationToken cancellationToken)
    {
        ProgramResult result = await RunAsync(options, ["--with-colons", "--list-secret-keys", fingerprint], null, null, cancellationToken).ConfigureAwait(false);
        var secrets = new HashSet<string>(StringComparer.Ordinal);
        bool available = false;
        foreach (string line in result.StandardOutput.Split('\n'))
        {
            // doc/DETAILS of GnuPG: field 15 is "#" for a secret that is elsewhere, "+" or a card's serial number for one in reach.
            string[] fields = line.Split(':');
            if (fields[0] is "sec" or "ssb")
            {
                available = fields.Length > 14 && fields[14] != "#";
            }
            else if (fields[0] == "fpr" && fields.Length > 9 && available)
            {
                secrets.Add(fields[9]);
                available = false;
            }
        }

        return secrets;
    }

    private static async Task<ProgramResult> RunAsync(GnuPGOptions options, IReadOnlyList<string> arguments, Stream? input, Stream? output, CancellationToken cancellationToken)
    {
        var environment = new Dictionary<string, string?>(StringComparer.Ordinal) { ["LC_ALL"] = "C.UTF-8" };
        if (options.Home is not null)
        {
            environment["GNUPGHOME"] = Path.GetFullPath(options.Home);
        }

        var command = new ProgramCommand(options.Program, ["--batch", "--no-tty", "--quiet", "--status-fd", "2", .. arguments])
        {
            // The agent is found through the user's own environment.
            InheritEnvironment = true,
            Environment = environment,
            StandardInput = input,
            StandardOutputTo = output,
        };
        return await ProgramRunner.TryRunAsync(command, options.Progress, cancellationToken).ConfigureAwait(false);
    }

    private async Task<byte[]> SignAsync(IReadOnlyList<string> mode, Stream data, DateTimeOffset? time, CancellationToken cancellationToken)
    {
        List<string> arguments = ["--no-comments", "--no-emit-version", "--digest-algo", "SHA512", "--local-user", SigningFingerprint + "!"];
        if (time is { } at)
        {
            arguments.AddRange(["--faked-system-time", at.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture) + "!"]);
        }

        if (_options.Passphrase is { Length: > 0 } passphrase)
        {
            return await SignWithPassphraseAsync([.. arguments, .. mode], data, passphrase, cancellationToken).ConfigureAwait(false);
        }

        using var output = new MemoryStream();
        arguments.AddRange(["--pinentry-mode", _options.AllowPinentry ? "ask" : "error"]);
        ProgramResult result = await RunAsync(_options, [.. arguments, .. mode], data, output, cancellationToken).ConfigureAwait(false);
        return Checked(result, output);
    }

    private async Task<byte[]> SignWithPassphraseAsync(IReadOnlyList<string> arguments, Stream data, SecureString passphrase, CancellationToken cancellationToken)
    {
        // gpg reads the passphrase from its standard input, so the data must be a file.
        string folder = Directory.CreateTempSubdirectory("omnibus-sign-").FullName;
        try
        {
            string file = Path.Combine(folder, "data");
            var copy = new FileStream(file, FileMode.CreateNew);
            await using (copy.ConfigureAwait(false))
            {
                await data.CopyToAsync(copy, cancellationToken).ConfigureAwait(false);
            }

            using var output = new MemoryStream();
            ProgramResult result = await Passphrase.UseAsync(passphrase, async bytes =>
            {
                using var input = new MemoryStream(bytes, writable: false);
                return await RunAsync(_options, ["--pinentry-mode", "loopback", "--passphrase-fd", "0", "--output", "-", .. arguments, file], input, output, cancellationToken).ConfigureAwait(false);
            }).ConfigureAwait(false);
            return Checked(result, output);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private byte[] Checked(ProgramResult result, MemoryStream output)
    {
        int failure = 0;
        bool created = false;
        foreach (string line in result.StandardError.Split('\n'))
        {
            string[] words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (words.Length < 2 || words[0] != "[GNUPG:]")
            {
                continue;
            }

            // SIG_CREATED type algorithm hash class time fingerprint
            created |= words[1] == "SIG_CREATED" && words.Length >= 8 && words[7].Equals(SigningFingerprint, StringComparison.OrdinalIgnoreCase);
            if (words[1] == "FAILURE" && words.Length >= 4 && int.TryParse(words[3], CultureInfo.InvariantCulture, out int code))
            {
                failure = code & 0xFFFF;
            }
        }

        if (result.ExitCode == 0 && created)
        {
            return output.ToArray();
        }

        string log = string.Join('\n', result.StandardError.Split('\n').Where(l => l.Length > 0 && !l.StartsWith("[GNUPG:]", StringComparison.Ordinal)).TakeLast(10));
        throw failure switch
        {
            BadPassphrase => new OmnibusException("SigningPassphraseWrong", ErrorKind.Security, $"The passphrase or PIN for GnuPG's key {SigningFingerprint} is wrong.", SigningFingerprint),
            NoPinentry or Canceled or NoPassphrase => new OmnibusException(
                "SigningPassphraseRequired",
                ErrorKind.Security,
                $"GnuPG needs the passphrase or PIN of key {SigningFingerprint} and its agent does not know it.\n{log}",
                SigningFingerprint,
                "Unlock it beforehand (gpg-preset-passphrase, or sign something by hand), or give the passphrase."),
            NoSecretKey or CardMissing => InProcessSigner.SecretMissing(SigningFingerprint),
            _ => new OmnibusException("SigningFailed", ErrorKind.ProgramFailed, $"GnuPG could not sign with key {SigningFingerprint} (exit code {result.ExitCode}).\n{log}", SigningFingerprint),
        };
    }
}
