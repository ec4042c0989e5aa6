using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Omnibus.Core.Signing;

/// <summary>Reads a day such as <c>2026-02-01</c> as its beginning in UTC, whatever the machine's time zone.</summary>
internal sealed class UtcDateConverter : JsonConverter<DateTimeOffset>
{
    /// <inheritdoc/>
    public override DateTimeOffset Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        DateTimeOffset.ParseExact(reader.GetString()!, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, DateTimeOffset value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value.UtcDateTime.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture));
}
