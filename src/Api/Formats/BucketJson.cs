using System.Text.Json;
using IotBackend.Application.Buckets;
using IotBackend.Domain.Buckets;
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
        var error = JsonMembers.Parse(body, "the rules of a bucket", ["description", "retentionHours"], addFault, out var members);
        var hours = members.Integer("retentionHours", Retention.MinHours, Retention.MaxHours, isNullable: true);
        rules = new BucketRules(
            members.Text("description", 0, Bucket.MaxDescriptionLength, isMultiline: true) ?? string.Empty,
            hours is { } kept ? Retention.OfHours((int)kept) : Retention.Forever);
        return error;
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
}
