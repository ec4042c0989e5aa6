namespace Omnibus.Core.Packages.Deb;

/// <summary>The type flag of a tar header, as far as dpkg takes it (tar(5), dpkg's lib/dpkg/tarfn.c).</summary>
internal enum TarEntryType : byte
{
    OldFile = 0,
    File = (byte)'0',
    HardLink = (byte)'1',
    SymbolicLink = (byte)'2',
    CharacterDevice = (byte)'3',
    BlockDevice = (byte)'4',
    Directory = (byte)'5',
    NamedPipe = (byte)'6',
    ContiguousFile = (byte)'7',
    GnuLongLink = (byte)'K',
    GnuLongName = (byte)'L',
    PaxExtended = (byte)'x',
    PaxGlobal = (byte)'g',
}
