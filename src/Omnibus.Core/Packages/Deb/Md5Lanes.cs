using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using System.Security.Cryptography;

namespace Omnibus.Core.Packages.Deb;

/// <summary>Where a message lies in a buffer.</summary>
internal readonly record struct BufferSlice(int Offset, int Length);

/// <summary>
/// MD5 (RFC 1321) of many messages at the same time, one in each of the eight lanes of an AVX2 register. One message cannot be hashed
/// faster, but a package has thousands of files: five times the speed of one after the other. Without AVX2 the platform's MD5 is used.
/// </summary>
internal static unsafe class Md5Lanes
{
    /// <summary>Bytes of a digest.</summary>
    public const int DigestSize = 16;

    private const int Lanes = 8;
    private const int BlockSize = 64;

    // Below this the JIT would take longer than it saves.
    private const long WorthIt = 1024 * 1024;

    // Sines, RFC 1321 section 3.4: floor(2^32 * abs(sin(i + 1))).
    private static readonly uint[] s_sines =
    [
        0xD76AA478, 0xE8C7B756, 0x242070DB, 0xC1BDCEEE, 0xF57C0FAF, 0x4787C62A, 0xA8304613, 0xFD469501,
        0x698098D8, 0x8B44F7AF, 0xFFFF5BB1, 0x895CD7BE, 0x6B901122, 0xFD987193, 0xA679438E, 0x49B40821,
        0xF61E2562, 0xC040B340, 0x265E5A51, 0xE9B6C7AA, 0xD62F105D, 0x02441453, 0xD8A1E681, 0xE7D3FBC8,
        0x21E1CDE6, 0xC33707D6, 0xF4D50D87, 0x455A14ED, 0xA9E3E905, 0xFCEFA3F8, 0x676F02D9, 0x8D2A4C8A,
        0xFFFA3942, 0x8771F681, 0x6D9D6122, 0xFDE5380C, 0xA4BEEA44, 0x4BDECFA9, 0xF6BB4B60, 0xBEBFBC70,
        0x289B7EC6, 0xEAA127FA, 0xD4EF3085, 0x04881D05, 0xD9D4D039, 0xE6DB99E5, 0x1FA27CF8, 0xC4AC5665,
        0xF4292244, 0x432AFF97, 0xAB9423A7, 0xFC93A039, 0x655B59C3, 0x8F0CCC92, 0xFFEFF47D, 0x85845DD1,
        0x6FA87E4F, 0xFE2CE6E0, 0xA3014314, 0x4E0811A1, 0xF7537E82, 0xBD3AF235, 0x2AD7D2BB, 0xEB86D391,
    ];

    /// <summary>Whether this machine has the lanes.</summary>
    public static bool IsSupported => Avx2.IsSupported;

    /// <summary>Hashes slices of a buffer.</summary>
    /// <param name="buffer">Holds all messages.</param>
    /// <param name="messages">Where they are.</param>
    /// <param name="digests">Takes their digests in the same order, 16 bytes each.</param>
    public static void Hash(ReadOnlySpan<byte> buffer, ReadOnlySpan<BufferSlice> messages, Span<byte> digests)
    {
        long total = 0;
        foreach (BufferSlice message in messages)
        {
            total += message.Length;
        }

        if (IsSupported && messages.Length > 2 && total >= WorthIt)
        {
            HashInLanes(buffer, messages, digests);
            return;
        }

        for (int i = 0; i < messages.Length; i++)
        {
            MD5.HashData(buffer.Slice(messages[i].Offset, messages[i].Length), digests.Slice(i * DigestSize, DigestSize));
        }
    }

    /// <summary>Hashes in lanes, whatever the amount.</summary>
    internal static void HashInLanes(ReadOnlySpan<byte> buffer, ReadOnlySpan<BufferSlice> messages, Span<byte> digests)
    {
        // Long messages first, so that no lane ends long after the others.
        int[] order = LongestFirst(messages);
        byte* tails = stackalloc byte[(Lanes * 2 * BlockSize) + BlockSize];
        byte* idle = tails + (Lanes * 2 * BlockSize);
        new Span<byte>(idle, BlockSize).Clear();
        uint* state = stackalloc uint[4 * Lanes];
        byte** position = stackalloc byte*[Lanes];
        int* blocks = stackalloc int[Lanes];
        int* tailBlocks = stackalloc int[Lanes];
        int* message = stackalloc int[Lanes];
        int next = 0;
        int active = 0;
        fixed (byte* data = buffer)
        fixed (uint* sines = s_sines)
        {
            for (int lane = 0; lane < Lanes; lane++)
            {
                message[lane] = -1;
                position[lane] = idle;
            }

            while (true)
            {
                for (int lane = 0; lane < Lanes; lane++)
                {
                    while (message[lane] >= 0 && blocks[lane] == 0)
                    {
                        if (tailBlocks[lane] > 0)
                        {
                            position[lane] = tails + (lane * 2 * BlockSize);
                            blocks[lane] = tailBlocks[lane];
                            tailBlocks[lane] = 0;
                            continue;
                        }

                        Extract(state, lane, digests.Slice(message[lane] * DigestSize, DigestSize));
                        message[lane] = -1;
                        position[lane] = idle;
                        active--;
                    }

                    if (message[lane] < 0 && next < order.Length)
                    {
                        message[lane] = order[next++];
                        (int offset, int length) = messages[message[lane]];
                        position[lane] = data + offset;
                        blocks[lane] = length / BlockSize;
                        tailBlocks[lane] = PrepareTail(data + offset, length, tails + (lane * 2 * BlockSize));
                        Reset(state, lane);
                        active++;
                        lane--; // A message shorter than a block begins with its tail.
                    }
                }

                if (active == 0)
                {
                    return;
                }

                int count = int.MaxValue;
                for (int lane = 0; lane < Lanes; lane++)
                {
                    count = message[lane] >= 0 ? Math.Min(count, blocks[lane]) : count;
                }

                Compress(state, position, count, idle, sines);
                for (int lane = 0; lane < Lanes; lane++)
                {
                    blocks[lane] -= message[lane] >= 0 ? count : 0;
                }
            }
        }
    }

    // A counting sort by the bit length of the size is enough: the lanes need not end at the same byte.
    private static int[] LongestFirst(ReadOnlySpan<BufferSlice> messages)
    {
        const int Classes = 32;
        Span<int> start = stackalloc int[Classes + 1];
        foreach (BufferSlice message in messages)
        {
            start[Classes - BitOperations.Log2((uint)message.Length)]++;
        }

        int sum = 0;
        for (int i = 0; i <= Classes; i++)
        {
            (start[i], sum) = (sum, sum + start[i]);
        }

        int[] order = new int[messages.Length];
        for (int i = 0; i < messages.Length; i++)
        {
            order[start[Classes - BitOperations.Log2((uint)messages[i].Length)]++] = i;
        }

        return order;
    }

    // The rest of the message, a one bit, zeros, and the length in bits.
    private static int PrepareTail(byte* message, int length, byte* tail)
    {
        int rest = length % BlockSize;
        int count = rest < BlockSize - 8 ? 1 : 2;
        var bytes = new Span<byte>(tail, count * BlockSize);
        bytes.Clear();
        new ReadOnlySpan<byte>(message + length - rest, rest).CopyTo(bytes);
        bytes[rest] = 0x80;
        BinaryPrimitives.WriteInt64LittleEndian(bytes[^8..], (long)length * 8);
        return count;
    }

    private static void Reset(uint* state, int lane)
    {
        state[lane] = 0x67452301;
        state[Lanes + lane] = 0xEFCDAB89;
        state[(2 * Lanes) + lane] = 0x98BADCFE;
        state[(3 * Lanes) + lane] = 0x10325476;
    }

    private static void Extract(uint* state, int lane, Span<byte> digest)
    {
        for (int i = 0; i < 4; i++)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(digest[(4 * i)..], state[(i * Lanes) + lane]);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Compress(uint* state, byte** position, int count, byte* idle, uint* k)
    {
        Vector256<uint> a = Vector256.Load(state);
        Vector256<uint> b = Vector256.Load(state + Lanes);
        Vector256<uint> c = Vector256.Load(state + (2 * Lanes));
        Vector256<uint> d = Vector256.Load(state + (3 * Lanes));
        Vector256<uint>* w = stackalloc Vector256<uint>[16];
        for (; count > 0; count--)
        {
            Transpose(position, 0, w);
            Transpose(position, 32, w + 8);
            for (int lane = 0; lane < Lanes; lane++)
            {
                position[lane] += position[lane] == idle ? 0 : BlockSize;
            }

            Vector256<uint> a0 = a;
            Vector256<uint> b0 = b;
            Vector256<uint> c0 = c;
            Vector256<uint> d0 = d;
            for (int i = 0; i < 16; i += 4)
            {
                a = Step(a, b, Vector256.ConditionalSelect(b, c, d), w[i], k[i], 7);
                d = Step(d, a, Vector256.ConditionalSelect(a, b, c), w[i + 1], k[i + 1], 12);
                c = Step(c, d, Vector256.ConditionalSelect(d, a, b), w[i + 2], k[i + 2], 17);
                b = Step(b, c, Vector256.ConditionalSelect(c, d, a), w[i + 3], k[i + 3], 22);
            }

            for (int i = 16; i < 32; i += 4)
            {
                a = Step(a, b, Vector256.ConditionalSelect(d, b, c), w[((5 * i) + 1) & 15], k[i], 5);
                d = Step(d, a, Vector256.ConditionalSelect(c, a, b), w[((5 * i) + 6) & 15], k[i + 1], 9);
                c = Step(c, d, Vector256.ConditionalSelect(b, d, a), w[((5 * i) + 11) & 15], k[i + 2], 14);
                b = Step(b, c, Vector256.ConditionalSelect(a, c, d), w[((5 * i) + 16) & 15], k[i + 3], 20);
            }

            for (int i = 32; i < 48; i += 4)
            {
                a = Step(a, b, Parity(b, c, d), w[((3 * i) + 5) & 15], k[i], 4);
                d = Step(d, a, Parity(a, b, c), w[((3 * i) + 8) & 15], k[i + 1], 11);
                c = Step(c, d, Parity(d, a, b), w[((3 * i) + 11) & 15], k[i + 2], 16);
                b = Step(b, c, Parity(c, d, a), w[((3 * i) + 14) & 15], k[i + 3], 23);
            }

            for (int i = 48; i < 64; i += 4)
            {
                a = Step(a, b, Last(b, c, d), w[(7 * i) & 15], k[i], 6);
                d = Step(d, a, Last(a, b, c), w[((7 * i) + 7) & 15], k[i + 1], 10);
                c = Step(c, d, Last(d, a, b), w[((7 * i) + 14) & 15], k[i + 2], 15);
                b = Step(b, c, Last(c, d, a), w[((7 * i) + 21) & 15], k[i + 3], 21);
            }

            a += a0;
            b += b0;
            c += c0;
            d += d0;
        }

        a.Store(state);
        b.Store(state + Lanes);
        c.Store(state + (2 * Lanes));
        d.Store(state + (3 * Lanes));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<uint> Step(Vector256<uint> a, Vector256<uint> b, Vector256<uint> f, Vector256<uint> word, uint sine, [ConstantExpected] byte shift)
    {
        Vector256<uint> sum = a + f + word + Vector256.Create(sine);
        return b + (Avx512F.VL.IsSupported
            ? Avx512F.VL.RotateLeft(sum, shift)
            : Vector256.ShiftLeft(sum, shift) | Vector256.ShiftRightLogical(sum, 32 - shift));
    }

    // H and I of RFC 1321, section 3.4; with AVX-512 one instruction each, told by its truth table.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<uint> Parity(Vector256<uint> x, Vector256<uint> y, Vector256<uint> z) =>
        Avx512F.VL.IsSupported ? Avx512F.VL.TernaryLogic(x, y, z, 0x96) : x ^ y ^ z;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<uint> Last(Vector256<uint> x, Vector256<uint> y, Vector256<uint> z) =>
        Avx512F.VL.IsSupported ? Avx512F.VL.TernaryLogic(x, y, z, 0x39) : y ^ (x | ~z);

    // Eight words of each of eight messages become eight vectors, each with the same word of all messages.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Transpose(byte** position, int offset, Vector256<uint>* w)
    {
        Vector256<uint> r0 = Vector256.Load((uint*)(position[0] + offset));
        Vector256<uint> r1 = Vector256.Load((uint*)(position[1] + offset));
        Vector256<uint> r2 = Vector256.Load((uint*)(position[2] + offset));
        Vector256<uint> r3 = Vector256.Load((uint*)(position[3] + offset));
        Vector256<uint> r4 = Vector256.Load((uint*)(position[4] + offset));
        Vector256<uint> r5 = Vector256.Load((uint*)(position[5] + offset));
        Vector256<uint> r6 = Vector256.Load((uint*)(position[6] + offset));
        Vector256<uint> r7 = Vector256.Load((uint*)(position[7] + offset));
        Vector256<ulong> t0 = Avx2.UnpackLow(r0, r1).AsUInt64();
        Vector256<ulong> t1 = Avx2.UnpackHigh(r0, r1).AsUInt64();
        Vector256<ulong> t2 = Avx2.UnpackLow(r2, r3).AsUInt64();
        Vector256<ulong> t3 = Avx2.UnpackHigh(r2, r3).AsUInt64();
        Vector256<ulong> t4 = Avx2.UnpackLow(r4, r5).AsUInt64();
        Vector256<ulong> t5 = Avx2.UnpackHigh(r4, r5).AsUInt64();
        Vector256<ulong> t6 = Avx2.UnpackLow(r6, r7).AsUInt64();
        Vector256<ulong> t7 = Avx2.UnpackHigh(r6, r7).AsUInt64();
        Store(w, 0, Avx2.UnpackLow(t0, t2), Avx2.UnpackLow(t4, t6));
        Store(w, 1, Avx2.UnpackHigh(t0, t2), Avx2.UnpackHigh(t4, t6));
        Store(w, 2, Avx2.UnpackLow(t1, t3), Avx2.UnpackLow(t5, t7));
        Store(w, 3, Avx2.UnpackHigh(t1, t3), Avx2.UnpackHigh(t5, t7));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(Vector256<uint>* w, int index, Vector256<ulong> low, Vector256<ulong> high)
    {
        w[index] = Avx2.Permute2x128(low, high, 0x20).AsUInt32();
        w[index + 4] = Avx2.Permute2x128(low, high, 0x31).AsUInt32();
    }
}
