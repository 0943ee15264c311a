using IotBackend.IntegrationTests.Access;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace IotBackend.IntegrationTests.Security;

/// <summary>OWASP API9:2023, improper inventory management: what is served is what is documented.</summary>
public sealed class Api9InventoryTests(AccessServerFixture fixture) : IClassFixture<AccessServerFixture>
{
    // InfluxDB's interface, which docs/influxdb-clients.md tells of.
    private static readonly string[] OfInflux = ["GET /ping", "POST /api/v2/write", "POST /write"];

    private readonly AccessServer _server = fixture.Server;

    private IEnumerable<RouteEndpoint> Routes => _server.Services.GetRequiredService<IEnumerable<EndpointDataSource>>().SelectMany(source => source.Endpoints).OfType<RouteEndpoint>();

    [Fact]
    public async Task Every_route_is_in_the_document_and_the_other_way_round()
    {
        var documented = (await ApiOperation.AllAsync(_server)).Select(operation => operation.ToString()).ToHashSet();
        var served = Routes.Where(route => !IsReference(route)).SelectMany(Operations).ToHashSet();
        Assert.Equal(documented.Concat(OfInflux).Order(StringComparer.Ordinal), served.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task What_the_document_calls_public_is_public_and_nothing_else()
    {
        var open = (await ApiOperation.AllAsync(_server)).Where(operation => !operation.NeedsKey).Select(operation => operation.ToString()).ToHashSet();
        var anonymous = Routes.Where(route => !IsReference(route) && route.Metadata.GetMetadata<IAllowAnonymous>() is not null).SelectMany(Operations).ToHashSet();
        Assert.Equal(open.Append("GET /ping").Order(StringComparer.Ordinal), anonymous.Order(StringComparer.Ordinal));
        Assert.All(Routes, route => Assert.True(
            route.Metadata.GetMetadata<IAllowAnonymous>() is not null || route.Metadata.GetMetadata<IAuthorizeData>() is not null, $"{route} asks for nothing."));
    }

    [Fact]
    public void Document_and_reference_are_the_only_other_pages() =>
        Assert.All(Routes.Where(IsReference), route => Assert.True(route.Metadata.GetMetadata<IAllowAnonymous>() is not null));

    private static bool IsReference(RouteEndpoint route) => Pattern(route).StartsWith("/openapi/", StringComparison.Ordinal) || Pattern(route).StartsWith("/docs", StringComparison.Ordinal);

    private static IEnumerable<string> Operations(RouteEndpoint route) =>
        (route.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods ?? ["ANY"]).Where(method => method != "HEAD").Select(method => $"{method} {Pattern(route)}");

    // Without the constraints of parameters, which the document does not have.
    private static string Pattern(RouteEndpoint route) => "/" + string.Join('/', route.RoutePattern.PathSegments.Select(segment =>
        string.Concat(segment.Parts.Select(part => part switch
        {
            Microsoft.AspNetCore.Routing.Patterns.RoutePatternLiteralPart literal => literal.Content,
            Microsoft.AspNetCore.Routing.Patterns.RoutePatternSeparatorPart separator => separator.Content,
            Microsoft.AspNetCore.Routing.Patterns.RoutePatternParameterPart parameter => $"{{{parameter.Name}}}",
            _ => "?",
        }))));
}
