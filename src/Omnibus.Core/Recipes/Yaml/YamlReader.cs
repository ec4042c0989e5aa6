using Omnibus.Core.Diagnostics;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Omnibus.Core.Recipes.Yaml;

/// <summary>Reads one YAML document into values that know their place.</summary>
/// <remarks>
/// Bounded: a file of at most <see cref="SizeLimit"/> bytes, at most <see cref="DepthLimit"/> levels, and at most <see cref="WeightLimit"/> values when
/// every alias is written out. Keys are plain texts, each once a mapping; the only tag of its own is <c>!replace</c>. Merge keys
/// (<c>&lt;&lt;</c>) are refused: overrides say the same more plainly.
/// </remarks>
internal sealed class YamlReader
{
    /// <summary>Largest file, in bytes.</summary>
    public const int SizeLimit = 4 * 1024 * 1024;

    /// <summary>Deepest nesting.</summary>
    public const int DepthLimit = 64;

    /// <summary>Most values, aliases written out.</summary>
    public const int WeightLimit = 200_000;

    /// <summary>The tag of a list that takes the place of the list it overrides, instead of being added to it.</summary>
    public const string ReplaceTag = "!replace";

    private readonly Dictionary<string, YamlValue?> _anchors = new(StringComparer.Ordinal);
    private readonly Parser _parser;
    private readonly string _file;
    private readonly YamlProblems _problems;
    private long _weight;

    private YamlReader(TextReader text, string file, YamlProblems problems)
    {
        _parser = new Parser(text);
        _file = file;
        _problems = problems;
    }

    /// <summary>Reads a document.</summary>
    /// <param name="text">The file's text.</param>
    /// <param name="file">Its name in messages.</param>
    /// <param name="problems">Gathers mistakes.</param>
    /// <returns>The document's mapping, or null when it could not be read (the problems say why).</returns>
    public static YamlMapping? Read(string text, string file, YamlProblems problems)
    {
        var reader = new YamlReader(new StringReader(text), file, problems);
        try
        {
            return reader.ReadDocument();
        }
        catch (YamlException e)
        {
            problems.Add("RecipeSyntax", reader.At(e.Start), string.Empty, "the YAML cannot be read: " + Plain(e));
        }
        catch (DocumentRefusedException e)
        {
            problems.Add(e.Id, e.Position, string.Empty, e.Message);
        }

        return null;
    }

    /// <summary>Reads a file's text as UTF-8, within the limit.</summary>
    /// <exception cref="OmnibusException"><paramref name="notFoundId"/>, <c>RecipeTooLarge</c>, <c>RecipeNotText</c>, <c>RecipeAccessDenied</c>, <c>RecipeUnreadable</c>.</exception>
    public static string ReadText(string path, string shownPath, string notFoundId)
    {
        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 0);
            if (file.Length > SizeLimit)
            {
                throw new OmnibusException("RecipeTooLarge", ErrorKind.InvalidData, $"{shownPath}: larger than {SizeLimit / 1024 / 1024} MiB.", path);
            }

            using var reader = new StreamReader(file, new System.Text.UTF8Encoding(false, throwOnInvalidBytes: true));

            // One more than the file's length tells: whatever grows while it is read is not read to the end.
            char[] buffer = new char[file.Length + 1];
            return new string(buffer, 0, reader.ReadBlock(buffer));
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new OmnibusException(notFoundId, ErrorKind.NotFound, $"{shownPath}: no such file.", path, inner: e);
        }
        catch (System.Text.DecoderFallbackException e)
        {
            throw new OmnibusException("RecipeNotText", ErrorKind.InvalidData, $"{shownPath}: is not UTF-8 text.", path, inner: e);
        }
        catch (UnauthorizedAccessException e)
        {
            throw new OmnibusException("RecipeAccessDenied", ErrorKind.PermissionDenied, $"{shownPath}: may not be read.", path, inner: e);
        }
        catch (Exception e) when (e is IOException or NotSupportedException)
        {
            throw new OmnibusException("RecipeUnreadable", ErrorKind.Storage, $"{shownPath}: {e.Message}", path, inner: e);
        }
    }

    private YamlMapping? ReadDocument()
    {
        _parser.Consume<StreamStart>();
        if (!_parser.TryConsume<DocumentStart>(out DocumentStart? _))
        {
            _problems.Add("RecipeEmpty", new YamlPosition(_file, 1, 1), string.Empty, "the file is empty");
            return null;
        }

        YamlValue value = ReadValue(0);
        _parser.Consume<DocumentEnd>();
        if (_parser.Current is DocumentStart second)
        {
            throw new DocumentRefusedException("RecipeSyntax", At(second.Start), "the file holds a second document; one is expected");
        }

        if (value is YamlMapping mapping)
        {
            return mapping;
        }

        _problems.Add(
            value is YamlScalar { IsNull: true } ? "RecipeEmpty" : "RecipeWrongType",
            value.Position,
            string.Empty,
            value is YamlScalar { IsNull: true } ? "the file is empty" : $"a mapping of keys is expected, not {value.Kind}");
        return null;
    }

    private YamlValue ReadValue(int depth)
    {
        if (_parser.Current is AnchorAlias alias)
        {
            _parser.MoveNext();
            return ReadAlias(alias);
        }

        var start = (NodeEvent)_parser.Current!;
        YamlPosition position = At(start.Start);
        if (depth > DepthLimit)
        {
            throw new DocumentRefusedException("RecipeTooLarge", position, $"nested more than {DepthLimit} levels deep");
        }

        string? anchor = start.Anchor.IsEmpty ? null : start.Anchor.Value;
        if (anchor is not null)
        {
            // Known but unfinished: an alias to it from within would be endless.
            _anchors[anchor] = null;
        }

        YamlValue value = start switch
        {
            Scalar => ReadScalar(position),
            SequenceStart => ReadSequence(position, depth),
            _ => ReadMapping(position, depth),
        };
        if (anchor is not null)
        {
            _anchors[anchor] = value;
        }

        return value;
    }

    private YamlValue ReadAlias(AnchorAlias alias)
    {
        YamlPosition position = At(alias.Start);
        if (!_anchors.TryGetValue(alias.Value.Value, out YamlValue? value))
        {
            throw new DocumentRefusedException("RecipeSyntax", position, $"the alias '*{alias.Value.Value}' has no anchor before it");
        }

        if (value is null)
        {
            throw new DocumentRefusedException("RecipeSyntax", position, $"the alias '*{alias.Value.Value}' stands inside what it repeats");
        }

        Count(value.Weight, position);
        return value;
    }

    private YamlScalar ReadScalar(YamlPosition position)
    {
        var scalar = _parser.Consume<Scalar>();
        Count(1, position);
        bool plain = scalar.Style is ScalarStyle.Plain && scalar.Tag.IsEmpty;
        return new YamlScalar(position, ReadTag(scalar, position), scalar.Value, plain);
    }

    private YamlSequence ReadSequence(YamlPosition position, int depth)
    {
        var start = _parser.Consume<SequenceStart>();
        string? tag = ReadTag(start, position);
        Count(1, position);
        var items = new List<YamlValue>();
        while (!_parser.TryConsume<SequenceEnd>(out SequenceEnd? _))
        {
            items.Add(ReadValue(depth + 1));
        }

        return new YamlSequence(position, tag, items);
    }

    private YamlMapping ReadMapping(YamlPosition position, int depth)
    {
        var start = _parser.Consume<MappingStart>();
        string? tag = ReadTag(start, position);
        Count(1, position);
        var keys = new List<YamlKey>();
        var seen = new Dictionary<string, YamlPosition>(StringComparer.Ordinal);
        while (!_parser.TryConsume<MappingEnd>(out MappingEnd? _))
        {
            YamlValue key = ReadValue(depth + 1);
            YamlValue value = ReadValue(depth + 1);
            if (key is not YamlScalar { IsNull: false } name)
            {
                _problems.Add("RecipeWrongType", key.Position, string.Empty, $"a key must be text, not {key.Kind}");
            }
            else if (name.Text == "<<")
            {
                _problems.Add("RecipeSyntax", key.Position, string.Empty, "merge keys (<<) are not supported", "Use an alias for the whole value, or 'overrides'.");
            }
            else if (seen.TryGetValue(name.Text, out YamlPosition first))
            {
                _problems.Add("RecipeDuplicateKey", key.Position, name.Text, $"the key '{name.Text}' is here a second time; it stands in line {first.Line} already");
            }
            else
            {
                seen.Add(name.Text, key.Position);
                keys.Add(new YamlKey(name.Text, key.Position, value));
            }
        }

        return new YamlMapping(position, tag, keys);
    }

    private string? ReadTag(NodeEvent node, YamlPosition position)
    {
        if (node.Tag.IsEmpty || node.Tag.IsNonSpecific)
        {
            return null;
        }

        string tag = node.Tag.Value;
        if (tag == ReplaceTag && node is SequenceStart)
        {
            return tag;
        }

        // The core schema's own tags change nothing here: the recipe's model says what a value is.
        if (tag is not ("tag:yaml.org,2002:str" or "tag:yaml.org,2002:int" or "tag:yaml.org,2002:float" or "tag:yaml.org,2002:bool" or "tag:yaml.org,2002:seq" or "tag:yaml.org,2002:map"))
        {
            _problems.Add("RecipeSyntax", position, string.Empty, $"unknown tag '{tag}'; the only one is {ReplaceTag}, before a list");
        }

        return null;
    }

    private void Count(long weight, YamlPosition position)
    {
        _weight += weight;
        if (_weight > WeightLimit)
        {
            throw new DocumentRefusedException("RecipeTooLarge", position, $"more than {WeightLimit} values, aliases written out");
        }
    }

    private YamlPosition At(Mark mark) => new(_file, (int)Math.Max(1, mark.Line), (int)Math.Max(1, mark.Column));

    private static string Plain(YamlException e) => e.InnerException?.Message ?? e.Message.Split("): ", 2) switch
    {
        [_, var rest] => rest,
        [var whole] => whole,
        _ => e.Message,
    };

    private sealed class DocumentRefusedException(string id, YamlPosition position, string message) : Exception(message)
    {
        public string Id { get; } = id;

        public YamlPosition Position { get; } = position;
    }
}
