using System.Security.Cryptography;
using System.Text;
using IotBackend.Api.Http;
using IotBackend.Application.Measurements;
using IotBackend.Application.Measurements.Idempotency;
using IotBackend.Domain.Results;
using Microsoft.Extensions.Primitives;

namespace IotBackend.Api.Measurements;

/// <summary>A request with an <c>Idempotency-Key</c>: the key, and what tells its content from that of others.</summary>
public sealed class IdempotentRequest
{
    private readonly HttpRequest _request;
    private readonly string? _key;
    private byte[] _fingerprint = [];

    private IdempotentRequest(HttpRequest request, StringValues header) => (_request, _key) = (request, IdempotencyKey.TryRead(header));

    /// <summary>What is wrong with the header; null for nothing.</summary>
    public Fault? Fault => _key is null ? new Fault(IdempotencyKey.Header, ErrorCodes.InvalidParameter, IdempotencyKey.Wrong) : null;

    /// <summary>Null for a request without the header, which then costs no more than this look.</summary>
    public static IdempotentRequest? Of(HttpRequest request) =>
        request.Headers.TryGetValue(IdempotencyKey.Header, out var header) ? new IdempotentRequest(request, header) : null;

    /// <summary>Takes the body, decompressed, and its media type, by which equal bytes can mean different things.</summary>
    public void TakeFingerprint(ReadOnlySpan<byte> body)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var mediaType = (_request.ContentType ?? string.Empty).Split(';')[0].Trim().ToLowerInvariant();
        hash.AppendData(Encoding.UTF8.GetBytes(mediaType + '\0'));
        hash.AppendData(body);
        _fingerprint = hash.GetHashAndReset();
    }

    /// <param name="store">What is to be stored.</param>
    /// <param name="endpoint">The address, in the one form that stands for all its spellings.</param>
    /// <param name="describe">Makes the answer.</param>
    public StoreMeasurementsOnce ToCommand(StoreMeasurements store, string endpoint, Func<StoredMeasurements, KeptAnswer> describe) =>
        new(store, endpoint + _request.QueryString.Value, _key ?? string.Empty, _fingerprint, describe);
}
