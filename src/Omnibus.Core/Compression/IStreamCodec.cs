namespace Omnibus.Core.Compression;

/// <summary>One step of a compressor or decompressor that takes bytes in and gives bytes out, as liblzma and libzstd do.</summary>
internal interface IStreamCodec : IDisposable
{
    /// <summary>Works on as much of the input as the room for output allows.</summary>
    /// <param name="input">Bytes to work on.</param>
    /// <param name="output">Room for results.</param>
    /// <param name="finish">No bytes follow <paramref name="input"/>.</param>
    /// <param name="consumed">Bytes taken from the input.</param>
    /// <param name="produced">Bytes put into the output.</param>
    /// <returns>True when the end was reached: everything is written (encoder), or nothing more will come (decoder).</returns>
    bool Run(ReadOnlySpan<byte> input, Span<byte> output, bool finish, out int consumed, out int produced);
}
