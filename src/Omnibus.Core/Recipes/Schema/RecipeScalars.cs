namespace Omnibus.Core.Recipes.Schema;

/// <summary>Permission bits, written in octal.</summary>
/// <param name="Bits">Twelve bits.</param>
public readonly record struct UnixMode(int Bits);

/// <summary>A command of a recipe: arguments, or the text of a script.</summary>
/// <param name="Arguments">Program and arguments; empty for a script.</param>
/// <param name="Script">Text of a script, or null.</param>
public sealed record RecipeCommand(IReadOnlyList<string> Arguments, string? Script);
