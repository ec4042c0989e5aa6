using System.Globalization;
using System.Security.Cryptography;
using Omnibus.Core.Diagnostics;

namespace Omnibus.Core.Packages.Rpm;

/// <summary>Checks the digests and sizes that a package keeps of itself. Whether its signatures are good is for Signing/ to say, from <see cref="RpmSignatures"/>.</summary>
internal static class RpmVerifier
{
    // PGPHASHALGO of rpmpgp.h.
    private static readonly Dictionary<long, HashAlgorithmName> s_algorithms = new()
    {
        [1] = HashAlgorithmName.MD5,
        [2] = HashAlgorithmName.SHA1,
        [8] = HashAlgorithmName.SHA256,
        [9] = HashAlgorithmName.SHA384,
        [10] = HashAlgorithmName.SHA512,
    };

    /// <summary>Reads a package whole and holds its digests against it.</summary>
    /// <returns>One finding for each that does not hold; none when all is well.</returns>
    /// <exception cref="OmnibusException"><c>PackageNotFound</c>, <c>PackageUnreadable</c>.</exception>
    public static async Task<IReadOnlyList<Finding>> CheckAsync(string path, CancellationToken cancellationToken)
    {
        RpmPackage package = await RpmPackageReader.ReadAsync(path, digest: false, cancellationToken).ConfigureAwait(false);
        var findings = new List<Finding>();
        bool headerKnown = CheckHeader(package, findings);
        CheckSize(package, findings);
        bool payloadKnown = await CheckPayloadAsync(package, findings, cancellationToken).ConfigureAwait(false);
        if (!headerKnown || !payloadKnown)
        {
            Add(findings, package, "RpmDigestMissing", FindingSeverity.Warning, $"It keeps no digest of its {(headerKnown ? "payload" : "header")}, as packages made for rpm before 4.14 do not.");
        }

        return findings;
    }

    /// <summary>Demands that size and header are what the package says of itself: what can be told without its payload.</summary>
    /// <exception cref="OmnibusException"><c>PackageUnreadable</c>.</exception>
    public static void RequireIntact(RpmPackage package)
    {
        var findings = new List<Finding>();
        CheckSize(package, findings);
        CheckHeader(package, findings);
        if (findings is [Finding first, ..])
        {
            throw RpmErrors.Unreadable(package.Path, "it is damaged: " + char.ToLowerInvariant(first.Message[0]) + first.Message[1..^1]);
        }
    }

    private static bool CheckHeader(RpmPackage package, List<Finding> findings)
    {
        ReadOnlySpan<byte> bytes = package.Header.Bytes.Span;
        string? sha256 = package.Signature.GetString(RpmSignatureTag.Sha256);
        if (sha256 is not null && !sha256.Equals(Convert.ToHexStringLower(SHA256.HashData(bytes)), StringComparison.OrdinalIgnoreCase))
        {
            Add(findings, package, "RpmHeaderDigestWrong", FindingSeverity.Error, "The SHA-256 of its header is not what its signature header says.");
        }

#pragma warning disable CA5350 // Old packages have no other digest of the header.
        string? sha1 = package.Signature.GetString(RpmSignatureTag.Sha1);
        if (sha1 is not null && !sha1.Equals(Convert.ToHexStringLower(SHA1.HashData(bytes)), StringComparison.OrdinalIgnoreCase))
#pragma warning restore CA5350
        {
            Add(findings, package, "RpmHeaderDigestWrong", FindingSeverity.Error, "The SHA-1 of its header is not what its signature header says.");
        }

        return sha256 is not null || sha1 is not null;
    }

    private static void CheckSize(RpmPackage package, List<Finding> findings)
    {
        long? size = package.Signature.GetNumber(RpmSignatureTag.LongSize) ?? package.Signature.GetNumber(RpmSignatureTag.Size);
        long actual = package.FileSize - package.HeaderStart;
        if (size is { } expected && expected != actual)
        {
            Add(findings, package, "RpmSizeWrong", FindingSeverity.Error, string.Create(CultureInfo.InvariantCulture, $"Header and payload have {actual} bytes, but should have {expected}."));
        }
    }

    private static async Task<bool> CheckPayloadAsync(RpmPackage package, List<Finding> findings, CancellationToken cancellationToken)
    {
        if (ExpectedPayload(package) is not { } expected)
        {
            return false;
        }

        if (!expected.Digest.Equals(await DigestFromAsync(package, expected.Start, expected.Algorithm, cancellationToken).ConfigureAwait(false), StringComparison.OrdinalIgnoreCase))
        {
            Add(findings, package, "RpmPayloadDigestWrong", FindingSeverity.Error, WrongPayload(expected.Algorithm));
        }

        return true;
    }

    // Of the payload alone; packages made for rpm before 4.14 have nothing but an MD5 of header and payload.
    private static (HashAlgorithmName Algorithm, long Start, string Digest)? ExpectedPayload(RpmPackage package)
    {
        if (package.Header.GetString(RpmTag.PayloadDigest) is { } digest && s_algorithms.TryGetValue(package.Header.GetNumber(RpmTag.PayloadDigestAlgo) ?? 8, out HashAlgorithmName algorithm))
        {
            return (algorithm, package.HeaderEnd, digest);
        }

        ReadOnlyMemory<byte> md5 = package.Signature.GetBinary(RpmSignatureTag.Md5);
        return md5.Length == 16 ? (HashAlgorithmName.MD5, package.HeaderStart, Convert.ToHexStringLower(md5.Span)) : null;
    }

    private static string WrongPayload(HashAlgorithmName algorithm) => algorithm == HashAlgorithmName.MD5
        ? "The MD5 of its header and payload is not what its signature header says."
        : $"The {algorithm} of its payload is not what its header says.";

    private static async Task<string> DigestFromAsync(RpmPackage package, long offset, HashAlgorithmName algorithm, CancellationToken cancellationToken)
    {
        try
        {
            using var file = new FileStream(package.Path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, 0, FileOptions.SequentialScan);
            file.Position = offset;
            return Convert.ToHexStringLower(await CryptographicOperations.HashDataAsync(algorithm, file, cancellationToken).ConfigureAwait(false));
        }
        catch (IOException e)
        {
            throw new OmnibusException("PackageUnreadable", ErrorKind.Storage, $"{package.Path}: could not be read: {e.Message}", package.Path, inner: e);
        }
    }

    private static void Add(List<Finding> findings, RpmPackage package, string id, FindingSeverity severity, string message) =>
        findings.Add(new Finding(id, severity, message, package.Path));

    /// <summary>Holds a payload against its digest while somebody reads the file.</summary>
    internal sealed class PayloadDigest : IDisposable
    {
        private readonly RpmPackage _package;
        private readonly HashAlgorithmName _algorithm;
        private readonly long _start;
        private readonly string _expected;
        private readonly IncrementalHash _hash;

        private PayloadDigest(RpmPackage package, HashAlgorithmName algorithm, long start, string expected)
        {
            (_package, _algorithm, _start, _expected) = (package, algorithm, start, expected);
            _hash = IncrementalHash.CreateHash(algorithm);
        }

        /// <summary>Null where the package keeps no digest, or one that this machine does not compute (MD5 under FIPS).</summary>
        public static PayloadDigest? Of(RpmPackage package)
        {
            try
            {
                return ExpectedPayload(package) is { } expected ? new PayloadDigest(package, expected.Algorithm, expected.Start, expected.Digest) : null;
            }
            catch (CryptographicException)
            {
                return null;
            }
        }

        /// <summary>Takes bytes of the file, in order.</summary>
        public void Append(long offset, ReadOnlySpan<byte> bytes) =>
            _hash.AppendData(offset >= _start ? bytes : offset + bytes.Length <= _start ? [] : bytes[(int)(_start - offset)..]);

        /// <summary>Demands that it holds.</summary>
        /// <exception cref="OmnibusException"><c>PackageUnreadable</c>.</exception>
        public void Require()
        {
            if (!_expected.Equals(Convert.ToHexStringLower(_hash.GetHashAndReset()), StringComparison.OrdinalIgnoreCase))
            {
                string what = WrongPayload(_algorithm);
                throw RpmErrors.Unreadable(_package.Path, "it is damaged: " + char.ToLowerInvariant(what[0]) + what[1..^1]);
            }
        }

        /// <inheritdoc/>
        public void Dispose() => _hash.Dispose();
    }
}
