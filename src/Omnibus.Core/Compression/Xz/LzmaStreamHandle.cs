using System.Runtime.InteropServices;

namespace Omnibus.Core.Compression.Xz;

/// <summary>Owns an lzma_stream: its memory and what liblzma hung on it.</summary>
internal sealed unsafe class LzmaStreamHandle : SafeHandle
{
    public LzmaStreamHandle()
        : base(0, ownsHandle: true) => SetHandle((nint)NativeMemory.AllocZeroed((nuint)sizeof(LzmaStream)));

    public override bool IsInvalid => handle == 0;

    /// <summary>Feeds the coder once.</summary>
    public LzmaResult Run(ReadOnlySpan<byte> input, Span<byte> output, LzmaAction action, out int consumed, out int produced)
    {
        bool held = false;
        try
        {
            DangerousAddRef(ref held);
            var stream = (LzmaStream*)handle;
            fixed (byte* from = input)
            fixed (byte* to = output)
            {
                stream->NextIn = from;
                stream->AvailableIn = (nuint)input.Length;
                stream->NextOut = to;
                stream->AvailableOut = (nuint)output.Length;
                LzmaResult result = LzmaNative.Code(this, action);
                consumed = input.Length - (int)stream->AvailableIn;
                produced = output.Length - (int)stream->AvailableOut;
                return result;
            }
        }
        finally
        {
            if (held)
            {
                DangerousRelease();
            }
        }
    }

    protected override bool ReleaseHandle()
    {
        if (((LzmaStream*)handle)->Internal is not null)
        {
            LzmaNative.End(handle);
        }

        NativeMemory.Free((void*)handle);
        return true;
    }
}
