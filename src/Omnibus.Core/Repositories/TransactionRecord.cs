namespace Omnibus.Core.Repositories;

/// <summary>
/// What a transaction writes and what it supersedes, recorded before its first upload. Nothing is ever deleted but what a record
/// names, so a killed transaction leaves no orphan and a foreign file is never touched.
/// </summary>
/// <param name="Started">When.</param>
/// <param name="Keys">Every key that it may have written or superseded.</param>
internal sealed record TransactionRecord(DateTimeOffset Started, IReadOnlyList<string> Keys);

/// <summary>When what nothing names any more was last removed.</summary>
/// <param name="Time">When.</param>
internal sealed record SweepMark(DateTimeOffset Time);
