using Omnibus.Core.Recipes.Schema;

namespace Omnibus.Core.Recipes.Model;

/// <summary>Something that a package lays down.</summary>
[SectionTitle("A file, tree, directory, link or ghost", "packages[].files[]")]
[ExactlyOne("file", "text", "tree", "directory", "link", "ghost")]
[OnlyWith("to", "file", "text", "tree")]
[OnlyWith("target", "link")]
[OnlyWith("exclude", "tree")]
[OnlyWith("directory-mode", "tree")]
public sealed class FileSection : SchemaSection
{
    private const string AbsoluteExpected = "an absolute path on the target";

    /// <summary>Key <c>file</c>.</summary>
    [RecipeKey("file", "A file: relative to the recipe, or ${build}/…")]
    public string? File { get; init; }

    /// <summary>Key <c>text</c>.</summary>
    [RecipeKey("text", "The content of a small file, written here. Variables are not filled in.", Variables = false)]
    public string? Text { get; init; }

    /// <summary>Key <c>tree</c>.</summary>
    [RecipeKey("tree", "A folder whose content is laid down: relative to the recipe, or ${build}/…")]
    public string? Tree { get; init; }

    /// <summary>Key <c>directory</c>.</summary>
    [RecipeKey("directory", "A directory, maybe empty, that the package owns.", Pattern = "^/", Expected = AbsoluteExpected)]
    public string? Directory { get; init; }

    /// <summary>Key <c>link</c>.</summary>
    [RecipeKey("link", "A symbolic link on the target.", Pattern = "^/", Expected = AbsoluteExpected)]
    public string? Link { get; init; }

    /// <summary>Key <c>ghost</c>.</summary>
    [RecipeKey("ghost", "A file that the package owns but does not bring (rpm).", Pattern = "^/", Expected = AbsoluteExpected)]
    public string? Ghost { get; init; }

    /// <summary>Key <c>to</c>.</summary>
    [RecipeKey("to", "Where it goes on the target. With a / at its end, a file keeps its name in that folder.", Pattern = "^/", Expected = AbsoluteExpected)]
    public string? To { get; init; }

    /// <summary>Key <c>target</c>.</summary>
    [RecipeKey("target", "What a link points to, as it is written.")]
    public string? Target { get; init; }

    /// <summary>Key <c>exclude</c>.</summary>
    [RecipeKey("exclude", "What a tree leaves out. /build is the folder at its top only; *.swp is every file of that kind.", Pattern = "^[^ ].{0,254}$", Expected = "a pattern of at most 255 characters")]
    public IReadOnlyList<string> Exclude { get; init; } = [];

    /// <summary>Key <c>mode</c>.</summary>
    [RecipeKey("mode", "Permission bits; in a tree, those of its files.", Default = "0755 for directories and executable files, 0644 otherwise")]
    public UnixMode? Mode { get; init; }

    /// <summary>Key <c>directory-mode</c>.</summary>
    [RecipeKey("directory-mode", "Permission bits of a tree's directories.", Default = "0755")]
    public UnixMode? DirectoryMode { get; init; }

    /// <summary>Key <c>owner</c>.</summary>
    [RecipeKey("owner", "Owner on the target.", Default = "root", Pattern = AccountPattern, Expected = "a user name")]
    public string? Owner { get; init; }

    /// <summary>Key <c>group</c>.</summary>
    [RecipeKey("group", "Group on the target.", Default = "root", Pattern = AccountPattern, Expected = "a group name")]
    public string? Group { get; init; }

    /// <summary>Key <c>config</c>.</summary>
    [RecipeKey("config", "Whether it is a configuration file: an edited copy survives an upgrade. noreplace keeps it in place on rpm systems too.", Default = "false; noreplace below /etc")]
    public ConfigMark? Config { get; init; }

    /// <summary>Key <c>capabilities</c>.</summary>
    [RecipeKey("capabilities", "File capabilities: cap_net_bind_service=ep (rpm).")]
    public string? Capabilities { get; init; }

    private const string AccountPattern = "^[a-z_][a-z0-9_.-]{0,31}$";
}

/// <summary>Configuration mark of a file.</summary>
public enum ConfigMark
{
    /// <summary>Not a configuration file.</summary>
    [ChoiceName("false")]
    No,

    /// <summary>A configuration file.</summary>
    [ChoiceName("true")]
    Config,

    /// <summary>A configuration file whose edited copy stays in place.</summary>
    [ChoiceName("noreplace")]
    NoReplace,
}
