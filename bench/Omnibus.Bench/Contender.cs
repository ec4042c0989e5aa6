namespace Omnibus.Bench;

/// <summary>One side of a comparison.</summary>
/// <param name="Name">What the table calls it.</param>
/// <param name="Program">The program to run.</param>
/// <param name="Arguments">Its arguments.</param>
internal sealed record Contender(string Name, string Program, params string[] Arguments)
{
    /// <summary>Variables beside the inherited ones.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    /// <summary>The program says itself how many milliseconds its work took; its start and what it did before are not counted.</summary>
    public bool TellsMilliseconds { get; init; }

    /// <summary>Called before each run, outside of the measured time.</summary>
    public Action? Prepare { get; init; }

    /// <summary>The size of what a run made, or null where there is nothing to weigh.</summary>
    public Func<long>? ResultSize { get; init; }
}
