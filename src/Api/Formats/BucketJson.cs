using System.Text;
using System.Text.Json;
using IotBackend.Application.Buckets;
using IotBackend.Domain.Buckets;
using IotBackend.Domain.Measurements;
using IotBackend.Domain.Results;

namespace IotBackend.Api.Formats;

/// <summary>What a body says about a bucket; what it does not say is as in <see cref="Bucket.Default"/>.</summary>
internal sealed record BucketRules(string Description, Retention Retention)
{
    public static BucketRules Default { get; } = new(Bucket.Default.Description, Bucket.Default.Retention);
}

/// <summary>Buckets as the contract's JSON.</summary>
internal static class BucketJson
{
    /// <summary>Reads the rules of a bucket: <c>{ "description"?: string, "retentionHours"?: number or null }</c>.</summary>
    /// <param name="body">The whole body.</param>
    /// <param name="rules">What it says.</param>
    /// <param name="addFault">Takes the faults of single members.</param>
    /// <returns>Why it is no JSON object; null when it is one.</returns>
    public static Error? Parse(ReadOnlySpan<byte> body, Action<Fault> addFault, out BucketRules rules)
    {
        rules = BucketRules.Default;
        body = JsonInput.WithoutByteOrderMark(body);
        try
        {
            var reader = new Utf8JsonReader(body, JsonInput.Options);
            using var document = JsonDocument.ParseValue(ref reader);

            // What follows is no JSON either.
            reader.Read();
            if (document.RootElement.ValueKind != JsonValueKind.Object)
                return Error.Invalid([new Fault(string.Empty, ErrorCodes.WrongType, "The body is a JSON object, the rules of a bucket.")]);
            rules = ReadMembers(document.RootElement, addFault);
            return null;
        }
        catch (JsonException exception)
        {
            return JsonInput.Invalid(body, exception);
        }
    }

    public static void Write(Utf8JsonWriter json, BucketPage page, string? nextCursor)
    {
        json.WriteStartObject();
        json.WriteStartArray("items"u8);
        foreach (var bucket in page.Items)
            Write(json, bucket);
        json.WriteEndArray();
        json.WriteBoolean("hasMore"u8, page.HasMore);
        if (nextCursor is not null)
            json.WriteString("nextCursor"u8, nextCursor);
        json.WriteEndObject();
    }

    public static void Write(Utf8JsonWriter json, MeasuredBucket bucket)
    {
        json.WriteStartObject();
        json.WriteString("name"u8, bucket.Bucket.Name.Value);
        json.WriteString("description"u8, bucket.Bucket.Description);
        WriteNumber(json, "retentionHours"u8, bucket.Bucket.Retention.Hours);
        WriteNumber(json, "measurements"u8, bucket.Usage.Measurements);
        WriteNumber(json, "bytes"u8, bucket.Usage.Bytes);
        json.WriteEndObject();
    }

    private static void WriteNumber(Utf8JsonWriter json, ReadOnlySpan<byte> name, long? value)
    {
        if (value is { } number)
            json.WriteNumber(name, number);
        else
            json.WriteNull(name);
    }

    private static BucketRules ReadMembers(JsonElement members, Action<Fault> addFault)
    {
        var rules = BucketRules.Default;
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var member in members.EnumerateObject())
        {
            var name = TextOf(() => member.Name) ?? string.Empty;
            if (name is not ("description" or "retentionHours"))
                addFault(Unknown(name));
            else if (!seen.Add(name))
                addFault(new Fault(name, ErrorCodes.DuplicateMember, $"'{name}' is given twice."));
            else if (name == "description")
                rules = rules with { Description = ReadDescription(member.Value, addFault) };
            else
                rules = rules with { Retention = ReadRetention(member.Value, addFault) };
        }

        return rules;
    }

    private static Fault Unknown(string name)
    {
        var path = MeasurementBatchWriter.Path(string.Empty, Encoding.UTF8.GetBytes(name))[1..];
        return new Fault(path, ErrorCodes.UnknownMember, $"'{path}' is no rule of a bucket: they are 'description' and 'retentionHours'.");
    }

    private static string ReadDescription(JsonElement value, Action<Fault> addFault)
    {
        var text = value.ValueKind == JsonValueKind.String ? TextOf(value.GetString) : string.Empty;
        var fault = value.ValueKind != JsonValueKind.String ? new Fault("description", ErrorCodes.WrongType, "'description' is a string.")
            : text is null ? new Fault("description", ErrorCodes.InvalidText, "'description' is not valid Unicode.")
            : Bucket.CheckDescription(text);
        if (fault is not null)
            addFault(fault);
        return text ?? string.Empty;
    }

    private static Retention ReadRetention(JsonElement value, Action<Fault> addFault)
    {
        const string type = "'retentionHours' is a whole number of hours, or null for ever.";
        var range = $"'retentionHours' is from {Retention.MinHours} to {Retention.MaxHours}, or null for ever.";
        if (value.ValueKind == JsonValueKind.Null)
            return Retention.Forever;
        if (value.ValueKind != JsonValueKind.Number || value.GetRawText().AsSpan().ContainsAny(".eE"))
            addFault(new Fault("retentionHours", ErrorCodes.WrongType, type));
        else if (!value.TryGetInt32(out var hours) || hours is < Retention.MinHours or > Retention.MaxHours)
            addFault(new Fault("retentionHours", ErrorCodes.NumberOutOfRange, range));
        else
            return Retention.OfHours(hours);
        return Retention.Forever;
    }

    // A lone surrogate, or bytes that are no UTF-8.
    private static string? TextOf(Func<string?> read)
    {
        try
        {
            return read();
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }
}
