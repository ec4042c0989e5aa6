using Omnibus.Core.Compression;
using Omnibus.Core.Packages;
using Omnibus.Core.Packages.Rpm;

namespace Omnibus.Tests.Unit.Packages.Rpm;

/// <summary>Small packages for tests, written to memory or to a folder.</summary>
internal static class RpmSample
{
    public static PackageDefinition Definition(params PackageEntry[] entries) => new()
    {
        Name = "sample",
        Version = new PackageVersion("1.0", "1"),
        Architecture = "noarch",
        Summary = "A sample",
        Maintainer = "A B <a@example.com>",
        License = "MIT",
        Timestamp = DateTimeOffset.FromUnixTimeSeconds(1_700_000_000),
        Entries = entries,
    };

    public static PackageEntry File(string path, string text = "text\n") =>
        new(PackageEntryKind.File, path) { Content = new MemoryContent(text) };

    public static async Task<byte[]> BytesAsync(PackageDefinition definition, CompressionKind kind = CompressionKind.Gzip)
    {
        using var stream = new MemoryStream();
        await RpmWriter.WriteAsync(definition, stream, new CompressionSettings(kind), CancellationToken.None);
        return stream.ToArray();
    }

    public static string WriteFile(byte[] bytes)
    {
        string path = Path.Combine(Path.GetTempPath(), $"omnibus-{Guid.NewGuid():N}.rpm");
        System.IO.File.WriteAllBytes(path, bytes);
        return path;
    }
}
