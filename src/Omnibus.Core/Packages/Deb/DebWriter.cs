using Omnibus.Core.Compression;
using Omnibus.Core.Diagnostics;

namespace Omnibus.Core.Packages.Deb;

/// <summary>
/// Writes a .deb (deb(5)). The members come in the order debian-binary, control, data; control holds the sums of the data, so the data is
/// compressed first, kept in memory or a temporary file, and copied behind the control member. Memory does not grow with the payload.
/// </summary>
internal static class DebWriter
{
    private const int SpoolMemory = 4 * 1024 * 1024;

    /// <summary>Writes the archive to a stream.</summary>
    /// <param name="target">Takes the package.</param>
    /// <param name="definition">A definition without errors.</param>
    /// <param name="payload">Its entries, laid out.</param>
    /// <param name="compression">Compressor of control and data.</param>
    /// <param name="spoolFolder">Where a temporary file may be.</param>
    /// <param name="cancellationToken">Stops the work.</param>
    public static void Write(
        Stream target, PackageDefinition definition, DebPayload payload, CompressionSettings compression, string spoolFolder, CancellationToken cancellationToken)
    {
        using var data = new SpoolStream(spoolFolder, SpoolMemory);
        byte[] sums;
        using (Stream compressed = Compressors.Compress(data, compression, cancellationToken: cancellationToken))
        {
            var writer = new DebPayloadWriter(compressed, payload, definition.Timestamp, cancellationToken);
            writer.Write(payload);
            sums = writer.Sums;
        }

        if (data.Size > ArWriter.MaximumSize)
        {
            throw new OmnibusException(
                "PackageTooLarge",
                ErrorKind.Unsupported,
                $"The data of {definition.Name} takes {data.Size} bytes; a deb can hold {ArWriter.MaximumSize}.",
                definition.Name,
                "Compress it better, or split the package.");
        }

        byte[] control = CreateControl(definition, payload, sums, compression);
        string extension = Compressors.Extension(compression.Kind);
        var archive = new ArWriter(target);
        archive.Add("debian-binary", "2.0\n"u8, definition.Timestamp);
        archive.Add("control.tar" + extension, control, definition.Timestamp);
        archive.WriteHeader("data.tar" + extension, data.Size, definition.Timestamp);
        data.CopyAllTo(target);
        archive.WritePadding(data.Size);
    }

    private static byte[] CreateControl(PackageDefinition definition, DebPayload payload, byte[] sums, CompressionSettings compression)
    {
        using var control = new MemoryStream();
        using (Stream compressed = Compressors.Compress(control, compression))
        {
            var tar = new TarStreamWriter(compressed);
            long time = definition.Timestamp.ToUnixTimeSeconds();
            tar.WriteHeader(TarEntryType.Directory, "./", 0b111_101_101, 0, time, "root", "root", null);
            foreach ((string name, int mode, byte[] content) in DebControl.CreateFiles(definition, payload, sums))
            {
                tar.WriteHeader(TarEntryType.File, "./" + name, mode, content.Length, time, "root", "root", null);
                compressed.Write(content);
                tar.EndContent(content.Length);
            }

            tar.WriteEnd();
        }

        return control.ToArray();
    }
}
