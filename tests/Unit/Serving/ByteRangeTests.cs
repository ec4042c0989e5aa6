using Omnibus.Core.Serving;

namespace Omnibus.Tests.Unit;

public class ByteRangeTests
{
    [Theory]
    [InlineData(null, 0, 100, false, false)]
    [InlineData("bytes=0-9", 0, 10, true, false)]
    [InlineData("bytes=90-", 90, 10, true, false)]
    [InlineData("bytes=-5", 95, 5, true, false)]
    [InlineData("bytes=-500", 0, 100, true, false)]
    [InlineData("bytes=50-500", 50, 50, true, false)]
    [InlineData("bytes=100-", 0, 0, false, true)]
    [InlineData("bytes=-0", 0, 0, false, true)]
    [InlineData("bytes=9-1", 0, 100, false, false)]
    [InlineData("bytes=0-1,5-6", 0, 100, false, false)]
    [InlineData("bytes=x-y", 0, 100, false, false)]
    [InlineData("bytes=-", 0, 100, false, false)]
    [InlineData("items=0-1", 0, 100, false, false)]
    [InlineData("bytes=99999999999999999999-", 0, 100, false, false)]
    public void A_range_header_is_read_as_the_RFC_says(string? header, long from, long length, bool partial, bool unsatisfiable) =>
        Assert.Equal(new ByteRange(from, length, partial, unsatisfiable), ByteRange.Parse(header, 100));
}
