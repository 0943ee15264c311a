using System.Net;
using System.Text.Json;
using IotBackend.IntegrationTests.Access;
using IotBackend.IntegrationTests.Hosting;
using Xunit;

namespace IotBackend.IntegrationTests.ApiKeys;

public sealed class ChangeKeyTests(AccessServerFixture fixture) : IClassFixture<AccessServerFixture>
{
    private readonly AccessServer _server = fixture.Server;
    private readonly HttpClient _admin = fixture.Server.Client(fixture.Server.AdminKey);

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("name", "\"other\"")]
    [InlineData("notes", "\"other\\nnotes\"")]
    [InlineData("scopes", """["measurements:read","admin"]""")]
    [InlineData("scopes", "[]")]
    [InlineData("tier", "\"premium\"")]
    [InlineData("buckets", """["default","other"]""")]
    [InlineData("devices", """["greenhouse-*"]""")]
    [InlineData("networks", """["127.0.0.0/8"]""")]
    [InlineData("certificates", """["0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"]""")]
    [InlineData("expiresAt", "\"2099-12-31T23:59:59Z\"")]
    public async Task Change_of_one_member_leaves_the_others(string member, string value)
    {
        var made = await _admin.CreateKeyAsync("""{"name":"n","scopes":["measurements:write"],"buckets":["b"],"devices":["d"],"networks":["::/0"],"expiresAt":"2098-01-01T00:00:00Z"}""");
        using var response = await _admin.ChangeKeyAsync(made.Id, $$"""{"{{member}}":{{value}}}""");
        await response.ShouldBeAsync(HttpStatusCode.OK);
        Assert.NotEqual(made.ETag, response.Headers.ETag!.ToString());
        var answered = await response.ReadAsync();
        var read = await _admin.ReadKeyAsync(made.Id);
        Assert.Equal(read.GetRawText(), answered.GetRawText());
        foreach (var property in read.EnumerateObject())
        {
            var expected = property.Name == member ? JsonDocument.Parse(value).RootElement.GetRawText() : made.Body.GetProperty(property.Name).GetRawText();
            Assert.Equal(expected, property.Value.GetRawText());
        }
    }

    [Fact]
    public async Task Expiry_is_taken_away_by_null()
    {
        var made = await _admin.CreateKeyAsync("""{"name":"n","scopes":[],"expiresAt":"2098-01-01T00:00:00Z"}""");
        using var response = await _admin.ChangeKeyAsync(made.Id, """{"expiresAt":null}""");
        Assert.Equal(JsonValueKind.Null, (await response.ReadAsync()).GetProperty("expiresAt").ValueKind);
    }

    [Fact]
    public async Task Change_holds_at_once()
    {
        var token = await _admin.CreateTokenAsync();
        var client = _server.Client(token);
        foreach (var (body, device, status, code) in new[]
        {
            ("{}", "d", HttpStatusCode.OK, ""),
            ("""{"scopes":["measurements:write"]}""", "d", HttpStatusCode.Forbidden, "insufficient_scope"),
            ("""{"scopes":["measurements:read"],"devices":["greenhouse-*"]}""", "d", HttpStatusCode.Forbidden, "device_not_allowed"),
            ("{}", "greenhouse-1", HttpStatusCode.OK, ""),
            ("""{"buckets":["other"]}""", "greenhouse-1", HttpStatusCode.Forbidden, "bucket_not_allowed"),
            ("""{"networks":["192.0.2.0/24"]}""", "greenhouse-1", HttpStatusCode.Forbidden, "network_not_allowed"),
            ("""{"networks":["127.0.0.1","::1"],"devices":["*"],"buckets":["default"]}""", "d", HttpStatusCode.OK, ""),
        })
        {
            (await _admin.ChangeKeyAsync(token, body)).EnsureSuccessStatusCode().Dispose();
            using var response = await client.GetAsync($"/measurements?bucket=default&device={device}", Cancelled);
            if (code.Length == 0)
                await response.ShouldBeAsync(status);
            else
                await response.ShouldFailAsync(status, code);
        }
    }

    [Theory]
    [InlineData("id", "\"000000000000\"")]
    [InlineData("status", "\"active\"")]
    [InlineData("createdAt", "\"2020-01-01T00:00:00Z\"")]
    [InlineData("revokedAt", "null")]
    [InlineData("version", "0")]
    [InlineData("Version", "0")]
    [InlineData("key", "\"iot_x\"")]
    [InlineData("secretHash", "\"AAAA\"")]
    [InlineData("lastUsedAt", "null")]
    [InlineData("Name", "\"n\"")]
    [InlineData("isAdmin", "true")]
    public async Task What_is_not_the_clients_to_say_is_refused(string member, string value)
    {
        var made = await _admin.CreateKeyAsync("""{"name":"n","scopes":[]}""");
        using var changed = await _admin.ChangeKeyAsync(made.Id, $$"""{"name":"m","{{member}}":{{value}}}""");
        (await changed.ShouldFailAsync(HttpStatusCode.BadRequest, "invalid_request")).ShouldTell(member, "unknown_member");
        using var created = await _admin.PostAsync(KeyRequests.Path, KeyRequests.Json($$"""{"name":"m","scopes":[],"{{member}}":{{value}}}"""), Cancelled);
        (await created.ShouldFailAsync(HttpStatusCode.BadRequest, "invalid_request")).ShouldTell(member, "unknown_member");
        Assert.Equal("n", (await _admin.ReadKeyAsync(made.Id)).GetProperty("name").GetString());
    }

    [Fact]
    public async Task All_faults_are_told_at_once_and_nothing_is_changed()
    {
        var made = await _admin.CreateKeyAsync("""{"name":"n","scopes":[]}""");
        using var response = await _admin.ChangeKeyAsync(made.Id, """
            {"name":"","notes":7,"scopes":["admin","root"],"tier":null,"buckets":"default","devices":["ok","bad\u0007","_x"],"networks":["10.0.0.1/8","10.0.0.0/8"],
             "certificates":["abc"],"expiresAt":"2020-01-01T00:00:00Z","nonsense":1,"name":"twice"}
            """);
        var error = await response.ShouldFailAsync(HttpStatusCode.BadRequest, "invalid_request");
        foreach (var (field, code) in new[]
        {
            ("name", "required"), ("name", "duplicate_member"), ("notes", "wrong_type"), ("scopes[1]", "unknown_scope"), ("tier", "wrong_type"), ("buckets", "wrong_type"),
            ("devices[1]", "invalid_identifier"), ("devices[2]", "invalid_identifier"), ("networks[0]", "invalid_network"), ("certificates[0]", "invalid_fingerprint"),
            ("expiresAt", "timestamp_out_of_range"), ("nonsense", "unknown_member"),
        })
        {
            error.ShouldTell(field, code);
        }

        Assert.Equal(12, error.Faults.Count);
        Assert.Equal("n", (await _admin.ReadKeyAsync(made.Id)).GetProperty("name").GetString());
    }

    [Fact]
    public async Task New_key_needs_name_and_scopes_and_a_tier_that_there_is()
    {
        using var empty = await _admin.PostAsync(KeyRequests.Path, KeyRequests.Json("{}"), Cancelled);
        var error = await empty.ShouldFailAsync(HttpStatusCode.BadRequest, "invalid_request");
        error.ShouldTell("name", "required");
        error.ShouldTell("scopes", "required");
        using var tier = await _admin.PostAsync(KeyRequests.Path, KeyRequests.Json("""{"name":"n","scopes":[],"tier":"gold"}"""), Cancelled);
        (await tier.ShouldFailAsync(HttpStatusCode.BadRequest, "invalid_request")).ShouldTell("tier", "unknown_tier");
    }

    [Theory]
    [InlineData(128, 2048, true)]
    [InlineData(129, 2048, false)]
    [InlineData(128, 2049, false)]
    public async Task Name_and_notes_have_their_lengths_in_characters(int name, int notes, bool isTaken)
    {
        var body = $$"""{"name":"{{string.Concat(Enumerable.Repeat("🌱", name))}}","notes":"{{new string('n', notes)}}","scopes":[]}""";
        using var response = await _admin.PostAsync(KeyRequests.Path, KeyRequests.Json(body), Cancelled);
        Assert.Equal(isTaken ? HttpStatusCode.Created : HttpStatusCode.BadRequest, response.StatusCode);
    }

    [Theory]
    [InlineData("000000000000")]
    [InlineData("x")]
    [InlineData("0000000000000")]
    [InlineData("..%2F..%2Fetc")]
    [InlineData("%E2%82%AC00000000000")]
    [InlineData("'; DROP TABLE api_keys; --")]
    public async Task Key_that_is_not_there_is_not_found(string id)
    {
        foreach (var (method, address, body) in new[]
        {
            (HttpMethod.Get, KeyRequests.AddressOf(id), null), (HttpMethod.Patch, KeyRequests.AddressOf(id), "{}"),
            (HttpMethod.Post, KeyRequests.AddressOf(id) + "/rotate", null), (HttpMethod.Delete, KeyRequests.AddressOf(id), null),
        })
        {
            using var response = await _admin.SendAsync(method, address, body);
            await response.ShouldFailAsync(HttpStatusCode.NotFound, "not_found");
        }
    }

    [Fact]
    public async Task Id_of_any_length_is_not_found()
    {
        using var response = await _admin.RevokeKeyAsync(new string('a', 6_000));
        await response.ShouldFailAsync(HttpStatusCode.NotFound, "not_found");
    }

    [Theory]
    [InlineData("", "application/json", HttpStatusCode.BadRequest, "invalid_json")]
    [InlineData("{", "application/json", HttpStatusCode.BadRequest, "invalid_json")]
    [InlineData("[]", "application/json", HttpStatusCode.BadRequest, "invalid_request")]
    [InlineData("{} {}", "application/json", HttpStatusCode.BadRequest, "invalid_json")]
    [InlineData("{}", "text/plain", HttpStatusCode.UnsupportedMediaType, "unsupported_media_type")]
    public async Task Body_that_is_no_object_of_json_is_refused(string body, string type, HttpStatusCode status, string code)
    {
        var id = KeyRequests.IdOf(_server.AdminKey);
        foreach (var (method, address) in new[] { (HttpMethod.Patch, KeyRequests.AddressOf(id)), (HttpMethod.Post, KeyRequests.Path), (HttpMethod.Post, KeyRequests.AddressOf(id) + "/rotate") })
        {
            if (body.Length == 0 && address.EndsWith("rotate", StringComparison.Ordinal))
                continue;
            using var request = new HttpRequestMessage(method, address) { Content = new StringContent(body, null, type) };
            using var response = await _admin.SendAsync(request, Cancelled);
            await response.ShouldFailAsync(status, code);
        }
    }

    [Fact]
    public async Task Body_of_more_than_256_KiB_is_refused_and_so_are_more_than_1000_elements()
    {
        using var large = await _admin.PostAsync(KeyRequests.Path, KeyRequests.Json(Padded((256 << 10) + 1)), Cancelled);
        await large.ShouldFailAsync(HttpStatusCode.RequestEntityTooLarge, "body_too_large");
        using var whole = await _admin.PostAsync(KeyRequests.Path, KeyRequests.Json(Padded(256 << 10)), Cancelled);
        await whole.ShouldBeAsync(HttpStatusCode.Created);
        using var most = await _admin.PostAsync(KeyRequests.Path, KeyRequests.Json(WithDevices(1_000)), Cancelled);
        await most.ShouldBeAsync(HttpStatusCode.Created);
        using var more = await _admin.PostAsync(KeyRequests.Path, KeyRequests.Json(WithDevices(1_001)), Cancelled);
        (await more.ShouldFailAsync(HttpStatusCode.BadRequest, "invalid_request")).ShouldTell("devices", "number_out_of_range");
    }

    private static string Padded(int length) => """{"name":"n","scopes":[]}""".PadRight(length);

    private static string WithDevices(int count) => $$"""{"name":"n","scopes":[],"devices":[{{string.Join(',', Enumerable.Range(0, count).Select(i => $"\"d{i}\""))}}]}""";
}
