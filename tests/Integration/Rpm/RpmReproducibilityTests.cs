using System.Security.Cryptography;
using Omnibus.Core.Compression;
using Omnibus.Core.Packages;

namespace Omnibus.Tests.Integration.Rpm;

public sealed class RpmReproducibilityTests : IDisposable
{
    private readonly RpmFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(CompressionKind.Gzip)]
    [InlineData(CompressionKind.Xz)]
    [InlineData(CompressionKind.Zstd)]
    public async Task The_same_inputs_give_the_same_bytes_in_other_surroundings(CompressionKind kind)
    {
        // Enough that parallel compressors split it.
        byte[] noise = new byte[3_000_000];
        new Random(7).NextBytes(noise);
        string text = Convert.ToBase64String(noise);
        var digests = new List<string>();
        var culture = System.Globalization.CultureInfo.CurrentCulture;
        foreach ((string folder, string cultureName, bool reverse) in new[] { ("one", "", false), ("two/deeper", "tr-TR", true) })
        {
            try
            {
                // What TZ, LC_ALL and umask reach in a process: culture, and permissions that are not taken from the disk.
                System.Globalization.CultureInfo.CurrentCulture = new System.Globalization.CultureInfo(cultureName);
                string source = _folder.At(folder.Replace('/', '-') + "-input");
                await File.WriteAllTextAsync(source, text);
                File.SetUnixFileMode(source, reverse ? UnixFileMode.UserRead : UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead);
                PackageDefinition definition = RpmSamples.Rich();
                PackageEntry[] entries = [.. definition.Entries, new PackageEntry(PackageEntryKind.File, "/opt/INPUT") { Content = new FileContent(source), ModifiedTime = RpmSamples.Time }];
                PackageFile package = await _folder.WriteAsync(
                    definition with { Entries = reverse ? [.. entries.Reverse()] : entries },
                    new CompressionSettings(kind, 2),
                    folder);
                digests.Add(Convert.ToHexStringLower(SHA256.HashData(await File.ReadAllBytesAsync(package.Path))));
            }
            finally
            {
                System.Globalization.CultureInfo.CurrentCulture = culture;
            }
        }

        Assert.Equal(digests[0], digests[1]);
    }
}
