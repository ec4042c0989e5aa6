using System.Security.Cryptography;
using System.Text.Json;
using Omnibus.Core.Vms.State;

namespace Omnibus.Core.Vms.Images;

/// <summary>What a base image is made of. Two equal requests give one image.</summary>
/// <param name="Distribution">For example <c>debian-12</c>.</param>
/// <param name="OsId"><c>debian</c> or <c>ubuntu</c>.</param>
/// <param name="Codename">For example <c>bookworm</c>.</param>
/// <param name="Architecture">Architecture in Debian's words.</param>
/// <param name="Sources">The archives that it is made from and installs from later.</param>
public sealed record BaseImageRequest(string Distribution, string OsId, string Codename, string Architecture, IReadOnlyList<AptSource> Sources)
{
    /// <summary>Packages beside the ones that every image has.</summary>
    public IReadOnlyList<string> Packages { get; init; } = [];

    /// <summary>Proxy for downloads while it is made, as a URL; it does not become part of the image.</summary>
    public string? Proxy { get; init; }

    /// <summary>Whether the disk has a boot loader of its own.</summary>
    public bool Bootable { get; init; }

    /// <summary>Name of the image: a digest of all that goes into it.</summary>
    public string Digest()
    {
        byte[] inputs = JsonSerializer.SerializeToUtf8Bytes(
            new
            {
                Distribution,
                Codename,
                Architecture,
                Sources = Sources.Select(source => source.ToString()),
                Packages = Packages.Order(StringComparer.Ordinal).Distinct(StringComparer.Ordinal),
                Own = DebianImageBuilder.PackagesFor(this),
                Guest = GuestFiles.Digest(),
                Bootable,
            },
            VmDirectory.Json);
        return Convert.ToHexStringLower(SHA256.HashData(inputs))[..32];
    }
}
