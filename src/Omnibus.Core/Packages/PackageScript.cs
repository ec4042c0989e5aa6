namespace Omnibus.Core.Packages;

/// <summary>When a maintainer script runs. Each format takes those that it knows.</summary>
public enum ScriptKind
{
    /// <summary>deb preinst, rpm %pre.</summary>
    PreInstall,

    /// <summary>deb postinst, rpm %post.</summary>
    PostInstall,

    /// <summary>deb prerm, rpm %preun.</summary>
    PreRemove,

    /// <summary>deb postrm, rpm %postun.</summary>
    PostRemove,

    /// <summary>rpm %pretrans.</summary>
    PreTransaction,

    /// <summary>rpm %posttrans.</summary>
    PostTransaction,

    /// <summary>rpm %preuntrans.</summary>
    PreUninstallTransaction,

    /// <summary>rpm %postuntrans.</summary>
    PostUninstallTransaction,

    /// <summary>rpm %verifyscript.</summary>
    Verify,

    /// <summary>deb config (debconf).</summary>
    Config,
}

/// <summary>A maintainer script.</summary>
/// <param name="Kind">When it runs.</param>
/// <param name="Text">The script. In a deb it begins with <c>#!</c>; for rpm the interpreter stands apart.</param>
/// <param name="Interpreter">Program and arguments that run it (rpm <c>-p</c>).</param>
public sealed record PackageScript(ScriptKind Kind, string Text, IReadOnlyList<string>? Interpreter = null);

/// <summary>When a trigger fires.</summary>
public enum TriggerKind
{
    /// <summary>deb: this package takes part when a path or name is touched (<c>interest</c> family; <see cref="PackageTrigger.Directive"/> says which).</summary>
    Deb,

    /// <summary>rpm %triggerprein.</summary>
    PreInstall,

    /// <summary>rpm %triggerin.</summary>
    Install,

    /// <summary>rpm %triggerun.</summary>
    Uninstall,

    /// <summary>rpm %triggerpostun.</summary>
    PostUninstall,

    /// <summary>rpm %filetriggerin.</summary>
    FileInstall,

    /// <summary>rpm %filetriggerun.</summary>
    FileUninstall,

    /// <summary>rpm %filetriggerpostun.</summary>
    FilePostUninstall,

    /// <summary>rpm %transfiletriggerin.</summary>
    TransactionFileInstall,

    /// <summary>rpm %transfiletriggerun.</summary>
    TransactionFileUninstall,

    /// <summary>rpm %transfiletriggerpostun.</summary>
    TransactionFilePostUninstall,
}

/// <summary>A trigger.</summary>
/// <param name="Kind">When it fires.</param>
/// <param name="Targets">deb: trigger names; rpm: packages (with bounds) or, for file triggers, path prefixes.</param>
public sealed record PackageTrigger(TriggerKind Kind, IReadOnlyList<RelationTarget> Targets)
{
    /// <summary>deb directive, for example <c>interest-noawait</c> (deb-triggers(5)).</summary>
    public string? Directive { get; init; }

    /// <summary>rpm: the script.</summary>
    public string? Script { get; init; }

    /// <summary>rpm: what runs it; null for /bin/sh.</summary>
    public IReadOnlyList<string>? Interpreter { get; init; }

    /// <summary>rpm file triggers: priority, 1000000 by default.</summary>
    public int Priority { get; init; } = 1_000_000;
}

/// <summary>One section of a changelog, newest first.</summary>
/// <param name="Version">Version with release.</param>
/// <param name="Time">When.</param>
/// <param name="Author">Name and address: <c>Name &lt;mail&gt;</c>.</param>
/// <param name="Changes">One string an item, without bullet.</param>
public sealed record ChangelogEntry(string Version, DateTimeOffset Time, string Author, IReadOnlyList<string> Changes);
