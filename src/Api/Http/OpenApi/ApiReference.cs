using System.Reflection;
using System.Text.Json.Serialization;
using IotBackend.Api.Composition;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.Extensions.Options;
using Microsoft.OpenApi;
using Scalar.AspNetCore;

namespace IotBackend.Api.Http.OpenApi;

/// <summary>The OpenAPI document and its interactive reference, both public unless <c>ApiReference:Enabled</c> is false.</summary>
internal static class ApiReference
{
    private const string Pages = "/docs";

    public static IServiceCollection AddApiReference(this IServiceCollection services) => services
        .ConfigureHttpJsonOptions(options => options.SerializerOptions.NumberHandling = JsonNumberHandling.Strict)
        .AddOpenApi("v1", options =>
        {
            options.OpenApiVersion = OpenApiSpecVersion.OpenApi3_1;
            options.AddDocumentTransformer<DocumentDescription>();
            options.AddOperationTransformer<OperationDescription>();
            options.AddSchemaTransformer((schema, context, _) =>
            {
                Describe(schema, context);
                return Task.CompletedTask;
            });
        });

    public static void MapApiReference(this WebApplication app)
    {
        if (!app.Services.GetRequiredService<IOptions<ApiReferenceOptions>>().Value.Enabled)
            return;
        app.MapOpenApi("/openapi/{documentName}.json").AllowAnonymous();
        app.MapScalarApiReference(Pages, (options, context) =>
        {
            context.Response.OnStarting(LoosenPolicy, context);
            options
                .WithTitle("IotBackend API")
                .WithOpenApiRoutePattern("/openapi/{documentName}.json")
                .WithNonce()
                .DisableDefaultFonts()
                .DisableTelemetry()
                .HideDeveloperTools()
                .DisableAgent();
        }).AllowAnonymous();
    }

    private static void Describe(OpenApiSchema schema, OpenApiSchemaTransformerContext context)
    {
        if (context.JsonPropertyInfo?.AttributeProvider?.IsDefined(typeof(TimeOrMillisecondsAttribute), false) == true)
            schema.Type = JsonSchemaType.String | JsonSchemaType.Integer;
        if (context.JsonTypeInfo.Type.GetCustomAttribute<FurtherNumbersAttribute>() is { } further)
            schema.AdditionalProperties = new OpenApiSchema { Type = JsonSchemaType.Number, Description = further.Description };
    }

    // Scripts by the page's own nonce; the page's library writes its styles inline. Nothing comes from another host.
    private static Task LoosenPolicy(object state)
    {
        var context = (HttpContext)state;
        if (context.Items[ScalarOptions.NonceHttpContextItemKey] is string nonce)
        {
            context.Response.Headers.ContentSecurityPolicy =
                $"default-src 'none'; script-src 'nonce-{nonce}' 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
                + "font-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
        }

        return Task.CompletedTask;
    }
}
