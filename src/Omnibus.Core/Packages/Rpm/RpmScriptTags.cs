namespace Omnibus.Core.Packages.Rpm;

/// <summary>The header tags of one scriptlet.</summary>
internal readonly record struct RpmScriptTags(ScriptKind Kind, int Script, int Program, RpmSense Sense)
{
    /// <summary>Every scriptlet that rpm knows (build/parseScript.cc).</summary>
    public static IReadOnlyList<RpmScriptTags> All { get; } =
    [
        new(ScriptKind.PreInstall, RpmTag.PreIn, RpmTag.PreInProg, RpmSense.ScriptPre),
        new(ScriptKind.PostInstall, RpmTag.PostIn, RpmTag.PostInProg, RpmSense.ScriptPost),
        new(ScriptKind.PreRemove, RpmTag.PreUn, RpmTag.PreUnProg, RpmSense.ScriptPreUn),
        new(ScriptKind.PostRemove, RpmTag.PostUn, RpmTag.PostUnProg, RpmSense.ScriptPostUn),
        new(ScriptKind.PreTransaction, RpmTag.PreTrans, RpmTag.PreTransProg, RpmSense.PreTrans),
        new(ScriptKind.PostTransaction, RpmTag.PostTrans, RpmTag.PostTransProg, RpmSense.PostTrans),
        new(ScriptKind.PreUninstallTransaction, RpmTag.PreUnTrans, RpmTag.PreUnTransProg, RpmSense.PreUnTrans),
        new(ScriptKind.PostUninstallTransaction, RpmTag.PostUnTrans, RpmTag.PostUnTransProg, RpmSense.PostUnTrans),
        new(ScriptKind.Verify, RpmTag.VerifyScript, RpmTag.VerifyScriptProg, RpmSense.ScriptVerify),
    ];
}

/// <summary>The header tags of one family of triggers.</summary>
internal sealed record RpmTriggerTags(int Scripts, int Program, int Name, int Version, int Flags, int Index, int? Priorities)
{
    /// <summary>Triggers on packages.</summary>
    public static RpmTriggerTags Package { get; } = new(
        RpmTag.TriggerScripts, RpmTag.TriggerScriptProg, RpmTag.TriggerName, RpmTag.TriggerVersion, RpmTag.TriggerFlags, RpmTag.TriggerIndex, null);

    /// <summary>Triggers on files, once a package.</summary>
    public static RpmTriggerTags File { get; } = new(
        RpmTag.FileTriggerScripts, RpmTag.FileTriggerScriptProg, RpmTag.FileTriggerName, RpmTag.FileTriggerVersion, RpmTag.FileTriggerFlags, RpmTag.FileTriggerIndex, RpmTag.FileTriggerPriorities);

    /// <summary>Triggers on files, once a transaction.</summary>
    public static RpmTriggerTags TransactionFile { get; } = new(
        RpmTag.TransFileTriggerScripts, RpmTag.TransFileTriggerScriptProg, RpmTag.TransFileTriggerName, RpmTag.TransFileTriggerVersion, RpmTag.TransFileTriggerFlags, RpmTag.TransFileTriggerIndex, RpmTag.TransFileTriggerPriorities);

    /// <summary>The families with the kinds of trigger that each holds.</summary>
    public static IReadOnlyList<(RpmTriggerTags Tags, (TriggerKind Kind, RpmSense Sense)[] Kinds)> All { get; } =
    [
        (Package,
        [
            (TriggerKind.PreInstall, RpmSense.TriggerPreIn),
            (TriggerKind.Install, RpmSense.TriggerIn),
            (TriggerKind.Uninstall, RpmSense.TriggerUn),
            (TriggerKind.PostUninstall, RpmSense.TriggerPostUn),
        ]),
        (File,
        [
            (TriggerKind.FileInstall, RpmSense.TriggerIn),
            (TriggerKind.FileUninstall, RpmSense.TriggerUn),
            (TriggerKind.FilePostUninstall, RpmSense.TriggerPostUn),
        ]),
        (TransactionFile,
        [
            (TriggerKind.TransactionFileInstall, RpmSense.TriggerIn),
            (TriggerKind.TransactionFileUninstall, RpmSense.TriggerUn),
            (TriggerKind.TransactionFilePostUninstall, RpmSense.TriggerPostUn),
        ]),
    ];
}
