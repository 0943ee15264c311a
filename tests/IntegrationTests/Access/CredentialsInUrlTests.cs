using System.Net;
using IotBackend.IntegrationTests.Hosting;
using Xunit;

namespace IotBackend.IntegrationTests.Access;

public sealed class CredentialsInUrlTests(AccessServerFixture fixture) : IClassFixture<AccessServerFixture>
{
    private readonly AccessServer _server = fixture.Server;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("/measurements?key=hunter2")]
    [InlineData("/measurements?apikey=hunter2")]
    [InlineData("/measurements?api_key=hunter2")]
    [InlineData("/measurements?api-key=hunter2")]
    [InlineData("/measurements?token=hunter2")]
    [InlineData("/measurements?access_token=hunter2")]
    [InlineData("/measurements?password=hunter2")]
    [InlineData("/measurements?limit=1&TOKEN=hunter2")]
    [InlineData("/measurements?%74oken=hunter2")]
    [InlineData("/measurements?%6b%65%79=hunter2")]
    [InlineData("/measurements?limit=1&pass%77ORD=hunter2")]
    [InlineData("/measurements?token")]
    [InlineData("/health?token=hunter2")]
    [InlineData("/nowhere?token=hunter2")]
    public async Task Credential_in_a_URL_is_refused_with_and_without_a_key(string address)
    {
        foreach (var client in new[] { _server.Client(), _server.Client(_server.AdminKey) })
        {
            var response = await client.GetAsync(address, Cancellation);
            await response.ShouldFailAsync(HttpStatusCode.BadRequest, "credentials_in_url");
            Assert.DoesNotContain("hunter2", await response.Content.ReadAsStringAsync(Cancellation), StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("/measurements?tag.token=x")]
    [InlineData("/measurements?device=token")]
    [InlineData("/measurements?name=password")]
    public async Task Other_parameters_are_left_alone(string address) =>
        await (await _server.Client(_server.AdminKey).GetAsync(address, Cancellation)).ShouldBeAsync(HttpStatusCode.OK);

    [Fact]
    public async Task Short_names_mean_no_credentials_here()
    {
        var body = await (await _server.Client(_server.AdminKey).GetAsync("/measurements?u=x", Cancellation)).Content.ReadAsStringAsync(Cancellation);
        Assert.DoesNotContain("credentials_in_url", body, StringComparison.Ordinal);
    }
}
