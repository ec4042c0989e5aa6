using Omnibus.Core.Compression;
using Omnibus.Core.Diagnostics;
using Omnibus.Core.Signing;

namespace Omnibus.Core.Packages;

/// <summary>How a package is to be written.</summary>
/// <param name="Compression">Compressor and level of the payload.</param>
public sealed record PackageWriteOptions(CompressionSettings Compression)
{
    /// <summary>Replaces a file that is there with other content.</summary>
    public bool Force { get; init; }
}

/// <summary>How much of a package is to be read.</summary>
[Flags]
public enum PackageReadParts
{
    /// <summary>Name, version, control data, relations.</summary>
    Control = 0,

    /// <summary>The list of files.</summary>
    Files = 1,

    /// <summary>Scripts and triggers.</summary>
    Scripts = 2,

    /// <summary>SHA-256 of the whole file.</summary>
    Digest = 4,

    /// <summary>Everything.</summary>
    All = Files | Scripts | Digest,
}

/// <summary>A package format: one reader and one writer. A new format is a new folder and one line in <see cref="PackageFormats"/>.</summary>
public interface IPackageFormat
{
    /// <summary><c>Deb</c> or <c>Rpm</c>.</summary>
    string Name { get; }

    /// <summary>File name extension with its dot.</summary>
    string Extension { get; }

    /// <summary>Whether a file that begins with these bytes is of this format.</summary>
    bool Recognises(ReadOnlySpan<byte> head);

    /// <summary>The canonical file name of a package.</summary>
    string FileName(string name, PackageVersion version, string architecture);

    /// <summary>Holds a definition against the format's rules.</summary>
    /// <returns>One finding for each breach; errors make <see cref="WriteAsync"/> refuse.</returns>
    IReadOnlyList<Finding> Validate(PackageDefinition definition);

    /// <summary>Writes a package under its canonical name in a folder: to a temporary file, then renamed. Nothing is left on failure.</summary>
    /// <exception cref="OmnibusException"><c>PackageInvalid</c> (rules broken; its findings list them), <c>PackageExists</c> (a file of that name with other bytes is there), <c>PackageWriteFailed</c> (storage).</exception>
    Task<PackageFile> WriteAsync(PackageDefinition definition, string folder, PackageWriteOptions options, CancellationToken cancellationToken);

    /// <summary>Checks the signatures that a package of this format carries, and the digests that tie it together.</summary>
    /// <param name="path">The package.</param>
    /// <param name="verifier">The keys that are trusted.</param>
    /// <param name="require">Whether a package without a good signature is an error.</param>
    /// <param name="cancellationToken">Stops.</param>
    /// <returns>Findings; none when all is well.</returns>
    /// <exception cref="OmnibusException"><c>PackageNotFound</c>, <c>PackageUnreadable</c>.</exception>
    Task<IReadOnlyList<Finding>> CheckSignaturesAsync(string path, SignatureVerifier verifier, bool require, CancellationToken cancellationToken) => Task.FromResult<IReadOnlyList<Finding>>(
        [new Finding("PackageSignatureNone", FindingSeverity.Information, $"A {Name.ToLowerInvariant()} carries no signature of its own.", path) { Advice = "The signed index of its repository vouches for it: see Test-Repository." }]);

    /// <summary>Reads a package file.</summary>
    /// <exception cref="OmnibusException"><c>PackageUnreadable</c> (not of this format, cut short, or breaking its limits).</exception>
    Task<PackageFile> ReadAsync(string path, PackageReadParts parts, CancellationToken cancellationToken);
}
