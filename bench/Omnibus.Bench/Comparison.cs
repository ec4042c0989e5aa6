namespace Omnibus.Bench;

/// <summary>The same work by a peer and by Omnibus, run in turn, so that a change of the machine's load meets both.</summary>
/// <param name="Title">The work.</param>
/// <param name="Peer">What we compare with.</param>
/// <param name="Omnibus">Ours.</param>
/// <param name="TimeTarget">Greatest allowed ratio of our median time to the peer's.</param>
internal sealed record Comparison(string Title, Contender Peer, Contender Omnibus, double TimeTarget)
{
    /// <summary>Runs both sides in turn.</summary>
    public async Task<ComparisonResult> RunAsync(int runs)
    {
        var peer = new List<Measurement>();
        var ours = new List<Measurement>();
        for (int run = 0; run <= runs; run++)
        {
            Measurement first = await ProcessMeter.RunAsync(Peer);
            Measurement second = await ProcessMeter.RunAsync(Omnibus);
            if (run > 0)
            {
                peer.Add(first);
                ours.Add(second);
            }
        }

        return new ComparisonResult(this, Measurement.MedianOf(peer), Measurement.MedianOf(ours));
    }
}

/// <summary>What came out of a comparison.</summary>
/// <param name="Comparison">The work.</param>
/// <param name="Peer">The peer's medians.</param>
/// <param name="Omnibus">Our medians.</param>
internal sealed record ComparisonResult(Comparison Comparison, Measurement Peer, Measurement Omnibus)
{
    /// <summary>Our time over the peer's.</summary>
    public double TimeRatio => Omnibus.Elapsed / Peer.Elapsed;

    /// <summary>Our size over the peer's; null where nothing is weighed.</summary>
    public double? SizeRatio => Peer.ResultSize > 0 ? (double)Omnibus.ResultSize / Peer.ResultSize : null;
}
