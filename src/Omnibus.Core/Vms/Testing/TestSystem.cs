namespace Omnibus.Core.Vms.Testing;

/// <summary>A system for a test, and what is known of it. What was made for the test alone goes when it is disposed of.</summary>
/// <param name="Target">The system.</param>
/// <param name="Distribution">What runs in it, or null for a foreign image.</param>
public sealed record TestSystem(IPackageTestTarget Target, string? Distribution) : IAsyncDisposable
{
    /// <inheritdoc/>
    public ValueTask DisposeAsync() => Target is IAsyncDisposable disposable ? disposable.DisposeAsync() : ValueTask.CompletedTask;
}
