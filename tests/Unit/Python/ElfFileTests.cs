using Omnibus.Core.Python;

namespace Omnibus.Tests.Unit.Python;

public class ElfFileTests
{
    [Fact]
    public void The_c_library_of_this_machine_says_its_name_and_what_it_needs()
    {
        ElfFile elf = ElfFile.TryRead(Libc())!;
        Assert.Equal("libc.so.6", elf.SoName);
        Assert.True(elf.Is64Bit);
        Assert.Contains(elf.Needed, n => n.StartsWith("ld-linux", StringComparison.Ordinal));
        Assert.Contains(elf.VersionNeeds, v => v.Version == "GLIBC_PRIVATE");
        Assert.Empty(elf.RunPaths);
    }

    [Fact]
    public void A_program_of_this_machine_needs_versions_of_the_c_library()
    {
        ElfFile elf = ElfFile.TryRead("/bin/sh")!;
        Assert.Contains(("libc.so.6"), elf.Needed);
        Assert.Contains(elf.VersionNeeds, v => v.Library == "libc.so.6" && v.Version.StartsWith("GLIBC_2.", StringComparison.Ordinal));
    }

    [Fact]
    public void Other_files_are_no_elf_files()
    {
        Assert.Null(ElfFile.TryRead(new MemoryStream("#!/bin/sh\n"u8.ToArray())));
        Assert.Null(ElfFile.TryRead(new MemoryStream([])));
    }

    [Fact]
    public void A_damaged_file_is_refused_and_never_crashes()
    {
        byte[] whole = File.ReadAllBytes("/bin/true");
        var random = new Random(7);
        for (int i = 0; i < 2000; i++)
        {
            byte[] damaged = (byte[])whole.Clone();
            for (int j = 0; j < 4; j++)
            {
                // The headers and the program header table, where every number decides a read.
                damaged[random.Next(16, 0x400)] = (byte)random.Next(256);
            }

            byte[] cut = damaged[..random.Next(16, damaged.Length)];
            try
            {
                ElfFile.TryRead(new MemoryStream(i % 2 == 0 ? cut : damaged));
            }
            catch (InvalidDataException)
            {
                // The one answer to nonsense.
            }
        }
    }

    private static string Libc() => File.ReadLines("/proc/self/maps").First(l => l.EndsWith("/libc.so.6", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[^1];
}
