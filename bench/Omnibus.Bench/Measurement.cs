namespace Omnibus.Bench;

/// <summary>What one run of one contender took.</summary>
/// <param name="Elapsed">From the start of the process to its end.</param>
/// <param name="PeakMemory">Greatest resident memory (VmHWM) of the process or one of its children, in bytes.</param>
/// <param name="ResultSize">Bytes of what it made, or 0.</param>
internal sealed record Measurement(TimeSpan Elapsed, long PeakMemory, long ResultSize)
{
    /// <summary>The median of times and sizes, and the greatest memory.</summary>
    public static Measurement MedianOf(IReadOnlyCollection<Measurement> all) => new(
        all.OrderBy(m => m.Elapsed).ElementAt(all.Count / 2).Elapsed,
        all.Max(m => m.PeakMemory),
        all.OrderBy(m => m.ResultSize).ElementAt(all.Count / 2).ResultSize);
}
