namespace Omnibus.Core.Vms.Guests;

/// <summary>What a command in a guest left behind.</summary>
/// <param name="Name">The machine.</param>
/// <param name="Command">What was run.</param>
/// <param name="ExitCode">Its exit code.</param>
/// <param name="StandardOutput">Its standard output.</param>
/// <param name="StandardError">Its standard error.</param>
/// <param name="Duration">How long it ran, login included.</param>
public sealed record GuestCommandResult(string Name, string Command, int ExitCode, string StandardOutput, string StandardError, TimeSpan Duration);
