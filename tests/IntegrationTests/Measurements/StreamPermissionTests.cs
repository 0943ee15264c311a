using System.Net;
using System.Net.Http.Json;
using IotBackend.Domain.Access;
using IotBackend.Domain.ApiKeys;
using IotBackend.IntegrationTests.Access;
using IotBackend.IntegrationTests.Hosting;
using Xunit;

namespace IotBackend.IntegrationTests.Measurements;

/// <summary>Who may stream, how often at a time, and that he may no longer once his key says so.</summary>
public sealed class StreamPermissionTests
{
    private const int Batches = 24;
    private const int MeasurementsOfABatch = 1_000;
    private const string All = "measurements?from=1970-01-01T00:00:00Z&order=asc";

    // A reader who takes nothing must not be cut off for that.
    private const string Patient = "--Overload:GraceSeconds=600";

    private static readonly string Text = new('x', 1_000);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("application/x-ndjson", "revoke")]
    [InlineData("text/csv", "revoke")]
    [InlineData("text/csv", "narrow")]
    [InlineData("application/x-ndjson", "move")]
    [InlineData("text/csv", "block")]
    public async Task Stream_is_cut_when_its_key_may_not_see_it_any_more_although_its_reader_takes_nothing(string form, string act)
    {
        await using var server = await AccessServer.StartAsync(null, Patient, "--Overload:MaxStreams=1");
        var admin = server.Client(server.AdminKey);
        await FillAsync(admin);
        var token = await server.AddKeyAsync(key => key with { Scopes = Scopes.MeasurementsRead });
        using var response = await AskAsync(server.Client(token), All, form);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        await using var body = await response.Content.ReadAsStreamAsync(Cancel);
        await body.ReadExactlyAsync(new byte[1_000], Cancel);
        Assert.False(await IsPlaceFreeAsync(admin));

        var began = TimeProvider.System.GetTimestamp();
        await ActAsync(admin, IdOf(token), act);
        await Eventually.TrueAsync(() => IsPlaceFreeAsync(admin), "the stream ends", TimeSpan.FromSeconds(10));
        Assert.InRange(TimeProvider.System.GetElapsedTime(began), TimeSpan.Zero, TimeSpan.FromSeconds(5));

        // It never looks complete, and has little more than was on the way.
        var rest = new CountingStream();
        await Assert.ThrowsAnyAsync<IOException>(() => body.CopyToAsync(rest, Cancel));
        Assert.InRange(rest.Count, 0, Batches * MeasurementsOfABatch * Text.Length);
        Assert.Contains(server.LogLines, line => line.Contains("was cut off", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Stream_goes_on_when_another_key_ends_and_when_its_own_changes_in_what_is_not_seen()
    {
        await using var server = await AccessServer.StartAsync(null, Patient);
        var admin = server.Client(server.AdminKey);
        await FillAsync(admin);
        var (token, other) = (await server.AddKeyAsync(), await server.AddKeyAsync());
        using var response = await AskAsync(server.Client(token), All, "application/x-ndjson");
        await using var body = await response.Content.ReadAsStreamAsync(Cancel);
        await body.ReadExactlyAsync(new byte[1_000], Cancel);

        (await admin.DeleteAsync($"/admin/keys/{IdOf(other)}", Cancel)).EnsureSuccessStatusCode();
        (await admin.PatchAsJsonAsync($"/admin/keys/{IdOf(token)}", new { name = "renamed" }, Cancel)).EnsureSuccessStatusCode();
        await Eventually.PauseAsync(TimeSpan.FromSeconds(1));

        var rest = new CountingStream();
        await body.CopyToAsync(rest, Cancel);
        Assert.InRange(rest.Count, Batches * MeasurementsOfABatch * Text.Length, long.MaxValue);
    }

    [Fact]
    public async Task Key_and_server_stream_so_many_answers_and_one_that_ends_makes_room()
    {
        await using var server = await AccessServer.StartAsync(null, Patient, "--Overload:MaxStreams=3", "--Overload:MaxStreamsPerKey=2");
        await FillAsync(server.Client(server.AdminKey));
        var (one, other) = (server.Client(await server.AddKeyAsync()), server.Client(await server.AddKeyAsync()));
        using var first = await AskAsync(one, All, "text/csv");
        var second = await AskAsync(one, All, "application/x-ndjson");
        Assert.Equal([HttpStatusCode.OK, HttpStatusCode.OK], [first.StatusCode, second.StatusCode]);
        using (var third = await AskAsync(one, All, "text/csv"))
        {
            await third.ShouldFailAsync(HttpStatusCode.TooManyRequests, "too_many_streams");
            Assert.True(third.Headers.RetryAfter!.Delta >= TimeSpan.FromSeconds(1));
        }

        using var ofOther = await AskAsync(other, All, "text/csv");
        Assert.Equal(HttpStatusCode.OK, ofOther.StatusCode);
        using (var surplus = await AskAsync(other, All, "text/csv"))
            await surplus.ShouldFailAsync(HttpStatusCode.ServiceUnavailable, "overloaded");

        second.Dispose();
        await Eventually.TrueAsync(() => IsPlaceFreeAsync(one), "a stream that has ended makes room");
    }

    private static async Task ActAsync(HttpClient admin, string keyId, string act)
    {
        using var response = act switch
        {
            "revoke" => await admin.DeleteAsync($"/admin/keys/{keyId}", Cancel),
            "narrow" => await admin.PatchAsJsonAsync($"/admin/keys/{keyId}", new { devices = new[] { "other" } }, Cancel),
            "move" => await admin.PatchAsJsonAsync($"/admin/keys/{keyId}", new { buckets = new[] { "other" } }, Cancel),
            _ => await admin.PostAsJsonAsync("/admin/blocks", new { kind = "key", value = keyId, reason = "test" }, Cancel),
        };
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync(Cancel));
    }

    private static async Task<bool> IsPlaceFreeAsync(HttpClient client)
    {
        using var response = await AskAsync(client, All + "&limit=1", "application/x-ndjson");
        return response.StatusCode == HttpStatusCode.OK;
    }

    private static Task<HttpResponseMessage> AskAsync(HttpClient client, string address, string accept)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, address);
        request.Headers.Add("Accept", accept);
        return client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Cancel);
    }

    private static async Task FillAsync(HttpClient client)
    {
        for (var batch = 0; batch < Batches; batch++)
        {
            var items = Enumerable.Range(batch * MeasurementsOfABatch, MeasurementsOfABatch).Select(i => $$$"""{"device":"d","timestamp":{{{i}}},"fields":{"s":"{{{Text}}}"}}""");
            using var response = await client.PostJsonAsync(Posting.Many, $"[{string.Join(',', items)}]");
            Assert.Equal(HttpStatusCode.Created, response.StatusCode);
        }
    }

    private static string IdOf(string token)
    {
        Assert.True(ApiKeyToken.TryParse(token, out var id, out _));
        return id.ToString();
    }

    private sealed class CountingStream : Stream
    {
        public long Count { get; private set; }

        public override bool CanRead => false;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => Count;

        public override long Position
        {
            get => Count;
            set => throw new NotSupportedException();
        }

        public override void Flush()
        {
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => Count += count;
    }
}
