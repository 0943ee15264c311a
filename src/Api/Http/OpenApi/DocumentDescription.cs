using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace IotBackend.Api.Http.OpenApi;

/// <summary>Title, version and the ways to present a key.</summary>
internal sealed class DocumentDescription(Application.SystemStatus.BuildInformation build) : IOpenApiDocumentTransformer
{
    public const string KeyHeader = "apiKey";
    public const string Bearer = "bearer";

    public Task TransformAsync(OpenApiDocument document, OpenApiDocumentTransformerContext context, CancellationToken cancellationToken)
    {
        document.Info = new OpenApiInfo
        {
            Title = "IotBackend",
            Version = build.Version.ToString(3),
            Description = "Devices post measurements, applications read them back. Errors have one structure; every answer carries X-Request-ID.",
        };
        document.Servers = [];

        // HEAD is there wherever GET is; saying so twice tells nothing.
        foreach (var path in document.Paths.Values)
            path.Operations?.Remove(HttpMethod.Head);
        (document.Components ??= new OpenApiComponents()).SecuritySchemes = new Dictionary<string, IOpenApiSecurityScheme>
        {
            [KeyHeader] = new OpenApiSecurityScheme { Type = SecuritySchemeType.ApiKey, In = ParameterLocation.Header, Name = "X-API-Key" },
            [Bearer] = new OpenApiSecurityScheme { Type = SecuritySchemeType.Http, Scheme = "bearer" },
        };
        return Task.CompletedTask;
    }
}
