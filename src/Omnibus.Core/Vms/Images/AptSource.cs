namespace Omnibus.Core.Vms.Images;

/// <summary>One archive that apt fetches from (sources.list(5)).</summary>
/// <param name="Uri">The archive's root.</param>
/// <param name="Suite">Suite or codename under <c>dists/</c>.</param>
/// <param name="Components">For example <c>main</c>.</param>
public sealed record AptSource(string Uri, string Suite, IReadOnlyList<string> Components)
{
    /// <summary>The one-line form.</summary>
    public override string ToString() => $"deb {Uri} {Suite} {string.Join(' ', Components)}";
}
