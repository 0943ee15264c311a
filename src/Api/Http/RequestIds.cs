using System.Buffers;

namespace IotBackend.Api.Http;

/// <summary>Gives every request an id: the caller's when it is sane (1–128 letters, digits and <c>- _ . :</c>), else a new one.</summary>
internal static class RequestIds
{
    public const string Header = "X-Request-ID";

    private const int MaxLength = 128;

    private static readonly SearchValues<char> Allowed =
        SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.:");

    public static string Of(HttpRequest request, TimeProvider time)
    {
        var header = request.Headers[Header];
        return header.Count == 1 && header[0] is { Length: > 0 and <= MaxLength } sent && !sent.AsSpan().ContainsAnyExcept(Allowed)
            ? sent
            : Ulid.NewUlid(time.GetUtcNow()).ToString();
    }
}
