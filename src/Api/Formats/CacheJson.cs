using System.Text;
using System.Text.Json;
using IotBackend.Application.Caching;
using IotBackend.Domain.Buckets;
using IotBackend.Domain.Measurements;
using IotBackend.Domain.Results;

namespace IotBackend.Api.Formats;

/// <summary>What the cache is told to do, and what it did, as the contract's JSON.</summary>
internal static class CacheJson
{
    private const string DeviceTag = "device:";
    private const string BucketTag = "bucket:";

    private static readonly string[] PurgeMembers = ["all", "devices", "tags"];

    /// <summary>Reads <c>{ "all": true }</c>, <c>{ "devices": […] }</c> or <c>{ "tags": […] }</c>.</summary>
    /// <returns>Why it is no JSON object; null when it is one.</returns>
    public static Error? Parse(ReadOnlySpan<byte> body, Action<Fault> addFault, out PurgeCache command)
    {
        var error = JsonMembers.Parse(body, "what is purged", PurgeMembers, addFault, out var members);
        if (error is null && PurgeMembers.Count(members.Has) != 1)
            members.AddFault(string.Empty, ErrorCodes.Required, "What is purged is either \"all\": true, or \"devices\", or \"tags\".");
        if (members.Boolean("all") == false)
            members.AddFault("all", ErrorCodes.Required, "'all' is true, or not given.");
        var devices = List(members, "devices", DeviceOf, "is the name of a device");
        var tags = List(members, "tags", TagOf, "is device:<name> or bucket:<name>");
        command = new PurgeCache(
            members.Has("all"), [.. devices, .. tags.Select(tag => tag.Device).OfType<string>()], [.. tags.Select(tag => tag.Bucket).OfType<BucketName>()])
        {
            IsByTags = members.Has("tags"),
        };
        return error;
    }

    /// <summary>Reads <c>{ "queries"?: […] }</c>.</summary>
    /// <returns>Why it is no JSON object; null when it is one.</returns>
    public static Error? Parse(ReadOnlySpan<byte> body, Action<Fault> addFault, out WarmCache command)
    {
        var error = JsonMembers.Parse(body, "what is asked again", ["queries"], addFault, out var members);
        command = new WarmCache(members.List("queries", WarmCache.MaxQueries, text => text, ErrorCodes.WrongType, "is a path with its query"));
        return error;
    }

    public static void Write(Utf8JsonWriter json, PurgeCache command, PurgedCache purged)
    {
        json.WriteStartObject();
        json.WriteString("status"u8, "purged"u8);
        json.WriteString("scope"u8, command.IsAll ? "all"u8 : command.IsByTags ? "tags"u8 : "devices"u8);
        if (purged.Removed is { } removed)
            json.WriteNumber("removed"u8, removed);
        json.WriteEndObject();
    }

    public static void Write(Utf8JsonWriter json, WarmedCache warmed)
    {
        json.WriteStartObject();
        json.WriteString("status"u8, "warmed"u8);
        json.WriteNumber("warmed"u8, warmed.Warmed);
        json.WriteStartArray("failed"u8);
        foreach (var failed in warmed.Failed)
        {
            json.WriteStartObject();
            json.WriteString("query"u8, failed.Address);
            json.WriteString("code"u8, failed.Error.Code);
            json.WriteString("message"u8, failed.Error.Message);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static IReadOnlyList<T> List<T>(JsonMembers members, string name, Func<string, T?> tryRead, string should)
        where T : class
    {
        var list = members.List(name, PurgeCache.MaxElements, tryRead, ErrorCodes.InvalidIdentifier, should);
        if (list is { Count: 0 })
            members.AddFault(name, ErrorCodes.Required, $"'{name}' is empty.");
        return list ?? [];
    }

    private static string? DeviceOf(string text) => Identifier.Check(Encoding.UTF8.GetBytes(text)) is null ? text : null;

    private static Tag? TagOf(string text)
    {
        if (text.StartsWith(DeviceTag, StringComparison.Ordinal))
            return DeviceOf(text[DeviceTag.Length..]) is { } device ? new Tag(device, null) : null;
        if (!text.StartsWith(BucketTag, StringComparison.Ordinal))
            return null;
        return BucketName.TryParse(text[BucketTag.Length..], out _) is { } bucket ? new Tag(null, bucket) : null;
    }

    private sealed record Tag(string? Device, BucketName? Bucket);
}
