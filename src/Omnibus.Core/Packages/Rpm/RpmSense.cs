namespace Omnibus.Core.Packages.Rpm;

/// <summary>Flags of a dependency (<c>rpmsenseFlags</c> of rpm's <c>include/rpm/rpmds.h</c>).</summary>
[Flags]
internal enum RpmSense : uint
{
    Any = 0,
    Less = 1 << 1,
    Greater = 1 << 2,
    Equal = 1 << 3,
    PostTrans = 1 << 5,
    Prereq = 1 << 6,
    PreTrans = 1 << 7,
    Interpreter = 1 << 8,
    ScriptPre = 1 << 9,
    ScriptPost = 1 << 10,
    ScriptPreUn = 1 << 11,
    ScriptPostUn = 1 << 12,
    ScriptVerify = 1 << 13,
    FindRequires = 1 << 14,
    FindProvides = 1 << 15,
    TriggerIn = 1 << 16,
    TriggerUn = 1 << 17,
    TriggerPostUn = 1 << 18,
    MissingOk = 1 << 19,
    PreUnTrans = 1 << 20,
    PostUnTrans = 1 << 21,
    RpmLib = 1 << 24,
    TriggerPreIn = 1 << 25,
    Config = 1 << 28,
    Meta = 1 << 29,

    /// <summary>The three bits of comparison.</summary>
    Comparison = Less | Greater | Equal,
}

/// <summary>Flags of a file (<c>rpmfileAttrs</c> of rpm's <c>include/rpm/rpmfiles.h</c>).</summary>
[Flags]
internal enum RpmFileFlags : uint
{
    None = 0,
    Config = 1 << 0,
    Doc = 1 << 1,
    MissingOk = 1 << 3,
    NoReplace = 1 << 4,
    SpecFile = 1 << 5,
    Ghost = 1 << 6,
    License = 1 << 7,
    Readme = 1 << 8,
    PubKey = 1 << 11,
    Artifact = 1 << 12,
}
