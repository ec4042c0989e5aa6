using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using Omnibus.Core.Diagnostics;
using Omnibus.Core.Processes;
using Omnibus.Core.Vms.State;

namespace Omnibus.Core.Vms.Images;

/// <summary>Base images from disk images that somebody else made: checked, copied into the cache, never written to.</summary>
public sealed class CloudImages(VmDirectory directory)
{
    private const int Buffer = 1024 * 1024;

    /// <summary>Finds the image in the cache, or brings it there.</summary>
    /// <exception cref="OmnibusException"><c>ImageChecksumMissing</c>, <c>ImageChecksumWrong</c>, <c>ImageUnsafe</c>, <c>ImageInvalid</c>, <c>ImageDownloadFailed</c>, <c>ArchitectureMismatch</c>, <c>DiskSpaceLow</c>.</exception>
    public async Task<BaseImage> GetAsync(CloudImageRequest request, IProgress<OperationProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        bool remote = Uri.TryCreate(request.Source, UriKind.Absolute, out Uri? uri) && uri.Scheme is "http" or "https";
        string? wanted = Checksum(request, remote);
        if (wanted is not null && Cached(wanted, request) is { } cached)
        {
            await RequireArchitectureAsync(cached.Disk, cached.Format, request, progress, cancellationToken).ConfigureAwait(false);
            return cached;
        }

        Directory.CreateDirectory(directory.CacheFolder);
        string part = Path.Combine(directory.CacheFolder, $".image.{Guid.NewGuid():N}");
        try
        {
            string actual = remote
                ? await DownloadAsync(uri!, part, progress, cancellationToken).ConfigureAwait(false)
                : await CopyAsync(File.OpenRead(request.Source), null, part, request.Source, progress, cancellationToken).ConfigureAwait(false);
            if (wanted is not null && actual != wanted)
            {
                throw new OmnibusException("ImageChecksumWrong", ErrorKind.Security, $"'{request.Source}' has the SHA-256 {actual}, not {wanted}.", request.Source, "Download it again; if it stays so, do not use it.");
            }

            string format = DiskImageHeader.ReadFormat(part);
            await RequireArchitectureAsync(part, format, request, progress, cancellationToken).ConfigureAwait(false);
            if (Cached(actual, request) is { } same)
            {
                return same;
            }

            string folder = Folder(actual);
            await BaseImageStore.FillAsync(folder, filling =>
            {
                File.Move(part, Path.Combine(filling, "disk." + format));
                return Task.CompletedTask;
            }).ConfigureAwait(false);
            return Image(folder, format, request);
        }
        catch (IOException e) when (e.Message.Contains("No space left", StringComparison.Ordinal))
        {
            throw new OmnibusException("DiskSpaceLow", ErrorKind.Storage, $"The disk is full: '{request.Source}' was not copied into the cache.", request.Source, "Make room, or set XDG_CACHE_HOME to a folder on a larger disk.", e);
        }
        finally
        {
            File.Delete(part);
        }
    }

    private static string? Checksum(CloudImageRequest request, bool remote)
    {
        if (request.Sha256 is not { } text)
        {
            return remote
                ? throw new OmnibusException("ImageChecksumMissing", ErrorKind.Security, $"An image from an address needs a checksum: '{request.Source}'.", request.Source, "Give it with -Sha256; the distribution publishes it beside the image.")
                : null;
        }

        string digest = text.ToLowerInvariant();
        return digest.Length == 64 && digest.All(char.IsAsciiHexDigitLower)
            ? digest
            : throw new OmnibusException("ImageChecksumInvalid", ErrorKind.InvalidArgument, $"'{text}' is no SHA-256.", text, "Give 64 hexadecimal digits.");
    }

    private string Folder(string digest) => Path.Combine(directory.CacheFolder, "cloud-" + digest);

    private BaseImage? Cached(string digest, CloudImageRequest request)
    {
        string folder = Folder(digest);
        foreach (string format in new[] { "qcow2", "raw" })
        {
            if (File.Exists(Path.Combine(folder, "disk." + format)))
            {
                return Image(folder, format, request);
            }
        }

        return null;
    }

    private static BaseImage Image(string folder, string format, CloudImageRequest request)
    {
        var image = new BaseImage(folder, Path.Combine(folder, "disk." + format), format, request.Kernel is null ? BootMode.Firmware : BootMode.DirectKernel);
        return request.Kernel is null ? image : image with { Kernel = request.Kernel, Initrd = request.Initrd ?? throw new OmnibusException("InitrdMissing", ErrorKind.InvalidArgument, "A kernel is given without its initial RAM disk.", request.Kernel, "Give it with -Initrd.") };
    }

    private static async Task<string> DownloadAsync(Uri uri, string target, IProgress<OperationProgress>? progress, CancellationToken cancellationToken)
    {
        using var http = new HttpClient { Timeout = Timeout.InfiniteTimeSpan };
        try
        {
            using HttpResponseMessage answer = await http.GetAsync(uri, HttpCompletionOption.ResponseHeadersRead, cancellationToken).ConfigureAwait(false);
            answer.EnsureSuccessStatusCode();
            Stream source = await answer.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
            return await CopyAsync(source, answer.Content.Headers.ContentLength, target, uri.ToString(), progress, cancellationToken).ConfigureAwait(false);
        }
        catch (HttpRequestException e)
        {
            throw new OmnibusException("ImageDownloadFailed", ErrorKind.Connection, $"'{uri}' could not be downloaded: {e.Message}", uri, inner: e);
        }
    }

    private static async Task<string> CopyAsync(Stream source, long? length, string target, string name, IProgress<OperationProgress>? progress, CancellationToken cancellationToken)
    {
        await using ConfiguredAsyncDisposable closingSource = source.ConfigureAwait(false);
        FileStream output = new(target, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1);
        await using ConfiguredAsyncDisposable closing = output.ConfigureAwait(false);
        using var digest = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        byte[] buffer = new byte[Buffer];
        long? total = length ?? (source.CanSeek ? source.Length : null);
        long done = 0;
        int read;
        while ((read = await source.ReadAsync(buffer, cancellationToken).ConfigureAwait(false)) > 0)
        {
            digest.AppendData(buffer, 0, read);

            // A raw image is mostly nothing: holes stay holes.
            if (buffer.AsSpan(0, read).ContainsAnyExcept((byte)0))
            {
                await output.WriteAsync(buffer.AsMemory(0, read), cancellationToken).ConfigureAwait(false);
            }
            else
            {
                output.Seek(read, SeekOrigin.Current);
            }

            done += read;
            progress?.Report(new OperationProgress(name, "copying the image") { Fraction = total > 0 ? (double)done / total : null });
        }

        output.SetLength(done);
        return Convert.ToHexStringLower(digest.GetHashAndReset());
    }

    private static async Task RequireArchitectureAsync(string path, string format, CloudImageRequest request, IProgress<OperationProgress>? progress, CancellationToken cancellationToken)
    {
        // Cut by qemu-img: in qcow2 the disk's beginning is not the file's.
        string cut = $"{path}.{Guid.NewGuid():N}";
        try
        {
            await ProgramRunner.RunAsync(new ProgramCommand("qemu-img", ["dd", "-f", format, "-O", "raw", "bs=1M", "count=1", $"if={path}", $"of={cut}"]), progress, cancellationToken).ConfigureAwait(false);
            string? found = DiskImageHeader.ReadArchitecture(await File.ReadAllBytesAsync(cut, cancellationToken).ConfigureAwait(false));
            if (found is not null && found != request.Architecture)
            {
                throw new OmnibusException("ArchitectureMismatch", ErrorKind.InvalidArgument, $"'{request.Source}' is an image for {found}, not for {request.Architecture}.", request.Source, $"Give -Architecture {found}, or another image.");
            }
        }
        catch (OmnibusException e) when (e.Id == "ProgramFailed")
        {
            throw new OmnibusException("ImageInvalid", ErrorKind.InvalidData, $"'{request.Source}' is no disk image: {e.Message}", request.Source, inner: e);
        }
        finally
        {
            File.Delete(cut);
        }
    }
}
