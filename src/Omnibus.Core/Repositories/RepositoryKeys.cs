namespace Omnibus.Core.Repositories;

/// <summary>Keys of a repository's hidden state: never served to clients, never named by an index.</summary>
public static class RepositoryKeys
{
    /// <summary>The folder of all hidden state.</summary>
    public const string HiddenFolder = ".omnibus";

    /// <summary>File name of the lock of a store that is a folder.</summary>
    public const string LockName = "pointer.lock";

    /// <summary>File name of the lock that keeps files from being removed.</summary>
    public const string RemovalLockName = "removal.lock";

    /// <summary>The configuration.</summary>
    public const string Configuration = $"{HiddenFolder}/repository.json";

    /// <summary>Prefix of the records of transactions.</summary>
    public const string Transactions = $"{HiddenFolder}/transactions/";

    /// <summary>Prefix of the checkpoints.</summary>
    public const string Checkpoints = $"{HiddenFolder}/checkpoints/";

    /// <summary>When what nothing names any more was last removed.</summary>
    public const string LastSweep = $"{HiddenFolder}/last-sweep.json";

    /// <summary>Whether a key is hidden state.</summary>
    public static bool IsHidden(string key) => key.StartsWith(HiddenFolder + "/", StringComparison.Ordinal);
}
