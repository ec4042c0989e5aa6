namespace Omnibus.Core.Diagnostics;

/// <summary>The one exception that the engine throws on purpose: a stable id, a kind, the item at fault, and what to do.</summary>
public sealed class OmnibusException : Exception
{
    /// <summary>Makes an error.</summary>
    /// <param name="id">Stable PascalCase id without data, for example <c>RecipeUnknownKey</c>; scripts match on it.</param>
    /// <param name="kind">What sort of failure this is.</param>
    /// <param name="message">One sentence that says what and where. It may be followed by details on further lines.</param>
    /// <param name="item">The thing at fault (a path, a package, a key); never the component that found out.</param>
    /// <param name="advice">What to do about it, or null where the message says it all.</param>
    /// <param name="inner">The cause, or null.</param>
    public OmnibusException(string id, ErrorKind kind, string message, object? item = null, string? advice = null, Exception? inner = null)
        : base(message, inner)
    {
        Id = id;
        Kind = kind;
        Item = item;
        Advice = advice;
    }

    /// <summary>Stable id of the failure.</summary>
    public string Id { get; }

    /// <summary>What sort of failure this is.</summary>
    public ErrorKind Kind { get; }

    /// <summary>The thing at fault.</summary>
    public object? Item { get; }

    /// <summary>What to do about it, or null.</summary>
    public string? Advice { get; }

    /// <summary>All findings behind this error where there are several (every mistake of a recipe), otherwise empty.</summary>
    public IReadOnlyList<Finding> Findings { get; init; } = [];
}
