using System.Text.Json;
using System.Text.Json.Serialization;

namespace Omnibus.Core.Repositories;

/// <summary>How the hidden state is written: indented, camelCase, names of enums, nulls left out.</summary>
[JsonSourceGenerationOptions(
    WriteIndented = true,
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UseStringEnumConverter = true,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(RepositoryConfiguration))]
[JsonSerializable(typeof(TransactionRecord))]
[JsonSerializable(typeof(SweepMark))]
internal sealed partial class RepositoryJson : JsonSerializerContext;
