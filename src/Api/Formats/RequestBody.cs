using System.Buffers;
using System.IO.Compression;
using System.Numerics;
using IotBackend.Api.Http;
using IotBackend.Domain.Results;
using Microsoft.Extensions.Primitives;

namespace IotBackend.Api.Formats;

/// <summary>A request's whole body, decompressed, in pooled memory; or why it could not be read. Dispose it when it was parsed.</summary>
internal sealed class RequestBody : IDisposable
{
    private const int FirstCapacity = 1024;
    private const string Identity = "identity";
    private const string Gzip = "gzip";
    private const string Brotli = "br";

    private readonly BodyAllowance _allowance;
    private byte[] _buffer = [];
    private int _length;

    private RequestBody(BodyAllowance allowance, int capacity)
    {
        _allowance = allowance;
        if (!TryGrow(capacity))
            Error = BodyAllowance.Refusal;
    }

    private RequestBody(BodyAllowance allowance, Error error) => (_allowance, Error) = (allowance, error);

    public Error? Error { get; private set; }

    public ReadOnlySpan<byte> Bytes => _buffer.AsSpan(0, _length);

    /// <summary>
    /// Reads up to <paramref name="limit"/> bytes, counted after decompression too; more is <paramref name="tooLargeCode"/>, and more than the
    /// memory for all bodies holds is <c>overloaded</c>.
    /// </summary>
    /// <exception cref="BadHttpRequestException">The client sent too slowly or broke the protocol.</exception>
    public static async ValueTask<RequestBody> ReadAsync(HttpRequest request, int limit, string tooLargeCode, CancellationToken cancellationToken)
    {
        var declared = request.ContentLength ?? FirstCapacity;
        var allowance = request.HttpContext.RequestServices.GetRequiredService<BodyAllowance>();
        var encoding = request.Headers.ContentEncoding;
        if (!IsTaken(encoding))
            return new RequestBody(allowance, UnsupportedEncoding());
        if (request.ContentLength > limit)
            return new RequestBody(allowance, TooLarge(limit, tooLargeCode));
        var body = new RequestBody(allowance, (int)Math.Clamp(declared, FirstCapacity, limit) + 1);
        if (body.Error is null)
            await body.ReceiveAsync(request, limit, tooLargeCode, cancellationToken);
        if (body.Error is not null || encoding.Count == 0 || encoding[0]!.Equals(Identity, StringComparison.OrdinalIgnoreCase))
            return body;
        using (body)
            return await body.DecompressAsync(encoding[0]!, limit, tooLargeCode, cancellationToken);
    }

    public void Dispose()
    {
        if (_buffer.Length > 0)
            ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = [];
        _length = 0;
    }

    private async Task ReceiveAsync(HttpRequest request, int limit, string tooLargeCode, CancellationToken cancellationToken)
    {
        try
        {
            await FillAsync(request.Body, request.ContentLength, limit, tooLargeCode, cancellationToken);
            _allowance.Received += _length;
        }
        catch (IOException exception) when (exception is not BadHttpRequestException && !request.HttpContext.RequestAborted.IsCancellationRequested)
        {
            // The server's own word for some lengths of chunks that are none.
            throw new BadHttpRequestException("The body's framing is broken.", StatusCodes.Status400BadRequest, exception);
        }
    }

    private static bool IsTaken(StringValues encoding) =>
        encoding.Count == 0 || (encoding.Count == 1 && encoding[0]!.ToLowerInvariant() is Identity or Gzip or Brotli);

    private async Task<RequestBody> DecompressAsync(string encoding, int limit, string tooLargeCode, CancellationToken cancellationToken)
    {
        var plain = new RequestBody(_allowance, (int)Math.Clamp(_length * 4L, FirstCapacity, limit) + 1);
        if (plain.Error is not null)
            return plain;
        if (encoding.Equals(Gzip, StringComparison.OrdinalIgnoreCase))
            await DecodeGzipAsync(plain, limit, tooLargeCode, cancellationToken);
        else
            DecodeBrotli(plain, limit, tooLargeCode);
        return plain;
    }

    private async Task DecodeGzipAsync(RequestBody plain, int limit, string tooLargeCode, CancellationToken cancellationToken)
    {
        if (!GzipEnd.IsLongEnough(_length))
        {
            plain.Error = NotAsEncoded();
            return;
        }

        if (_buffer.Length - _length < GzipEnd.Member.Length && !TryGrow(_length + GzipEnd.Member.Length))
        {
            plain.Error = BodyAllowance.Refusal;
            return;
        }

        GzipEnd.Member.CopyTo(_buffer.AsSpan(_length));
        try
        {
            using var compressed = new MemoryStream(_buffer, 0, _length + GzipEnd.Member.Length, writable: false);
            await using var decoder = new GZipStream(compressed, CompressionMode.Decompress);
            await plain.FillAsync(decoder, null, limit + GzipEnd.Length, tooLargeCode, cancellationToken);
        }
        catch (Exception exception) when (exception is InvalidDataException or IOException and not BadHttpRequestException)
        {
            plain.Error = NotAsEncoded();
        }

        plain.Error ??= GzipEnd.IsAtEndOf(plain.Bytes) ? null : NotAsEncoded();
        if (plain.Error is { Kind: ErrorKind.TooLarge })
            plain.Error = TooLarge(limit, tooLargeCode);
        plain._length = Math.Max(0, plain._length - GzipEnd.Length);
    }

    // The runtime's stream takes one that breaks off for a whole one; its decoder tells.
    private void DecodeBrotli(RequestBody plain, int limit, string tooLargeCode)
    {
        using var decoder = new BrotliDecoder();
        var source = _buffer.AsSpan(0, _length);
        while (plain.Error is null)
        {
            var status = decoder.Decompress(source, plain._buffer.AsSpan(plain._length), out var consumed, out var written);
            source = source[consumed..];
            plain._length += written;
            _allowance.ThrowIfLate();
            if (plain._length > limit)
                plain.Error = TooLarge(limit, tooLargeCode);
            else if (status == OperationStatus.Done && source.IsEmpty)
                return;
            else if (status != OperationStatus.DestinationTooSmall)
                plain.Error = NotAsEncoded();
            else if (!plain.TryGrow((int)Math.Min(plain._buffer.Length * 2L, limit + 1L)))
                plain.Error = BodyAllowance.Refusal;
        }
    }

    // Where the length is known, the end is not asked for.
    private async Task FillAsync(Stream stream, long? length, int limit, string tooLargeCode, CancellationToken cancellationToken)
    {
        while (_length != length)
        {
            if (_length == _buffer.Length && !TryGrow((int)Math.Min(_length * 2L, limit + 1L)))
            {
                Error = BodyAllowance.Refusal;
                return;
            }

            var read = await stream.ReadAsync(_buffer.AsMemory(_length), cancellationToken);
            if (read == 0)
                return;
            _allowance.ThrowIfLate();
            _length += read;
            if (_length > limit)
            {
                Error = TooLarge(limit, tooLargeCode);
                return;
            }
        }
    }

    // The pool gives powers of two, and keeps what is returned for others: both are counted as what they take.
    private bool TryGrow(int capacity)
    {
        var length = (int)BitOperations.RoundUpToPowerOf2((uint)capacity);
        if (!_allowance.TryTake(length - _buffer.Length))
            return false;
        var larger = ArrayPool<byte>.Shared.Rent(length);
        _buffer.AsSpan(0, _length).CopyTo(larger);
        if (_buffer.Length > 0)
            ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = larger;
        return true;
    }

    private static Error NotAsEncoded() =>
        Domain.Results.Error.Invalid([new Fault("Content-Encoding", ErrorCodes.InvalidRequest, "The body is not what its Content-Encoding says, or breaks off.")]);

    private static Error TooLarge(int limit, string code) =>
        new(ErrorKind.TooLarge, code, $"The body is larger than {limit} bytes.") { Details = new Dictionary<string, object> { ["limitBytes"] = limit } };

    private static Error UnsupportedEncoding() =>
        new(ErrorKind.UnsupportedMediaType, ErrorCodes.UnsupportedEncoding, "The body may be encoded with gzip or br, or not at all.")
        {
            Details = new Dictionary<string, object> { [ErrorWriter.OfferedDetail] = "gzip, br, identity" },
        };
}
