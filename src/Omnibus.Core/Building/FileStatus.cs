using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;

namespace Omnibus.Core.Building;

/// <summary>What a path is.</summary>
internal enum FileType
{
    /// <summary>A regular file.</summary>
    Regular,

    /// <summary>A directory.</summary>
    Directory,

    /// <summary>A symbolic link.</summary>
    SymbolicLink,

    /// <summary>A socket, named pipe or device.</summary>
    Special,
}

/// <summary>What the kernel says of a path, links not followed; .NET tells neither pipes from files nor hard links.</summary>
/// <param name="Type">What it is.</param>
/// <param name="Mode">Permission bits, twelve.</param>
/// <param name="Size">Bytes.</param>
/// <param name="LinkCount">Names of the inode.</param>
/// <param name="Inode">Device and inode, for files with more than one name.</param>
internal readonly partial record struct FileStatus(FileType Type, int Mode, long Size, uint LinkCount, (ulong Device, ulong Number) Inode)
{
    private const int AtCurrentFolder = -100;
    private const int NoFollow = 0x100;
    private const uint BasicStats = 0x7ff;
    private const int StatxSize = 256;

    /// <summary>Asks for a path; links are not followed.</summary>
    /// <exception cref="FileNotFoundException">It is not there.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be asked for.</exception>
    /// <exception cref="IOException">Anything else.</exception>
    public static unsafe FileStatus Of(string path)
    {
        // struct statx has the same layout on every machine (statx(2)), which struct stat has not.
        byte* buffer = stackalloc byte[StatxSize];
        byte[] name = Encoding.UTF8.GetBytes(path + "\0");
        int result;
        fixed (byte* pointer = name)
        {
            result = Statx(AtCurrentFolder, pointer, NoFollow, BasicStats, buffer);
        }

        if (result != 0)
        {
            int error = Marshal.GetLastPInvokeError();
            string message = $"{path}: {Marshal.GetPInvokeErrorMessage(error)}";
            throw error switch
            {
                2 or 20 => new FileNotFoundException(message, path),
                1 or 13 => new UnauthorizedAccessException(message),
                _ => new IOException(message, error),
            };
        }

        var bytes = new ReadOnlySpan<byte>(buffer, StatxSize);
        int mode = U16(bytes[28..]);
        ulong device = ((ulong)U32(bytes[136..]) << 32) | U32(bytes[140..]);
        FileType type = (mode & 0xf000) switch
        {
            0x8000 => FileType.Regular,
            0x4000 => FileType.Directory,
            0xa000 => FileType.SymbolicLink,
            _ => FileType.Special,
        };
        return new FileStatus(type, mode & 0xfff, (long)U64(bytes[40..]), U32(bytes[16..]), (device, U64(bytes[32..])));
    }

    private static ushort U16(ReadOnlySpan<byte> bytes) => BitConverter.IsLittleEndian ? BinaryPrimitives.ReadUInt16LittleEndian(bytes) : BinaryPrimitives.ReadUInt16BigEndian(bytes);

    private static uint U32(ReadOnlySpan<byte> bytes) => BitConverter.IsLittleEndian ? BinaryPrimitives.ReadUInt32LittleEndian(bytes) : BinaryPrimitives.ReadUInt32BigEndian(bytes);

    private static ulong U64(ReadOnlySpan<byte> bytes) => BitConverter.IsLittleEndian ? BinaryPrimitives.ReadUInt64LittleEndian(bytes) : BinaryPrimitives.ReadUInt64BigEndian(bytes);

    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true)]
    private static unsafe partial int Statx(int folder, byte* path, int flags, uint mask, byte* buffer);
}
