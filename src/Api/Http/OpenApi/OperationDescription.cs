using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc.Controllers;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.OpenApi;

namespace IotBackend.Api.Http.OpenApi;

/// <summary>Adds to each operation what its attributes declare: parameters, body, refusals, and whether it needs a key.</summary>
internal sealed class OperationDescription : IOpenApiOperationTransformer
{
    private const string Json = "application/json";

    public async Task TransformAsync(OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken cancellationToken)
    {
        var metadata = context.Description.ActionDescriptor.EndpointMetadata;
        operation.OperationId = (context.Description.ActionDescriptor as ControllerActionDescriptor)?.ActionName;
        AddParameters(operation, metadata);
        if (metadata.OfType<ConditionalChangeAttribute>().Any())
            AddHeaders(operation, ConditionalChangeAttribute.Headers);
        if (metadata.OfType<IdempotentAttribute>().Any())
            AddHeaders(operation, IdempotentAttribute.Headers);
        if (metadata.OfType<JsonRequestBodyAttribute>().FirstOrDefault() is { } body)
            await AddBodyAsync(operation, context, body.Type, cancellationToken);
        AddFurtherBodies(operation, metadata);
        if (metadata.OfType<FurtherAnswersAttribute>().FirstOrDefault() is { } further)
            await AddAnswersAsync(operation, context, further, cancellationToken);
        if (metadata.OfType<RefusesWithAttribute>().FirstOrDefault() is { } refusals)
            await AddRefusalsAsync(operation, context, refusals, cancellationToken);
        if (!metadata.OfType<IAllowAnonymous>().Any())
            AddSecurity(operation, context.Document!);
    }

    private static void AddParameters(OpenApiOperation operation, IList<object> metadata)
    {
        var filter = metadata.OfType<MeasurementFilterParametersAttribute>().Any() ? MeasurementFilterParametersAttribute.Parameters : [];
        foreach (var parameter in filter.Concat(metadata.OfType<QueryParameterAttribute>()))
        {
            var value = SchemaOf(parameter);
            (operation.Parameters ??= []).Add(new OpenApiParameter
            {
                Name = parameter.Name,
                In = ParameterLocation.Query,
                Description = parameter.Description,
                Schema = parameter.IsRepeatable ? new OpenApiSchema { Type = JsonSchemaType.Array, Items = value } : value,
            });
        }
    }

    private static void AddHeaders(OpenApiOperation operation, IReadOnlyList<(string Name, string Description)> headers)
    {
        foreach (var (name, description) in headers)
        {
            (operation.Parameters ??= []).Add(new OpenApiParameter
            {
                Name = name,
                In = ParameterLocation.Header,
                Description = description,
                Schema = new OpenApiSchema { Type = JsonSchemaType.String },
            });
        }
    }

    private static OpenApiSchema SchemaOf(QueryParameterAttribute parameter) => parameter.Maximum > 0
        ? new OpenApiSchema { Type = JsonSchemaType.Integer, Minimum = "1", Maximum = parameter.Maximum.ToString(CultureInfo.InvariantCulture) }
        : new OpenApiSchema { Type = JsonSchemaType.String, Enum = [.. parameter.Values.Select(value => (JsonNode)value)] };

    private static async Task AddBodyAsync(
        OpenApiOperation operation, OpenApiOperationTransformerContext context, Type type, CancellationToken cancellationToken) =>
        operation.RequestBody = new OpenApiRequestBody
        {
            Required = true,
            Content = new Dictionary<string, OpenApiMediaType>
            {
                [Json] = new() { Schema = await context.GetOrCreateSchemaAsync(type, null, cancellationToken) },
            },
        };

    private static void AddFurtherBodies(OpenApiOperation operation, IList<object> metadata)
    {
        foreach (var body in metadata.OfType<FurtherRequestBodyAttribute>())
        {
            operation.RequestBody ??= new OpenApiRequestBody { Required = true, Content = new Dictionary<string, OpenApiMediaType>() };
            operation.RequestBody.Content!.Add(body.MediaType, new OpenApiMediaType
            {
                Schema = new OpenApiSchema { Type = JsonSchemaType.String, Description = body.Description },
            });
        }
    }

    private static async Task AddAnswersAsync(
        OpenApiOperation operation, OpenApiOperationTransformerContext context, FurtherAnswersAttribute further, CancellationToken cancellationToken)
    {
        if (operation.Responses?["200"].Content is not { } answers)
            return;
        var other = await context.GetOrCreateSchemaAsync(further.Document, null, cancellationToken);
        answers[Json] = new OpenApiMediaType { Schema = new OpenApiSchema { OneOf = [answers[Json].Schema!, other] } };
        foreach (var mediaType in further.Streamed)
            answers[mediaType] = new OpenApiMediaType { Schema = new OpenApiSchema { Type = JsonSchemaType.String } };
    }

    private static async Task AddRefusalsAsync(
        OpenApiOperation operation, OpenApiOperationTransformerContext context, RefusesWithAttribute refusals, CancellationToken cancellationToken)
    {
        var schema = await context.GetOrCreateSchemaAsync(typeof(ErrorDocument), null, cancellationToken);
        foreach (var status in refusals.Statuses)
        {
            (operation.Responses ??= [])[status.ToString(CultureInfo.InvariantCulture)] = new OpenApiResponse
            {
                Description = ReasonPhrases.GetReasonPhrase(status),
                Content = new Dictionary<string, OpenApiMediaType> { [Json] = new() { Schema = schema } },
            };
        }
    }

    private static void AddSecurity(OpenApiOperation operation, OpenApiDocument document) =>
        operation.Security =
        [
            new() { [new OpenApiSecuritySchemeReference(DocumentDescription.KeyHeader, document)] = [] },
            new() { [new OpenApiSecuritySchemeReference(DocumentDescription.Bearer, document)] = [] },
        ];
}
