namespace Omnibus.Help;

/// <summary>The prose of one cmdlet's help, as its markdown file tells it. Texts are lists of paragraphs.</summary>
internal sealed record HelpTopic
{
    /// <summary>Title of the file.</summary>
    public required string Name { get; init; }

    /// <summary>What it does, in a line.</summary>
    public IReadOnlyList<string> Synopsis { get; init; } = [];

    /// <summary>What it does, at length.</summary>
    public IReadOnlyList<string> Description { get; init; } = [];

    /// <summary>Examples.</summary>
    public IReadOnlyList<HelpExample> Examples { get; init; } = [];

    /// <summary>Texts of parameters by name, without the dash.</summary>
    public IReadOnlyList<KeyValuePair<string, IReadOnlyList<string>>> Parameters { get; init; } = [];

    /// <summary>Default values of parameters by name, as their tables tell them.</summary>
    public IReadOnlyDictionary<string, string> Defaults { get; init; } = new Dictionary<string, string>();

    /// <summary>What may be piped in: type and text.</summary>
    public IReadOnlyList<KeyValuePair<string, IReadOnlyList<string>>> Inputs { get; init; } = [];

    /// <summary>What comes out: type and text.</summary>
    public IReadOnlyList<KeyValuePair<string, IReadOnlyList<string>>> Outputs { get; init; } = [];

    /// <summary>Notes.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];

    /// <summary>Related links: text and address.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Links { get; init; } = [];
}

/// <summary>An example.</summary>
/// <param name="Title">Its heading.</param>
/// <param name="Code">Its code, all blocks.</param>
/// <param name="Text">What it shows.</param>
internal sealed record HelpExample(string Title, string Code, IReadOnlyList<string> Text);
