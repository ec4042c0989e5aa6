using Omnibus.Core.Diagnostics;
using Omnibus.Core.Packages;
using Omnibus.Core.Python;

namespace Omnibus.Core.Building;

/// <summary>Turns what native code needs into relations of the target's format.</summary>
internal static class NativeDependencies
{
    // Libraries of the C library's own package since glibc 2.34 (most are empty shells there), and the compiler's run-time libraries.
    private static readonly HashSet<string> s_glibc = new(StringComparer.Ordinal)
    {
        "libc.so.6", "libm.so.6", "libpthread.so.0", "libdl.so.2", "librt.so.1", "libutil.so.1", "libresolv.so.2", "libanl.so.1",
    };

    private static readonly Dictionary<string, string> s_debPackages = new(StringComparer.Ordinal)
    {
        ["libgcc_s.so.1"] = "libgcc-s1",
        ["libstdc++.so.6"] = "libstdc++6",
        ["libgomp.so.1"] = "libgomp1",
        ["libatomic.so.1"] = "libatomic1",
        ["libgfortran.so.5"] = "libgfortran5",
        ["libz.so.1"] = "zlib1g",
        ["libffi.so.8"] = "libffi8",
        ["libsqlite3.so.0"] = "libsqlite3-0",
        ["libbz2.so.1.0"] = "libbz2-1.0",
        ["liblzma.so.5"] = "liblzma5",
        ["libcrypto.so.3"] = "libssl3",
        ["libssl.so.3"] = "libssl3",
    };

    /// <summary>Relations for a deb: packages, the C library with the version that the symbols demand. What has no known package is a finding.</summary>
    public static IReadOnlyList<PackageRelation> ForDeb(NativeRequirements native, string subject, List<Finding> findings)
    {
        var relations = new List<PackageRelation>();
        foreach (string library in native.Libraries.Keys.Order(StringComparer.Ordinal))
        {
            if (s_glibc.Contains(library) || library.StartsWith("ld-linux", StringComparison.Ordinal))
            {
                continue;
            }

            if (s_debPackages.TryGetValue(library, out string? package))
            {
                relations.Add(PackageRelation.To(RelationKind.Depends, package));
            }
            else
            {
                findings.Add(new Finding("NativeLibraryUnknown", FindingSeverity.Warning, $"needs the shared library {library}, whose package is not known", subject)
                {
                    Advice = "Add the package that brings it to 'depends'.",
                });
            }
        }

        if (native.GlibcFloor is { } floor)
        {
            relations.Insert(0, PackageRelation.To(RelationKind.Depends, "libc6", RelationOperator.GreaterOrEqual, floor.ToString()));
        }
        else if (native.Libraries.Keys.Any(s_glibc.Contains))
        {
            relations.Insert(0, PackageRelation.To(RelationKind.Depends, "libc6"));
        }

        return [.. relations.Distinct()];
    }

    /// <summary>Relations for an rpm: sonames and symbol versions, as rpm's own generator writes them: <c>libc.so.6(GLIBC_2.14)(64bit)</c>.</summary>
    public static IReadOnlyList<PackageRelation> ForRpm(NativeRequirements native)
    {
        string suffix = native.Is64Bit ? "(64bit)" : string.Empty;
        var names = new SortedSet<string>(StringComparer.Ordinal);
        foreach ((string library, IReadOnlyList<string> versions) in native.Libraries)
        {
            names.Add(native.Is64Bit ? $"{library}()(64bit)" : library);
            foreach (string version in versions)
            {
                names.Add($"{library}({version}){suffix}");
            }
        }

        return [.. names.Select(n => PackageRelation.To(RelationKind.Depends, n))];
    }
}
