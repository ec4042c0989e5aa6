using System.Text.Json;

namespace Omnibus.Core.Vms.Qmp;

/// <summary>Something that QEMU reports by itself: <c>SHUTDOWN</c>, <c>STOP</c>, <c>BLOCK_IO_ERROR</c>.</summary>
/// <param name="Name">The event's name.</param>
/// <param name="Data">Its data; undefined where it has none.</param>
/// <param name="Time">When it happened, by the host's clock.</param>
public sealed record QmpEvent(string Name, JsonElement Data, DateTimeOffset Time);
