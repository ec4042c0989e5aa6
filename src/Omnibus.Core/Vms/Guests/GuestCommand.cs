namespace Omnibus.Core.Vms.Guests;

/// <summary>A command to run in a guest.</summary>
/// <param name="Script">Text for bash: a command line or a whole script. It reaches bash byte for byte.</param>
public sealed record GuestCommand(string Script)
{
    /// <summary>Arguments, which the script finds as <c>$1</c>, <c>$2</c> and so on, byte for byte.</summary>
    public IReadOnlyList<string> Arguments { get; init; } = [];

    /// <summary>Who runs it; null for the machine's own user.</summary>
    public string? User { get; init; }

    /// <summary>What it reads from standard input, or null.</summary>
    public Stream? StandardInput { get; init; }

    /// <summary>Called with each line of output as it comes.</summary>
    public Action<string>? OnLine { get; init; }

    /// <summary>How long it may run; null for ever.</summary>
    public TimeSpan? Timeout { get; init; }
}
