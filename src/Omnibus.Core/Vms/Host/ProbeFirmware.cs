using System.Text;

namespace Omnibus.Core.Vms.Host;

/// <summary>The firmware image that <see cref="KvmProbe"/> runs as a whole guest: 64 KiB, x86, written by hand.</summary>
internal static class ProbeFirmware
{
    private const int Size = 64 * 1024;

    // Offsets of the three messages, as the code below names them.
    private const int Messages = 0x12e;

    // The reset vector is 16 bytes below the end of the image: jmp to its beginning.
    private const int ResetVector = 0xfff0;

    // COM1 is port 0x3f8. The code copies itself to 0x8000, where it has RAM around it.
    private const string Code =
        // cli; mov si, message 1; mov dx, 0x3f8; print from cs:si until NUL
        "fabe2e01" + "baf803" + "2eac84c07403eeebf7"
        // es = 0, ds = cs, copy 1 KiB from 0 to 0x8000; ds = 0; jump to the copy
        + "31c08ec08cc88ed831f6bf0080b90004fcf3a431c08ed8" + "ea2c800000"
        // lgdt; cr0.PE = 1; jump to 32-bit code
        + "660f01162881" + "0f20c00c010f22c0" + "66ea428000000800"
        // ds = es = ss = 16; esp = 0x7000
        + "66b810008ed88ec08ed0bc00700000"
        // clear 0x1000 to 0x3fff; PML4 -> PDPT -> one page of 2 MiB
        + "bf00100000b9000c000031c0f3ab" + "c7050010000003200000" + "c7050020000003300000" + "c7050030000083000000"
        // cr3 = 0x1000; cr4.PAE; EFER.LME; cr0.PG; jump to 64-bit code
        + "b8001000000f22d8" + "0f20e083c8200f22e0" + "b9800000c00f320d000100000f30" + "0f20c00d000000800f22c0" + "eaae8000001800"
        // cpuid(0); print message 2
        + "31c00fa2" + "be4381000066baf803ac84c07403eeebf8"
        // 200 rounds over 1 MiB at 0x100000: store, multiply, test, sometimes add
        + "bbc8000000" + "bf00001000b900000200" + "48890f4869c101000100a80474034801074883c708ffc975e7ffcb75d9"
        // print message 3; out 0xf4, 1 ends QEMU; hlt
        + "be58810000ac84c07403eeebf8" + "b001e6f4f4ebfd"
        // padding; the GDT: null, code 32, data, code 64; its descriptor for lgdt
        + "8db4000090" + "0000000000000000ffff0000009acf00ffff00000092cf00ffff0000009aaf00" + "1f0008810000";

    /// <summary>The image.</summary>
    public static byte[] Build()
    {
        byte[] image = new byte[Size];
        image.AsSpan().Fill(0xf4);
        Convert.FromHexString(Code).CopyTo(image, 0);
        Encoding.ASCII.GetBytes($"omnibus: real mode\r\n\0omnibus: long mode\r\n\0{KvmProbe.Answer}\r\n\0").CopyTo(image, Messages);

        // jmp rel16: the next instruction is at 0xfff3, so 0x000d wraps round to 0.
        ((ReadOnlySpan<byte>)[0xe9, 0x0d, 0x00]).CopyTo(image.AsSpan(ResetVector));
        return image;
    }
}
