using IotBackend.Api.Composition;
using Microsoft.Extensions.Options;
using Scalar.AspNetCore;

namespace IotBackend.Api.Http.OpenApi;

/// <summary>The OpenAPI document and its interactive reference, both public unless <c>ApiReference:Enabled</c> is false.</summary>
internal static class ApiReference
{
    private const string Pages = "/docs";

    public static IServiceCollection AddApiReference(this IServiceCollection services) => services
        .AddOpenApi("v1", options =>
        {
            options.OpenApiVersion = Microsoft.OpenApi.OpenApiSpecVersion.OpenApi3_1;
            options.AddDocumentTransformer<DocumentDescription>();
            options.AddOperationTransformer<OperationDescription>();
        });

    public static void MapApiReference(this WebApplication app)
    {
        if (!app.Services.GetRequiredService<IOptions<ApiReferenceOptions>>().Value.Enabled)
            return;
        app.MapOpenApi("/openapi/{documentName}.json").AllowAnonymous();
        app.MapScalarApiReference(Pages, options => options
            .WithTitle("IotBackend API")
            .WithOpenApiRoutePattern("/openapi/{documentName}.json")
            .DisableDefaultFonts()
            .DisableTelemetry()
            .DisableAgent()).AllowAnonymous();
    }
}
