using Omnibus.Core.Compression;
using Omnibus.Core.Diagnostics;

namespace Omnibus.Core.Packages.Deb;

/// <summary>
/// Writes a .deb (deb(5)). The members come in the order debian-binary, control, data; control holds the sums of the data and so can only be
/// made after them. Small data wait in memory. Of great data the place of control is measured beforehand with sums of no meaning, the data
/// go to the file at once, and what is left of the place is filled with bytes that decompressors pass over; where the compressor has no such
/// filling (xz), the data wait in a temporary file. Memory does not grow with the payload.
/// </summary>
internal static class DebWriter
{
    private const int SpoolMemory = 4 * 1024 * 1024;

    /// <summary>Writes the archive to the beginning of a stream.</summary>
    /// <param name="target">Takes the package; can seek.</param>
    /// <param name="definition">A definition without errors.</param>
    /// <param name="payload">Its entries, laid out.</param>
    /// <param name="compression">Compressor of control and data.</param>
    /// <param name="spoolFolder">Where a temporary file may be.</param>
    /// <param name="cancellationToken">Stops the work.</param>
    public static void Write(
        Stream target, PackageDefinition definition, DebPayload payload, CompressionSettings compression, string spoolFolder, CancellationToken cancellationToken)
    {
        if (payload.InstalledSize * 1024 <= SpoolMemory || compression.Kind == CompressionKind.Xz)
        {
            WriteSpooled(target, definition, payload, compression, spoolFolder, cancellationToken);
            return;
        }

        // Measured while the first files are read and compressed.
        Task<int> controlLength = Task.Run(() => ExpectedControlLength(definition, payload, compression), cancellationToken);
        WriteInPlace(target, definition, payload, compression, controlLength, cancellationToken);
    }

    /// <summary>Bytes that control takes at most, or nearly always: sums pack alike whatever they are, to within a fraction of a percent.</summary>
    private static int ExpectedControlLength(PackageDefinition definition, DebPayload payload, CompressionSettings compression)
    {
        int sample = CreateControl(definition, payload, DebSums.Sample(payload), compression).Length;
        return sample + (sample / 128) + 256;
    }

    /// <summary>Writes the data before control is known.</summary>
    /// <param name="target">Takes the package.</param>
    /// <param name="definition">A definition without errors.</param>
    /// <param name="payload">Its entries, laid out.</param>
    /// <param name="compression">Compressor of control and data.</param>
    /// <param name="controlLength">The place kept for control. If it turns out too small, all is written again with the right one.</param>
    /// <param name="cancellationToken">Stops the work.</param>
    internal static void WriteInPlace(
        Stream target, PackageDefinition definition, DebPayload payload, CompressionSettings compression, Task<int> controlLength, CancellationToken cancellationToken)
    {
        string extension = Compressors.Extension(compression.Kind);
        while (true)
        {
            target.SetLength(0);
            ArWriter archive = Begin(target, definition);
            long controlAt = target.Position;
            var data = new LatePositionStream(target, PositionOfDataAsync(controlAt, controlLength));
            DebSums sums = WriteData(data, definition, payload, compression, cancellationToken);
            long dataLength = Checked(data.Written, definition);
            archive.WritePadding(dataLength);
            int reserved = controlLength.GetAwaiter().GetResult();
            byte[] control = CreateControl(definition, payload, sums.ToArray(), compression);
            if (Compressors.Filling(compression.Kind, reserved - control.Length) is { } filling)
            {
                target.Position = controlAt;
                archive.Add("control.tar" + extension, [.. control, .. filling], definition.Timestamp);
                archive.WriteHeader("data.tar" + extension, dataLength, definition.Timestamp);
                return;
            }

            controlLength = Task.FromResult(control.Length);
        }
    }

    private static async Task<long> PositionOfDataAsync(long controlAt, Task<int> controlLength) =>
        controlAt + ArWriter.MemberLength(await controlLength.ConfigureAwait(false)) + ArWriter.HeaderLength;

    private static void WriteSpooled(
        Stream target, PackageDefinition definition, DebPayload payload, CompressionSettings compression, string spoolFolder, CancellationToken cancellationToken)
    {
        using var data = new SpoolStream(spoolFolder, SpoolMemory);
        DebSums sums = WriteData(data, definition, payload, compression, cancellationToken);
        byte[] control = CreateControl(definition, payload, sums.ToArray(), compression);
        string extension = Compressors.Extension(compression.Kind);
        ArWriter archive = Begin(target, definition);
        archive.Add("control.tar" + extension, control, definition.Timestamp);
        archive.WriteHeader("data.tar" + extension, Checked(data.Size, definition), definition.Timestamp);
        data.CopyAllTo(target);
        archive.WritePadding(data.Size);
    }

    private static ArWriter Begin(Stream target, PackageDefinition definition)
    {
        var archive = new ArWriter(target);
        archive.Add("debian-binary", "2.0\n"u8, definition.Timestamp);
        return archive;
    }

    private static DebSums WriteData(
        Stream target, PackageDefinition definition, DebPayload payload, CompressionSettings compression, CancellationToken cancellationToken)
    {
        using Stream compressed = Compressors.Compress(target, compression, payload.InstalledSize * 1024, cancellationToken: cancellationToken);
        var writer = new DebPayloadWriter(compressed, payload, definition.Timestamp, cancellationToken);
        writer.Write(payload);
        return writer.Sums;
    }

    private static long Checked(long dataLength, PackageDefinition definition) =>
        dataLength <= ArWriter.MaximumSize ? dataLength : throw new OmnibusException(
            "PackageTooLarge",
            ErrorKind.Unsupported,
            $"The data of {definition.Name} takes {dataLength} bytes; a deb can hold {ArWriter.MaximumSize}.",
            definition.Name,
            "Compress it better, or split the package.");

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
