using IotBackend.Api.Formats;
using IotBackend.Api.Http;
using IotBackend.Api.Http.OpenApi;
using IotBackend.Application.ApiKeys;
using IotBackend.Domain.ApiKeys;
using IotBackend.Domain.Results;
using MediatR;
using Microsoft.AspNetCore.Mvc;

namespace IotBackend.Api.ApiKeys;

/// <summary>API keys: who may do what, how much of it, and until when.</summary>
[ApiController]
[Tags("API keys")]
[Route(ApiKeyRequests.Path)]
public sealed class ApiKeysController(IMediator mediator, TimeProvider time) : ControllerBase
{
    private ApiKeyRequests Requests => new(Request, time.GetUtcNow());

    /// <summary>The keys that the key may see, the newest first; never their secrets.</summary>
    [AcceptVerbs("GET", "HEAD", Route = "")]
    [QueryParameter("q", "A text in the name, the notes or the id.")]
    [QueryParameter("status", "active, expired or revoked.")]
    [QueryParameter("tier", "The name of a tier.")]
    [QueryParameter("limit", "Keys a page; default 100.", Maximum = Application.ApiKeys.ListApiKeys.MaxLimit)]
    [QueryParameter("cursor", "nextCursor of the previous page.")]
    [ProducesResponseType<ApiKeyPageDocument>(StatusCodes.Status200OK, "application/json")]
    [RefusesWith(400, 401, 403, 406, 429, 503)]
    public async Task<IActionResult> ListApiKeys(CancellationToken cancellationToken)
    {
        var result = await mediator.Send(Requests.List(), cancellationToken);
        if (result.Error is { } error)
            return new ErrorResult(error);
        var page = result.Value;
        using var body = new JsonBody();
        var next = page.HasMore ? ApiKeyCursor.Encode(new ApiKeyPosition(page.Items[^1].CreatedAt, page.Items[^1].Id)) : null;
        ApiKeyJson.Write(body.Writer, page, next, time.GetUtcNow());
        return await SendAsync(body, cancellationToken);
    }

    /// <summary>One key; its ETag names what it grants, not when it was last used.</summary>
    [AcceptVerbs("GET", "HEAD", Route = "{id}")]
    [ProducesResponseType<ApiKeyDocument>(StatusCodes.Status200OK, "application/json")]
    [RefusesWith(400, 401, 403, 404, 406, 429, 503)]
    public async Task<IActionResult> ReadApiKey(string id, CancellationToken cancellationToken) =>
        await SendAsync(await mediator.Send(Requests.Read(id), cancellationToken), cancellationToken);

    /// <summary>Makes a key. The answer is the only one that holds its secret.</summary>
    [HttpPost("")]
    [JsonRequestBody(typeof(ApiKeyValuesDocument))]
    [ProducesResponseType<IssuedApiKeyDocument>(StatusCodes.Status201Created, "application/json")]
    [RefusesWith(400, 401, 403, 408, 409, 413, 415, 429, 503)]
    public async Task<IActionResult> CreateApiKey(CancellationToken cancellationToken)
    {
        var result = await mediator.Send(await Requests.CreateAsync(cancellationToken), cancellationToken);
        if (result.IsSuccess)
        {
            Response.StatusCode = StatusCodes.Status201Created;
            Response.Headers.Location = ApiKeyRequests.AddressOf(result.Value.Key);
        }

        return await SendAsync(result, cancellationToken);
    }

    /// <summary>Changes what a key grants, at once. What is not named stays as it is.</summary>
    [HttpPatch("{id}")]
    [JsonRequestBody(typeof(ApiKeyValuesDocument))]
    [ConditionalChange]
    [ProducesResponseType<ApiKeyDocument>(StatusCodes.Status200OK, "application/json")]
    [RefusesWith(400, 401, 403, 404, 408, 409, 412, 413, 415, 429, 503)]
    public async Task<IActionResult> ChangeApiKey(string id, CancellationToken cancellationToken) =>
        await SendAsync(await mediator.Send(await Requests.ChangeAsync(id, cancellationToken), cancellationToken), cancellationToken);

    /// <summary>Gives a key another secret, told in this answer only. The old one works until the overlap ends.</summary>
    [HttpPost("{id}/rotate")]
    [JsonRequestBody(typeof(RotationDocument))]
    [ConditionalChange]
    [ProducesResponseType<IssuedApiKeyDocument>(StatusCodes.Status200OK, "application/json")]
    [RefusesWith(400, 401, 403, 404, 408, 409, 412, 413, 415, 429, 503)]
    public async Task<IActionResult> RotateApiKey(string id, CancellationToken cancellationToken) =>
        await SendAsync(await mediator.Send(await Requests.RotateAsync(id, cancellationToken), cancellationToken), cancellationToken);

    /// <summary>Revokes a key at once and for ever. It stays in the list.</summary>
    [HttpDelete("{id}")]
    [ConditionalChange]
    [ProducesResponseType<ApiKeyDocument>(StatusCodes.Status200OK, "application/json")]
    [RefusesWith(400, 401, 403, 404, 409, 412, 429, 503)]
    public async Task<IActionResult> RevokeApiKey(string id, CancellationToken cancellationToken) =>
        await SendAsync(await mediator.Send(Requests.Revoke(id), cancellationToken), cancellationToken);

    private Task<IActionResult> SendAsync(Result<ApiKey> result, CancellationToken cancellationToken) =>
        result.Error is { } error ? Task.FromResult<IActionResult>(new ErrorResult(error)) : SendAsync(result.Value, null, cancellationToken);

    private Task<IActionResult> SendAsync(Result<IssuedApiKey> result, CancellationToken cancellationToken) =>
        result.Error is { } error ? Task.FromResult<IActionResult>(new ErrorResult(error)) : SendAsync(result.Value.Key, result.Value.Token, cancellationToken);

    private async Task<IActionResult> SendAsync(ApiKey key, string? token, CancellationToken cancellationToken)
    {
        Response.Headers.ETag = PreconditionHeaders.ETagOf(ApiKeyVersion.Of(key));
        using var body = new JsonBody();
        ApiKeyJson.Write(body.Writer, key, token, time.GetUtcNow());
        return await SendAsync(body, cancellationToken);
    }

    private async Task<IActionResult> SendAsync(JsonBody body, CancellationToken cancellationToken)
    {
        Response.Headers.CacheControl = "no-store";
        await body.SendAsync(Response, JsonBody.MediaType, cancellationToken);
        return new EmptyResult();
    }
}
