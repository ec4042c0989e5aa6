using System.Text;
using Omnibus.Core.Repositories.Apt;
using Omnibus.Core.Repositories.Indexes;

namespace Omnibus.Tests.Unit.Repositories;

public sealed class RecordSorterTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("omnibus-sorter-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData(64)]
    [InlineData(700)]
    [InlineData(1 << 20)]
    public void Records_come_in_order_and_those_of_one_path_become_one_whatever_fits_into_memory(int limit)
    {
        using var sorter = new RecordSorter(ContentsLines.Instance, _folder, "lines", limit);
        int[] numbers = [.. Enumerable.Range(0, 200).Select(i => i * 37 % 200)];
        foreach (int n in numbers)
        {
            sorter.Add(Encoding.UTF8.GetBytes($"path/{n / 2:000}    utils/p{n % 2}\n"));
        }

        string[] lines = [.. sorter.ReadSorted().Select(r => Encoding.UTF8.GetString(r.Span))];
        Assert.Equal(100, lines.Length);
        Assert.Equal(lines.Order(StringComparer.Ordinal), lines);
        Assert.All(lines, l => Assert.EndsWith(" utils/p0,utils/p1\n", l, StringComparison.Ordinal));
    }
}
