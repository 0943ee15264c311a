using System.Net;
using IotBackend.Domain.Access;
using IotBackend.IntegrationTests.Access;
using IotBackend.IntegrationTests.Hosting;
using Xunit;

namespace IotBackend.IntegrationTests.Security;

/// <summary>OWASP API5:2023, broken function level authorization: every operation of the document with every scope that does not suffice.</summary>
public sealed class Api5FunctionLevelAuthorizationTests(AccessServerFixture fixture) : IClassFixture<AccessServerFixture>
{
    private const Scopes AllButAdmin = Scopes.MeasurementsRead | Scopes.MeasurementsWrite | Scopes.MeasurementsDelete | Scopes.CacheManage | Scopes.MetricsRead;

    private readonly AccessServer _server = fixture.Server;

    public static TheoryData<Scopes> LowerScopes => [.. ScopeNames.All.Select(Parse).Where(scope => scope != Scopes.Admin), AllButAdmin, Scopes.None];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(LowerScopes))]
    public async Task No_lower_scope_opens_an_administrative_operation(Scopes scopes)
    {
        var client = await _server.ClientForAsync(key => key with { Scopes = scopes });
        var administrative = (await ApiOperation.AllAsync(_server)).Where(operation => operation.IsAdministrative).ToList();
        Assert.True(administrative.Count >= 15);
        foreach (var operation in administrative)
        {
            var error = await (await client.SendAsync(operation.ToRequest(), Cancellation)).ShouldFailAsync(HttpStatusCode.Forbidden, "insufficient_scope");
            Assert.Equal("admin", error.Details?.Text("requiredScope"));
        }
    }

    [Fact]
    public async Task No_operation_is_open_to_a_key_without_scopes()
    {
        var client = await _server.ClientForAsync(key => key with { Scopes = Scopes.None });
        foreach (var operation in (await ApiOperation.AllAsync(_server)).Where(operation => operation.NeedsKey))
            await (await client.SendAsync(operation.ToRequest(), Cancellation)).ShouldFailAsync(HttpStatusCode.Forbidden, "insufficient_scope");
    }

    [Fact]
    public async Task Head_and_other_spellings_of_an_address_are_no_way_around()
    {
        var client = await _server.ClientForAsync(key => key with { Scopes = AllButAdmin });
        foreach (var operation in (await ApiOperation.AllAsync(_server)).Where(operation => operation.IsAdministrative && operation.Method == HttpMethod.Get))
        {
            foreach (var address in new[] { operation.Address, operation.Address + "/", operation.Address.ToUpperInvariant(), "/health/.." + operation.Address, "/%61dmin" + operation.Address[6..], "//" + operation.Address[1..], operation.Address + "%2f", operation.Address + ";a=b" })
            {
                foreach (var method in new[] { HttpMethod.Head, HttpMethod.Get })
                {
                    using var request = new HttpRequestMessage(method, new Uri(_server.Url.GetLeftPart(UriPartial.Authority) + address));
                    using var response = await client.SendAsync(request, Cancellation);
                    Assert.True((int)response.StatusCode is >= 400 and < 500, $"{method} {address} is answered with {(int)response.StatusCode}.");
                }
            }
        }
    }

    private static Scopes Parse(string name) => ScopeNames.TryParse(name, out var scope) ? scope : throw new ArgumentException("Not a scope.", nameof(name));
}
