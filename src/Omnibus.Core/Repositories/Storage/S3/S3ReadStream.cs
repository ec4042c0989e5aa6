using Amazon.S3.Model;
using Omnibus.Core.Diagnostics;

namespace Omnibus.Core.Repositories.Storage.S3;

/// <summary>An object's bytes; a connection that breaks is opened again where it broke, as long as the object is the same.</summary>
internal sealed class S3ReadStream(S3Store store, StoredObject source, GetObjectResponse first) : Stream
{
    private const int MaximumBreaks = 5;
    private GetObjectResponse _response = first;
    private long _position;
    private int _breaks;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => source.Size;

    public override long Position
    {
        get => _position;
        set => throw new NotSupportedException();
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (true)
        {
            Exception broken;
            try
            {
                int count = await _response.ResponseStream.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
                if (count > 0 || buffer.Length == 0 || _position == source.Size)
                {
                    _position += count;
                    return count;
                }

                broken = new EndOfStreamException($"The connection ended after {_position} of {source.Size} bytes.");
            }
            catch (Exception e) when (S3Errors.Handles(e))
            {
                broken = e;
            }

            if (++_breaks > MaximumBreaks)
            {
                throw store.Translate(broken, source.Key);
            }

            await ReopenAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) =>
        ReadAsync(buffer.AsMemory(offset, count)).AsTask().GetAwaiter().GetResult();

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _response.Dispose();
        }

        base.Dispose(disposing);
    }

    private async Task ReopenAsync(CancellationToken cancellationToken)
    {
        _response.Dispose();
        try
        {
            _response = await store.GetAsync(source.Key, _position, source.ETag, cancellationToken).ConfigureAwait(false);
        }
        catch (Amazon.S3.AmazonS3Exception e) when (e.StatusCode is System.Net.HttpStatusCode.PreconditionFailed or System.Net.HttpStatusCode.NotFound)
        {
            throw new OmnibusException(
                "StoreObjectChanged",
                ErrorKind.Conflict,
                $"{store.Location}/{source.Key}: changed while it was read.",
                source.Key,
                "Run the command again.",
                e);
        }
        catch (Exception e) when (S3Errors.Handles(e))
        {
            throw store.Translate(e, source.Key);
        }
    }
}
