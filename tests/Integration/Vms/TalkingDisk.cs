using System.Net.Sockets;
using System.Text;

namespace Omnibus.Tests.Integration.Vms;

/// <summary>A disk of 1 MiB whose boot sector is the whole guest: it greets on the serial console, waits for a byte there, writes a sector and says "written".</summary>
internal static class TalkingDisk
{
    /// <summary>What it says first.</summary>
    public const string Greeting = "here I stand and answer nobody";

    // x86 in real mode; COM1 is port 0x3f8, its status 0x3fd. The messages lie behind the code, at 0x7c48.
    private const string Code =
        // cld; ds = es = ss = 0; sp = 0x7c00; si = message 1; call print
        "fc31c08ed88ec08ed0bc007c" + "be487c" + "e81f00"
        // wait until COM1 has a byte
        + "bafd03eca80174fb"
        // int 13h, function 3: write one sector, the second, from 0x7c00 to the first hard disk
        + "b80103" + "b90200" + "ba8000" + "bb007c" + "cd13"
        // si = message 2; call print; hlt for ever
        + "be707c" + "e80300" + "f4ebfd"
        // print: bytes from ds:si to COM1 until NUL
        + "baf803ac84c07403eeebf8c3";

    /// <summary>Writes the disk.</summary>
    public static void Write(string path)
    {
        byte[] disk = new byte[1024 * 1024];
        Convert.FromHexString(Code).CopyTo(disk, 0);
        Encoding.ASCII.GetBytes(Greeting + "\r\n").CopyTo(disk, 0x48);
        "written\r\n"u8.CopyTo(disk.AsSpan(0x70));
        disk[510] = 0x55;
        disk[511] = 0xaa;
        File.WriteAllBytes(path, disk);
    }

    /// <summary>Makes the guest write to its disk, through its serial console.</summary>
    public static async Task PokeAsync(string consoleSocket)
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(new UnixDomainSocketEndPoint(consoleSocket));
        await socket.SendAsync("x"u8.ToArray());
    }
}
