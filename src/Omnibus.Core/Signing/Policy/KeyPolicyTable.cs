using System.Text.Json;
using System.Text.Json.Serialization;

namespace Omnibus.Core.Signing;

/// <summary>The dated table of what clients accept, read from <c>key-policy.json</c>.</summary>
internal sealed class KeyPolicyTable
{
    private static readonly JsonSerializerOptions s_options = new(JsonSerializerDefaults.Web)
    {
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        Converters = { new UtcDateConverter() },
    };
    private static readonly Lazy<KeyPolicyTable> s_embedded = new(Load);

    /// <summary>The table of this release.</summary>
    public static KeyPolicyTable Embedded => s_embedded.Value;

    /// <summary>What the table is.</summary>
    public required string Description { get; init; }

    /// <summary>Where its facts come from.</summary>
    public required IReadOnlyList<string> Sources { get; init; }

    /// <summary>The clients, apt first, each family from old to new or by tool.</summary>
    public required IReadOnlyList<PolicyClient> Clients { get; init; }

    private static KeyPolicyTable Load()
    {
        using Stream stream = typeof(KeyPolicyTable).Assembly.GetManifestResourceStream("Omnibus.Core.key-policy.json")
            ?? throw new InvalidOperationException("The key policy is not in the assembly.");
        return JsonSerializer.Deserialize<KeyPolicyTable>(stream, s_options)!;
    }
}
