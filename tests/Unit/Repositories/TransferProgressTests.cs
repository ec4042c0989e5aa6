using Omnibus.Core.Diagnostics;
using Omnibus.Core.Repositories;

namespace Omnibus.Tests.Unit.Repositories;

public sealed class TransferProgressTests
{
    [Fact]
    public void Objects_and_bytes_are_told_and_what_is_sent_again_counts_once()
    {
        var reports = new Reports();
        var transfer = new TransferProgress("somewhere", objects: 3, bytes: 4 * 1024 * 1024, reports);
        ObjectProgress first = transfer.Begin("a", 1024 * 1024);
        ObjectProgress second = transfer.Begin("b", 3 * 1024 * 1024);
        ObjectProgress empty = transfer.Begin("c", 0);
        first.Report(800_000);
        first.Report(800_000);
        Assert.Equal("storing 0 of 3 objects, 1.0 of 4.0 MiB", reports.Last.Status);
        Assert.Equal(0.625, reports.Last.Fraction);
        first.Complete();
        second.Report(1024 * 1024);
        Assert.Equal("storing 1 of 3 objects, 2.0 of 4.0 MiB", reports.Last.Status);
        second.Complete();
        empty.Complete();
        Assert.Equal("storing 3 of 3 objects, 4.0 of 4.0 MiB", reports.Last.Status);
        Assert.Equal(("somewhere", "c", 1.0), (reports.Last.Activity, reports.Last.Item, reports.Last.Fraction));
    }

    private sealed class Reports : IProgress<OperationProgress>
    {
        public OperationProgress Last { get; private set; } = null!;

        public void Report(OperationProgress value) => Last = value;
    }
}
