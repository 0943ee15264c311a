using System.Net;
using IotBackend.Application.ApiKeys;
using IotBackend.IntegrationTests.Access;
using IotBackend.IntegrationTests.Hosting;
using Xunit;

namespace IotBackend.IntegrationTests.ApiKeys;

public sealed class KeyListFaultTests(AccessServerFixture fixture) : IClassFixture<AccessServerFixture>
{
    private readonly HttpClient _admin = fixture.Server.Client(fixture.Server.AdminKey);

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("?limit=0", "limit", "invalid_parameter")]
    [InlineData("?limit=1001", "limit", "invalid_parameter")]
    [InlineData("?limit=1&limit=2", "limit", "invalid_parameter")]
    [InlineData("?status=Active", "status", "invalid_parameter")]
    [InlineData("?q=a%00b", "q", "invalid_parameter")]
    [InlineData("?tier=%00", "tier", "invalid_parameter")]
    [InlineData("?name=x", "name", "invalid_parameter")]
    public async Task Wrong_parameter_is_named(string query, string parameter, string code)
    {
        using var response = await _admin.GetAsync(KeyRequests.Path + query, Cancelled);
        (await response.ShouldFailAsync(HttpStatusCode.BadRequest, "invalid_parameter")).ShouldTell(parameter, code);
    }

    [Theory]
    [InlineData("x")]
    [InlineData("AAAAAAAAAAA")]
    [InlineData("//////////")]
    [InlineData("_____________________________")]
    public async Task Cursor_that_no_page_gave_is_refused(string cursor) => await AssertInvalidCursorAsync(cursor);

    [Fact]
    public async Task Cursor_of_any_size_is_refused() => await AssertInvalidCursorAsync(new string('A', 7_000));

    [Fact]
    public async Task Search_has_at_most_128_characters_and_a_page_at_most_1000_keys()
    {
        Assert.Empty((await _admin.ListKeysAsync("?q=" + new string('a', 128))).Ids);
        using var response = await _admin.GetAsync(KeyRequests.Path + "?q=" + new string('a', 129), Cancelled);
        (await response.ShouldFailAsync(HttpStatusCode.BadRequest, "invalid_parameter")).ShouldTell("q", "invalid_parameter");
        Assert.NotEmpty((await _admin.ListKeysAsync($"?limit={ListApiKeys.MaxLimit}")).Ids);
    }

    private async Task AssertInvalidCursorAsync(string cursor)
    {
        using var response = await _admin.GetAsync(KeyRequests.Path + "?cursor=" + cursor, Cancelled);
        await response.ShouldFailAsync(HttpStatusCode.BadRequest, "invalid_cursor");
    }
}
