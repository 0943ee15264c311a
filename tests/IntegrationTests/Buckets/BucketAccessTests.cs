using System.Net;
using IotBackend.Domain.Access;
using IotBackend.Domain.Buckets;
using IotBackend.IntegrationTests.Access;
using IotBackend.IntegrationTests.Hosting;
using Xunit;

namespace IotBackend.IntegrationTests.Buckets;

public sealed class BucketAccessTests(AccessServerFixture fixture) : IClassFixture<AccessServerFixture>
{
    private readonly AccessServer _server = fixture.Server;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(Scopes.MeasurementsRead | Scopes.MeasurementsWrite | Scopes.MeasurementsDelete | Scopes.CacheManage | Scopes.MetricsRead)]
    [InlineData(Scopes.None)]
    public async Task Buckets_take_the_scope_admin_before_anything_else_is_told(Scopes scopes)
    {
        var client = await _server.ClientForAsync(key => key with { Scopes = scopes });
        foreach (var response in await AllAsync(client, "nowhere", body: "no json"))
        {
            var error = await response.ShouldFailAsync(HttpStatusCode.Forbidden, "insufficient_scope");
            Assert.Equal("admin", error.Details?.GetProperty("requiredScope").GetString());
        }

        using var list = await client.GetAsync(BucketRequests.Path, Cancel);
        await list.ShouldFailAsync(HttpStatusCode.Forbidden, "insufficient_scope");
    }

    [Fact]
    public async Task Without_a_key_there_is_nothing_to_see()
    {
        using var list = await _server.Client().GetAsync(BucketRequests.Path, Cancel);
        await list.ShouldFailAsync(HttpStatusCode.Unauthorized, "missing_credentials");
        foreach (var response in await AllAsync(_server.Client(), "default"))
            await response.ShouldFailAsync(HttpStatusCode.Unauthorized, "missing_credentials");
    }

    [Fact]
    public async Task Key_with_buckets_sees_and_changes_these_only()
    {
        var admin = _server.Client(_server.AdminKey);
        await admin.CreateBucketAsync("theirs", """{ "description": "secret" }""");
        var client = await _server.ClientForAsync(key => key with { Buckets = [Named("mine"), Named("later")] });

        await client.CreateBucketAsync("mine");
        Assert.Equal(["mine"], (await client.ListBucketsAsync()).Names);
        Assert.Equal(["default", "mine", "theirs"], (await admin.ListBucketsAsync()).Names);
        foreach (var foreign in new[] { "theirs", "default", "nowhere" })
        {
            foreach (var response in await AllAsync(client, foreign))
                await response.ShouldFailAsync(HttpStatusCode.Forbidden, "bucket_not_allowed");
        }

        Assert.Equal("secret", (await admin.ReadBucketAsync("theirs")).GetProperty("description").GetString());
        using var deleted = await client.DeleteBucketAsync("mine", confirm: "mine");
        await deleted.ShouldBeAsync(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Key_of_some_devices_changes_no_bucket()
    {
        var client = await _server.ClientForAsync(key => key with { Devices = [DevicePattern.Parse("greenhouse-*")] });

        await client.ReadBucketAsync("default");
        using var saved = await client.PutBucketAsync("default", """{ "retentionHours": 1 }""");
        using var deleted = await client.DeleteBucketAsync("default", confirm: "default");

        await saved.ShouldFailAsync(HttpStatusCode.Forbidden, "device_not_allowed");
        await deleted.ShouldFailAsync(HttpStatusCode.Forbidden, "device_not_allowed");
    }

    [Fact]
    public async Task Changes_are_logged_with_the_key_that_made_them()
    {
        var client = _server.Client(_server.AdminKey);
        await client.CreateBucketAsync("logged", """{ "retentionHours": 24 }""");
        using var deleted = await client.DeleteBucketAsync("logged", confirm: "logged");
        await deleted.ShouldBeAsync(HttpStatusCode.OK);

        var id = _server.AdminKey.Split('_')[1];
        Assert.Contains(_server.LogLines, line => line.StartsWith($"Information Bucket logged keeps 24 h from now on, said key {id}", StringComparison.Ordinal));
        Assert.Contains(_server.LogLines, line => line.StartsWith($"Warning Bucket logged is deleted with all that it held, said key {id}", StringComparison.Ordinal));
    }

    private static BucketName Named(string name) => BucketName.TryParse(name, out _)!;

    private static async Task<HttpResponseMessage[]> AllAsync(HttpClient client, string name, string body = "{}") =>
    [
        await client.GetAsync(BucketRequests.AddressOf(name), Cancel),
        await client.PutBucketAsync(name, body),
        await client.DeleteBucketAsync(name, confirm: name),
    ];
}
