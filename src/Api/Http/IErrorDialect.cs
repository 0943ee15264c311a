using System.Text.Json;
using IotBackend.Domain.Results;

namespace IotBackend.Api.Http;

/// <summary>Another way to tell errors than the contract's own, for addresses that are somebody else's.</summary>
internal interface IErrorDialect
{
    /// <summary>Whether the request expects it, known from its address alone, so that it holds for what is refused before anything else is known.</summary>
    bool IsSpokenBy(HttpRequest request);

    int StatusOf(HttpRequest request, Error error);

    /// <summary>Writes the body, and sets headers that go with it.</summary>
    void Write(HttpContext context, Utf8JsonWriter json, Error error, string errorId, DateTimeOffset now);
}
