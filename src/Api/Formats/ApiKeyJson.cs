using System.Net;
using System.Text.Json;
using IotBackend.Application.ApiKeys;
using IotBackend.Domain.Access;
using IotBackend.Domain.ApiKeys;
using IotBackend.Domain.Buckets;
using IotBackend.Domain.Results;

namespace IotBackend.Api.Formats;

/// <summary>API keys as the contract's JSON.</summary>
internal static class ApiKeyJson
{
    private const int MaxElements = 1_000;

    private static readonly string[] Members = ["name", "notes", "scopes", "tier", "buckets", "devices", "networks", "certificates", "expiresAt"];

    /// <summary>Reads what a body says of a key.</summary>
    /// <param name="body">The whole body.</param>
    /// <param name="isNew">Whether it has to say what a key can not be without.</param>
    /// <param name="now">An expiry must be later.</param>
    /// <param name="addFault">Takes the faults of single members.</param>
    /// <param name="values">What it says.</param>
    /// <returns>Why it is no JSON object; null when it is one.</returns>
    public static Error? Parse(ReadOnlySpan<byte> body, bool isNew, DateTimeOffset now, Action<Fault> addFault, out ApiKeyValues values)
    {
        var error = JsonMembers.Parse(body, "a key", Members, addFault, out var members);
        values = new ApiKeyValues
        {
            Name = members.Text("name", 1, 128),
            Notes = members.Text("notes", 0, 2_048, isMultiline: true),
            Scopes = ReadScopes(members),
            Tier = members.Text("tier", 1, 64),
            Buckets = members.List("buckets", MaxElements, text => BucketName.TryParse(text, out _), ErrorCodes.InvalidIdentifier, "is the name of a bucket"),
            Devices = members.List(
                "devices", MaxElements, text => DevicePattern.TryParse(text, out _), ErrorCodes.InvalidIdentifier, "is the name of a device, or its beginning and a star: greenhouse-*"),
            Networks = ReadNetworks(members),
            Certificates = members.List(
                "certificates", MaxElements, CertificateFingerprint.TryParse, ErrorCodes.InvalidFingerprint, "is the SHA-256 of a certificate: 64 hexadecimal digits"),
            HasExpiresAt = members.Has("expiresAt"),
            ExpiresAt = ReadExpiry(members, now),
        };
        if (isNew && error is null)
            RequireForNew(members);
        return error;
    }

    /// <summary>Reads <c>{ "overlapSeconds"?: number }</c>, or nothing at all.</summary>
    public static Error? ParseRotation(ReadOnlySpan<byte> body, Action<Fault> addFault, out TimeSpan overlap)
    {
        overlap = TimeSpan.FromSeconds(RotateApiKey.DefaultOverlapSeconds);
        if (body.IsEmpty)
            return null;
        var error = JsonMembers.Parse(body, "a rotation", ["overlapSeconds"], addFault, out var members);
        if (members.Integer("overlapSeconds", 0, RotateApiKey.MaxOverlapSeconds) is { } seconds)
            overlap = TimeSpan.FromSeconds(seconds);
        return error;
    }

    public static void Write(Utf8JsonWriter json, ApiKeyPage page, string? nextCursor, DateTimeOffset now)
    {
        json.WriteStartObject();
        json.WriteStartArray("items"u8);
        foreach (var key in page.Items)
            Write(json, key, null, now);
        json.WriteEndArray();
        json.WriteBoolean("hasMore"u8, page.HasMore);
        if (nextCursor is not null)
            json.WriteString("nextCursor"u8, nextCursor);
        json.WriteEndObject();
    }

    /// <param name="json">Takes the object.</param>
    /// <param name="key">The key.</param>
    /// <param name="token">What its holder presents, when it was made now; else null.</param>
    /// <param name="now">Tells whether it has expired.</param>
    public static void Write(Utf8JsonWriter json, ApiKey key, string? token, DateTimeOffset now)
    {
        json.WriteStartObject();
        if (token is not null)
            json.WriteString("key"u8, token);
        json.WriteString("id"u8, key.Id);
        json.WriteString("name"u8, key.Name);
        json.WriteString("notes"u8, key.Notes);
        WriteList(json, "scopes"u8, key.Scopes.ToNames());
        json.WriteString("tier"u8, key.Tier);
        WriteList(json, "buckets"u8, key.Buckets.Select(bucket => bucket.Value));
        WriteList(json, "devices"u8, key.Devices.Select(device => device.Text));
        WriteList(json, "networks"u8, key.Networks.Select(network => network.ToString()));
        WriteList(json, "certificates"u8, key.Certificates.Select(certificate => certificate.Value));
        JsonTime.Write(json, "expiresAt"u8, key.ExpiresAt);
        json.WriteString("status"u8, StatusName(key.StatusAt(now)));
        JsonTime.Write(json, "createdAt"u8, key.CreatedAt);
        JsonTime.Write(json, "revokedAt"u8, key.RevokedAt);
        JsonTime.Write(json, "oldSecretUntil"u8, key.PreviousSecretUntil > now ? key.PreviousSecretUntil : null);
        JsonTime.Write(json, "lastUsedAt"u8, key.LastUsedAt);
        json.WriteString("lastUsedFrom"u8, key.LastUsedFrom);
        json.WriteEndObject();
    }

    public static ApiKeyStatus? TryReadStatus(string name) => name switch
    {
        "active" => ApiKeyStatus.Active,
        "expired" => ApiKeyStatus.Expired,
        "revoked" => ApiKeyStatus.Revoked,
        _ => null,
    };

    private static string StatusName(ApiKeyStatus status) => status switch
    {
        ApiKeyStatus.Active => "active",
        ApiKeyStatus.Expired => "expired",
        _ => "revoked",
    };

    private static void RequireForNew(JsonMembers members)
    {
        if (!members.Has("name"))
            members.AddFault("name", ErrorCodes.Required, "A key needs a 'name'.");
        if (!members.Has("scopes"))
            members.AddFault("scopes", ErrorCodes.Required, "A key needs 'scopes': what it may do.");
    }

    private static Scopes? ReadScopes(JsonMembers members)
    {
        var names = members.List("scopes", MaxElements, ReadScope, ErrorCodes.UnknownScope, $"is one of {string.Join(", ", ScopeNames.All)}");
        if (names is null)
            return null;
        return names.Aggregate(Scopes.None, (all, name) => all | name.Value);
    }

    private static NamedScope? ReadScope(string name) => ScopeNames.TryParse(name, out var scope) ? new NamedScope(scope) : null;

    private static List<IPNetwork>? ReadNetworks(JsonMembers members) =>
        members.List("networks", MaxElements, ReadNetwork, ErrorCodes.InvalidNetwork, "is a network such as 10.0.0.0/8 or 2001:db8::/32, without bits beyond its prefix")
            is { } networks ? [.. networks.Select(network => network.Value)] : null;

    private static Network? ReadNetwork(string text) => NetworkText.TryParse(text) is { } network ? new Network(network) : null;

    private static DateTimeOffset? ReadExpiry(JsonMembers members, DateTimeOffset now)
    {
        var expiry = members.Time("expiresAt");
        if (expiry <= now)
            members.AddFault("expiresAt", ErrorCodes.TimestampOutOfRange, "'expiresAt' is in the past; a key is ended at once by DELETE.");
        return expiry;
    }

    private static void WriteList(Utf8JsonWriter json, ReadOnlySpan<byte> name, IEnumerable<string> texts)
    {
        json.WriteStartArray(name);
        foreach (var text in texts)
            json.WriteStringValue(text);
        json.WriteEndArray();
    }

    private sealed record NamedScope(Scopes Value);

    private sealed record Network(IPNetwork Value);
}
