using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using IotBackend.IntegrationTests.Access;
using IotBackend.IntegrationTests.Hosting;
using Xunit;

namespace IotBackend.IntegrationTests.Security;

/// <summary>OWASP API3:2023, broken object property level authorization: no body sets what it may not, and no answer shows what it should not.</summary>
public sealed class Api3PropertyLevelAuthorizationTests(AccessServerFixture fixture) : IClassFixture<AccessServerFixture>
{
    // What the objects have but a client does not set, and what deserializers of other programs fell for.
    private static readonly string[] Foreign =
    [
        "id", "key", "secret", "secretHash", "status", "createdAt", "revokedAt", "version", "count", "isAdmin", "admin", "role", "keyId", "actor", "receivedAt", "lastUsedAt",
        "$type", "__proto__", "constructor", "", "ID", "Name", "VALUE",
    ];

    private readonly AccessServer _server = fixture.Server;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_json_body_refuses_members_that_it_does_not_have()
    {
        var admin = _server.Client(_server.AdminKey);
        var bodies = (await ApiOperation.AllAsync(_server)).Where(operation => operation.BodySchema is not null).ToList();
        Assert.True(bodies.Count >= 6);
        foreach (var operation in bodies)
        {
            foreach (var member in Foreign.Except(operation.BodyMembers()))
            {
                var response = await admin.SendAsync(operation.ToRequest(new JsonObject { [member] = true }), Cancellation);
                var body = await response.Content.ReadAsStringAsync(Cancellation);
                Assert.True(response.StatusCode == HttpStatusCode.BadRequest, $"{operation} with '{member}': {(int)response.StatusCode} {body}");
                Assert.Contains(response.ReadError(body).Faults, fault => fault.Code == "unknown_member");
            }
        }
    }

    [Fact]
    public async Task Every_json_body_refuses_a_member_that_is_given_twice()
    {
        var admin = _server.Client(_server.AdminKey);
        foreach (var operation in (await ApiOperation.AllAsync(_server)).Where(operation => operation.BodySchema is not null))
        {
            var member = operation.BodyMembers()[0];
            var twice = $"{{\"{member}\":\"a\",\"{member}\":\"b\"}}";
            var response = await admin.SendAsync(operation.ToRequest(json: (string?)operation.BodySchema!["type"] == "array" ? $"[{twice}]" : twice), Cancellation);
            var body = await response.Content.ReadAsStringAsync(Cancellation);
            Assert.True(response.StatusCode == HttpStatusCode.BadRequest, $"{operation}: {(int)response.StatusCode} {body}");
            Assert.Contains(response.ReadError(body).Faults, fault => fault.Code == "duplicate_member");
        }
    }

    [Fact]
    public async Task Answers_have_no_member_that_the_document_does_not_tell()
    {
        var admin = _server.Client(_server.AdminKey);
        await admin.PostAsJsonAsync("/measurement", new { device = "shown", fields = new { a = 1 } }, Cancellation);
        await admin.PostAsJsonAsync("/admin/blocks", new { kind = "address", value = "192.0.2.1", reason = "because" }, Cancellation);
        var compared = 0;
        foreach (var operation in (await ApiOperation.AllAsync(_server)).Where(operation => operation.Method == HttpMethod.Get && operation.AnswerSchema is not null))
        {
            using var response = await admin.SendAsync(operation.ToRequest(), Cancellation);
            if (response.StatusCode != HttpStatusCode.OK)
                continue;
            var answer = JsonNode.Parse(await response.Content.ReadAsStringAsync(Cancellation));
            Assert.Equal([], Unknown(operation, operation.AnswerSchema, answer, operation.ToString()));
            compared++;
        }

        Assert.True(compared >= 10, $"Only {compared} answers were compared.");
    }

    [Fact]
    public async Task Secret_of_a_key_is_shown_at_its_making_only()
    {
        var admin = _server.Client(_server.AdminKey);
        var made = await (await admin.PostAsJsonAsync("/admin/keys", new { name = "shown once", scopes = new[] { "measurements:read" } }, Cancellation)).Content.ReadFromJsonAsync<JsonElement>(Cancellation);
        var (id, token) = (made.Text("id")!, made.Text("key")!);
        foreach (var address in new[] { "/admin/keys?limit=1000", $"/admin/keys/{id}", "/admin/audit?limit=1000" })
        {
            var body = await admin.GetStringAsync(address, Cancellation);
            Assert.Contains(id, body, StringComparison.Ordinal);
            Assert.DoesNotContain(token[17..], body, StringComparison.Ordinal);
            Assert.DoesNotContain("hash", body, StringComparison.OrdinalIgnoreCase);
        }
    }

    private static IEnumerable<string> Unknown(ApiOperation operation, JsonNode? schema, JsonNode? value, string path)
    {
        schema = operation.Resolve(schema);
        if (value is JsonArray array)
            return array.SelectMany((item, index) => Unknown(operation, schema?["items"], item, $"{path}[{index}]"));
        if (value is not JsonObject known || schema is null)
            return [];
        var (properties, further) = (schema["properties"]?.AsObject(), schema["additionalProperties"]);

        // An object of which nothing is told holds whatever its holder chose.
        if (properties is null && further is null)
            return [];
        return known.SelectMany(member => properties?[member.Key] is { } inner
            ? Unknown(operation, inner, member.Value, $"{path}.{member.Key}")
            : further is not null ? Unknown(operation, further, member.Value, $"{path}.{member.Key}") : [$"{path}.{member.Key}"]);
    }
}
