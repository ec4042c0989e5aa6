using System.Buffers.Binary;
using System.Text;

namespace Omnibus.Core.Python;

/// <summary>What an ELF file says about the system that it needs: read from its dynamic segment, as the dynamic linker reads it (System V ABI, gABI chapter 5; elf(5)).</summary>
public sealed class ElfFile
{
    private const int MaxTable = 16 * 1024 * 1024;
    private const int MaxEntries = 4096;

    private readonly Stream _stream;
    private readonly bool _is64;
    private readonly bool _little;
    private readonly List<(ulong Offset, ulong Address, ulong Size)> _loads = [];

    private ElfFile(Stream stream, bool is64, bool little)
    {
        _stream = stream;
        _is64 = is64;
        _little = little;
    }

    /// <summary>Whether it is a 64-bit file.</summary>
    public bool Is64Bit => _is64;

    /// <summary>e_machine: 62 x86-64, 183 AArch64.</summary>
    public int Machine { get; private set; }

    /// <summary>DT_NEEDED: libraries that it is linked with.</summary>
    public IReadOnlyList<string> Needed { get; private set; } = [];

    /// <summary>DT_SONAME, or null.</summary>
    public string? SoName { get; private set; }

    /// <summary>Entries of DT_RPATH and DT_RUNPATH.</summary>
    public IReadOnlyList<string> RunPaths { get; private set; } = [];

    /// <summary>DT_VERNEED (.gnu.version_r): library, and the symbol version needed of it.</summary>
    public IReadOnlyList<(string Library, string Version)> VersionNeeds { get; private set; } = [];

    /// <summary>Whether bytes are the beginning of an ELF file.</summary>
    public static bool Recognises(ReadOnlySpan<byte> head) => head.StartsWith("\u007fELF"u8);

    /// <summary>Reads a file.</summary>
    /// <returns>What it says, or null when it is no ELF file.</returns>
    /// <exception cref="InvalidDataException">It is cut short or contradicts itself.</exception>
    public static ElfFile? TryRead(string path)
    {
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read);
        return TryRead(stream);
    }

    /// <summary>Reads a seekable stream.</summary>
    /// <inheritdoc cref="TryRead(string)"/>
    public static ElfFile? TryRead(Stream stream)
    {
        Span<byte> ident = stackalloc byte[16];
        if (stream.ReadAtLeast(ident, ident.Length, throwOnEndOfStream: false) < ident.Length || !Recognises(ident))
        {
            return null;
        }

        if (ident[4] is not (1 or 2) || ident[5] is not (1 or 2))
        {
            throw new InvalidDataException("neither a 32-bit nor a 64-bit ELF file");
        }

        var file = new ElfFile(stream, ident[4] == 2, ident[5] == 1);
        file.ReadProgramHeaders();
        return file;
    }

    private void ReadProgramHeaders()
    {
        byte[] header = ReadAt(0, _is64 ? 64 : 52);
        Machine = U16(header, 18);
        ulong offset = _is64 ? U64(header, 32) : U32(header, 28);
        int size = U16(header, _is64 ? 54 : 42);
        int count = U16(header, _is64 ? 56 : 44);
        if (count == 0)
        {
            return;
        }

        if (size < (_is64 ? 56 : 32))
        {
            throw new InvalidDataException("its program headers are too short");
        }

        (ulong Offset, ulong Size)? dynamic = null;
        byte[] table = ReadAt(offset, size * count);
        for (int i = 0; i < count; i++)
        {
            ReadOnlySpan<byte> entry = table.AsSpan(i * size, size);
            uint type = U32(entry, 0);
            (ulong Offset, ulong Address, ulong Size) segment = _is64
                ? (U64(entry, 8), U64(entry, 16), U64(entry, 32))
                : (U32(entry, 4), U32(entry, 8), U32(entry, 16));
            switch (type)
            {
                case 1: // PT_LOAD
                    _loads.Add(segment);
                    break;
                case 2: // PT_DYNAMIC
                    dynamic = (segment.Offset, segment.Size);
                    break;
            }
        }

        if (dynamic is { } found)
        {
            ReadDynamic(found.Offset, found.Size);
        }
    }

    private void ReadDynamic(ulong offset, ulong size)
    {
        int width = _is64 ? 16 : 8;
        byte[] table = ReadAt(offset, Bounded(size));
        var entries = new List<(long Tag, ulong Value)>();
        for (int i = 0; i + width <= table.Length; i += width)
        {
            ReadOnlySpan<byte> entry = table.AsSpan(i, width);
            long tag = _is64 ? (long)U64(entry, 0) : (int)U32(entry, 0);
            if (tag == 0)
            {
                break;
            }

            entries.Add((tag, _is64 ? U64(entry, 8) : U32(entry, 4)));
        }

        ulong? Value(long tag) => entries.Where(e => e.Tag == tag).Select(e => (ulong?)e.Value).FirstOrDefault();
        if (Value(5) is not { } stringAddress || Value(10) is not { } stringSize)
        {
            return;
        }

        byte[] strings = ReadAt(FileOffset(stringAddress), Bounded(stringSize));
        Needed = [.. entries.Where(e => e.Tag == 1).Select(e => Text(strings, e.Value))];
        SoName = Value(14) is { } name ? Text(strings, name) : null;
        RunPaths = [.. entries.Where(e => e.Tag is 15 or 29).SelectMany(e => Text(strings, e.Value).Split(':'))];
        if (Value(0x6ffffffe) is { } needs && Value(0x6fffffff) is { } count)
        {
            ReadVersionNeeds(FileOffset(needs), Math.Min(count, MaxEntries), strings);
        }
    }

    private void ReadVersionNeeds(ulong offset, ulong count, byte[] strings)
    {
        var found = new List<(string, string)>();
        for (ulong i = 0; i < count; i++)
        {
            // Elf_Verneed: version, count of its Vernaux, file name, offset of the first Vernaux, offset of the next Verneed.
            byte[] need = ReadAt(offset, 16);
            string library = Text(strings, U32(need, 4));
            ulong aux = offset + U32(need, 8);
            for (int j = 0; j < U16(need, 2); j++)
            {
                // Elf_Vernaux: hash, flags, index, name, offset of the next.
                byte[] version = ReadAt(aux, 16);
                found.Add((library, Text(strings, U32(version, 8))));
                if (found.Count > MaxEntries)
                {
                    throw new InvalidDataException("it needs too many symbol versions");
                }

                uint next = U32(version, 12);
                if (next == 0)
                {
                    break;
                }

                aux += next;
            }

            uint following = U32(need, 12);
            if (following == 0)
            {
                break;
            }

            offset += following;
        }

        VersionNeeds = found;
    }

    private ulong FileOffset(ulong address)
    {
        foreach ((ulong offset, ulong start, ulong size) in _loads)
        {
            if (address >= start && address - start < size)
            {
                return offset + (address - start);
            }
        }

        throw new InvalidDataException("an address lies in no segment");
    }

    private byte[] ReadAt(ulong offset, int count)
    {
        if (offset > (ulong)_stream.Length || (ulong)count > (ulong)_stream.Length - offset)
        {
            throw new InvalidDataException("it is cut short");
        }

        byte[] bytes = new byte[count];
        _stream.Position = (long)offset;
        _stream.ReadExactly(bytes);
        return bytes;
    }

    private static int Bounded(ulong size) => size <= MaxTable ? (int)size : throw new InvalidDataException("one of its tables is too large");

    private static string Text(byte[] strings, ulong index)
    {
        if (index >= (ulong)strings.Length)
        {
            throw new InvalidDataException("a name lies outside its string table");
        }

        ReadOnlySpan<byte> rest = strings.AsSpan((int)index);
        int end = rest.IndexOf((byte)0);
        return Encoding.UTF8.GetString(end < 0 ? rest : rest[..end]);
    }

    private ushort U16(ReadOnlySpan<byte> bytes, int at) =>
        _little ? BinaryPrimitives.ReadUInt16LittleEndian(bytes[at..]) : BinaryPrimitives.ReadUInt16BigEndian(bytes[at..]);

    private uint U32(ReadOnlySpan<byte> bytes, int at) =>
        _little ? BinaryPrimitives.ReadUInt32LittleEndian(bytes[at..]) : BinaryPrimitives.ReadUInt32BigEndian(bytes[at..]);

    private ulong U64(ReadOnlySpan<byte> bytes, int at) =>
        _little ? BinaryPrimitives.ReadUInt64LittleEndian(bytes[at..]) : BinaryPrimitives.ReadUInt64BigEndian(bytes[at..]);
}
