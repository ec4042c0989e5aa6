using System.Text;
using Omnibus.Core.Processes;
using Omnibus.Core.Versions;

namespace Omnibus.Tests.Integration.Versions;

/// <summary>The order of versions is judged by those whose order it is: Python's packaging, dpkg and rpm.</summary>
public sealed class VersionOrderTests : IDisposable
{
    private const int PairCount = 8000;
    private readonly string _folder = Directory.CreateTempSubdirectory("omnibus-versions-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Packages_are_ordered_as_Python_orders_versions_by_dpkg_and_rpm()
    {
        var samples = new VersionSamples(20260925);
        List<(string Left, string Right)> pairs = [.. Enumerable.Range(0, PairCount).Select(_ => samples.Pair())];
        int[] python = await AskPythonAsync(pairs);
        Assert.True(python.Count(r => r == 0) > 100 && python.Count(r => r < 0) > 1000 && python.Count(r => r > 0) > 1000, "The pairs are too much alike.");

        AssertSame(pairs, python, [.. pairs.Select(p => Pep440Version.Parse(p.Left).CompareTo(Pep440Version.Parse(p.Right)))], "Pep440Version");
        await JudgeAsync(VersionSpelling.Deb, AskDpkgAsync, "dpkg");
        await JudgeAsync(VersionSpelling.Rpm, AskRpmAsync, "rpm");
        await JudgeAsync(VersionSpelling.RpmWithoutCaret, AskRpmAsync, "rpm without caret");

        async Task JudgeAsync(VersionSpelling spelling, Func<IReadOnlyList<(string Left, string Right)>, Task<int[]>> ask, string judge)
        {
            List<(string Left, string Right)> mapped = [.. pairs.Select(p => (Map(p.Left, spelling), Map(p.Right, spelling)))];
            AssertSame(pairs, python, await ask(mapped), judge, mapped);
        }
    }

    [Fact]
    public async Task Our_comparers_agree_with_dpkg_and_rpm_on_versions_of_any_make()
    {
        var samples = new VersionSamples(7);
        List<(string Left, string Right)> debs = [.. Enumerable.Range(0, 4000).Select(_ => (samples.Signs("0019aZ.+~-"), samples.Signs("0019aZ.+~-")))];
        AssertSame(debs, await AskDpkgAsync(debs), [.. debs.Select(p => DebVersionComparer.Instance.Compare(p.Left, p.Right))], "DebVersionComparer");
        List<(string Left, string Right)> rpms = [.. Enumerable.Range(0, 4000).Select(_ => (samples.Signs("0019aZ.+~^_"), samples.Signs("0019aZ.+~^_")))];
        AssertSame(rpms, await AskRpmAsync(rpms), [.. rpms.Select(p => RpmVersionComparer.Instance.Compare(p.Left, p.Right))], "RpmVersionComparer");
    }

    [Fact]
    public async Task The_program_dpkg_says_the_same()
    {
        var samples = new VersionSamples(11);
        List<(string Left, string Right)> pairs = [.. Enumerable.Range(0, 300).Select(_ => samples.Pair())];
        List<(string Left, string Right)> mapped = [.. pairs.Select(p => (Map(p.Left, VersionSpelling.Deb), Map(p.Right, VersionSpelling.Deb)))];
        const string Script = """
            while read -r a b; do
              if dpkg --compare-versions "$a" lt "$b"; then echo -1
              elif dpkg --compare-versions "$a" gt "$b"; then echo 1
              else echo 0; fi
            done < "$1"
            """;
        int[] dpkg = await AskAsync("sh", ["-c", Script, "sh"], mapped);
        AssertSame(pairs, await AskPythonAsync(pairs), dpkg, "dpkg --compare-versions", mapped);
    }

    private static string Map(string version, VersionSpelling spelling) => PackageVersionMapping.Map(version, VersionScheme.Pep440, spelling).ToString();

    private Task<int[]> AskPythonAsync(IReadOnlyList<(string Left, string Right)> pairs)
    {
        const string Script = """
            import sys
            try:
                from packaging.version import Version
            except ImportError:
                from pip._vendor.packaging.version import Version
            for line in open(sys.argv[1]):
                a, b = map(Version, line.split())
                print((a > b) - (a < b))
            """;
        return AskAsync("python3", ["-c", Script], pairs);
    }

    private Task<int[]> AskDpkgAsync(IReadOnlyList<(string Left, string Right)> pairs)
    {
        const string Script = """
            open(my $in, '<', $ARGV[0]) or die;
            while (<$in>) { my ($a, $b) = split; print Dpkg::Version->new($a) <=> Dpkg::Version->new($b), "\n" }
            """;
        return AskAsync("perl", ["-MDpkg::Version", "-e", Script], pairs);
    }

    private Task<int[]> AskRpmAsync(IReadOnlyList<(string Left, string Right)> pairs)
    {
        // rpm takes no arguments for its macros: the file's name stands in the script.
        string script = "%{lua: for line in io.lines('" + PairsPath + "') do local a, b = line:match('(%S+) (%S+)'); print(rpm.vercmp(a, b) .. '\\n') end}";
        return AskAsync("rpm", ["--eval", script], pairs, passFile: false);
    }

    private string PairsPath => Path.Join(_folder, "pairs");

    private async Task<int[]> AskAsync(string program, IReadOnlyList<string> arguments, IReadOnlyList<(string Left, string Right)> pairs, bool passFile = true)
    {
        await File.WriteAllTextAsync(PairsPath, string.Concat(pairs.Select(p => $"{p.Left} {p.Right}\n")), new UTF8Encoding(false));
        ProgramResult result = await ProgramRunner.RunAsync(new ProgramCommand(program, passFile ? [.. arguments, PairsPath] : arguments));
        int[] answers = [.. result.StandardOutput.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(int.Parse)];
        Assert.Equal(pairs.Count, answers.Length);
        return answers;
    }

    private static void AssertSame(
        IReadOnlyList<(string Left, string Right)> pairs,
        int[] expected,
        int[] actual,
        string judge,
        IReadOnlyList<(string Left, string Right)>? mapped = null)
    {
        string[] wrong = [.. Enumerable.Range(0, pairs.Count)
            .Where(i => Math.Sign(expected[i]) != Math.Sign(actual[i]))
            .Select(i => $"{pairs[i].Left} against {pairs[i].Right}{(mapped is null ? string.Empty : $" as {mapped[i].Left} against {mapped[i].Right}")}: expected {expected[i]}, {judge} says {actual[i]}")];
        Assert.True(wrong.Length == 0, $"{wrong.Length} of {pairs.Count} pairs are ordered otherwise by {judge}:\n{string.Join('\n', wrong.Take(20))}");
    }
}
