using System.Text;
using Omnibus.Core.Packages;
using Omnibus.Core.Packages.Rpm;

namespace Omnibus.Core.Repositories.Yum;

/// <summary>The three elements that describe a package: in primary, filelists and other. Same meaning as createrepo_c gives them (its <c>src/xml_dump_*.c</c>).</summary>
internal static class PackageXml
{
    // createrepo_c's own limit of changelog entries (--changelog-limit).
    private const int ChangelogLimit = 10;

    private static readonly byte[] s_twoSpaces = "  "u8.ToArray();
    private static readonly byte[] s_fourSpaces = "    "u8.ToArray();

    /// <summary>The element of primary in two parts: the value of its location stands between them.</summary>
    public static (byte[] BeforeLocation, byte[] AfterLocation) Primary(RpmPackage package, XmlBuffer xml)
    {
        RpmHeader header = package.Header;
        xml.Clear();
        xml.Raw("<package type=\"rpm\">\n"u8)
            .Element(s_twoSpaces, "name"u8, header.GetStringBytes(RpmTag.Name))
            .Element(s_twoSpaces, "arch"u8, ArchitectureOf(package));
        WriteVersion(header, xml);
        xml.Raw("  <checksum type=\"sha256\" pkgid=\"YES\">"u8).Text(Encoding.ASCII.GetBytes(package.Sha256!)).Raw("</checksum>\n"u8)
            .Element(s_twoSpaces, "summary"u8, header.GetStringBytes(RpmTag.Summary))
            .Element(s_twoSpaces, "description"u8, header.GetStringBytes(RpmTag.Description))
            .Element(s_twoSpaces, "packager"u8, header.GetStringBytes(RpmTag.Packager))
            .Element(s_twoSpaces, "url"u8, header.GetStringBytes(RpmTag.Url));
        xml.Raw("  <time"u8).Attribute("file"u8, package.FileTime.ToUnixTimeSeconds()).Attribute("build"u8, header.GetNumber(RpmTag.BuildTime) ?? 0).Raw("/>\n"u8);
        xml.Raw("  <size"u8).Attribute("package"u8, package.FileSize).Attribute("installed"u8, package.InstalledSize).Attribute("archive"u8, package.ArchiveSize).Raw("/>\n"u8);
        xml.Raw("  <location href=\""u8);
        byte[] before = xml.Written.ToArray();

        xml.Clear();
        xml.Raw("\"/>\n  <format>\n"u8)
            .Element(s_fourSpaces, "rpm:license"u8, header.GetStringBytes(RpmTag.License))
            .Element(s_fourSpaces, "rpm:vendor"u8, header.GetStringBytes(RpmTag.Vendor))
            .Element(s_fourSpaces, "rpm:group"u8, header.GetStringBytes(RpmTag.Group))
            .Element(s_fourSpaces, "rpm:buildhost"u8, header.GetStringBytes(RpmTag.BuildHost))
            .Element(s_fourSpaces, "rpm:sourcerpm"u8, header.GetStringBytes(RpmTag.SourceRpm));
        xml.Raw("    <rpm:header-range"u8).Attribute("start"u8, package.HeaderStart).Attribute("end"u8, package.HeaderEnd).Raw("/>\n"u8);
        var files = new PackageFileNames(header);
        new PackageDependencies(header, xml).Write(files);
        for (int i = 0; i < files.Paths.Length; i++)
        {
            if (PackageFileNames.IsPrimary(files.Paths[i]))
            {
                xml.Raw("    <file"u8).Raw(files.TypeOf(i)).Raw(">"u8).Text(files.Paths[i]).Raw("</file>\n"u8);
            }
        }

        xml.Raw("  </format>\n</package>\n"u8);
        return (before, xml.Written.ToArray());
    }

    /// <summary>The element of filelists.</summary>
    public static byte[] Filelists(RpmPackage package, XmlBuffer xml)
    {
        WriteStart(package, xml);
        var files = new PackageFileNames(package.Header);
        for (int i = 0; i < files.Paths.Length; i++)
        {
            xml.Raw("  <file"u8).Raw(files.TypeOf(i)).Raw(">"u8).Text(files.Paths[i]).Raw("</file>\n"u8);
        }

        return xml.Raw("</package>\n"u8).Written.ToArray();
    }

    /// <summary>The element of other: the newest entries of the changelog, oldest first.</summary>
    public static byte[] Other(RpmPackage package, XmlBuffer xml)
    {
        RpmHeader header = package.Header;
        WriteStart(package, xml);
        int count = Math.Min(header.Count(RpmTag.ChangelogName), ChangelogLimit);
        long[] dates = ChangelogDates(header.GetNumbers(RpmTag.ChangelogTime), count);
        var names = new byte[count][];
        var texts = new byte[count][];
        RpmStrings nameSource = header.GetStrings(RpmTag.ChangelogName);
        RpmStrings textSource = header.GetStrings(RpmTag.ChangelogText);
        for (int i = 0; i < count; i++)
        {
            names[i] = nameSource.MoveNext() ? nameSource.Current.ToArray() : [];
            texts[i] = textSource.MoveNext() ? textSource.Current.ToArray() : [];
        }

        for (int i = count - 1; i >= 0; i--)
        {
            xml.Raw("  <changelog"u8).Attribute("author"u8, names[i]).Attribute("date"u8, dates[i]).Raw(">"u8).Text(texts[i]).Raw("</changelog>\n"u8);
        }

        return xml.Raw("</package>\n"u8).Written.ToArray();
    }

    /// <summary>Epoch, version and release as identities spell them: without an epoch of 0.</summary>
    public static string VersionOf(RpmHeader header)
    {
        var version = new PackageVersion(
            header.GetString(RpmTag.Version) ?? string.Empty,
            header.GetString(RpmTag.Release) ?? string.Empty,
            (int)Math.Min(header.GetNumber(RpmTag.Epoch) ?? 0, int.MaxValue));
        return version.ToString();
    }

    private static ReadOnlySpan<byte> ArchitectureOf(RpmPackage package) => package.IsSource ? "src"u8 : package.Header.GetStringBytes(RpmTag.Arch);

    private static void WriteStart(RpmPackage package, XmlBuffer xml)
    {
        xml.Clear();
        xml.Raw("<package"u8)
            .Attribute("pkgid"u8, Encoding.ASCII.GetBytes(package.Sha256!))
            .Attribute("name"u8, package.Header.GetStringBytes(RpmTag.Name))
            .Attribute("arch"u8, ArchitectureOf(package))
            .Raw(">\n"u8);
        WriteVersion(package.Header, xml);
    }

    private static void WriteVersion(RpmHeader header, XmlBuffer xml) => xml.Raw("  <version"u8)
        .Attribute("epoch"u8, header.GetNumber(RpmTag.Epoch) ?? 0)
        .Attribute("ver"u8, header.GetStringBytes(RpmTag.Version))
        .Attribute("rel"u8, header.GetStringBytes(RpmTag.Release))
        .Raw("/>\n"u8);

    // Clients order entries by date: of several on one day the newer ones get a second more each, as createrepo_c does.
    private static long[] ChangelogDates(RpmNumbers times, int count)
    {
        var dates = new long[count];
        for (int i = 0; i < count; i++)
        {
            dates[i] = times.At(i);
            for (int newer = i - 1; newer >= 0 && dates[newer] == dates[newer + 1]; newer--)
            {
                dates[newer]++;
            }
        }

        return dates;
    }
}
