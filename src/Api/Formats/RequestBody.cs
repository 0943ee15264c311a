using System.Buffers;
using System.IO.Compression;
using IotBackend.Domain.Results;

namespace IotBackend.Api.Formats;

/// <summary>A request's whole body, decompressed, in pooled memory; or why it could not be read. Dispose it when it was parsed.</summary>
internal sealed class RequestBody : IDisposable
{
    private byte[] _buffer;
    private int _length;

    private RequestBody(int capacity) => _buffer = ArrayPool<byte>.Shared.Rent(capacity);

    public Error? Error { get; private set; }

    public ReadOnlySpan<byte> Bytes => _buffer.AsSpan(0, _length);

    /// <summary>Reads up to <paramref name="limit"/> bytes, counted after decompression; more is <paramref name="tooLargeCode"/>.</summary>
    /// <exception cref="BadHttpRequestException">The client sent too slowly or broke the protocol.</exception>
    public static async ValueTask<RequestBody> ReadAsync(HttpRequest request, int limit, string tooLargeCode, CancellationToken cancellationToken)
    {
        const int firstCapacity = 1024;
        var declared = request.ContentLength ?? firstCapacity;
        var body = new RequestBody((int)Math.Clamp(declared, firstCapacity, limit) + 1);
        var encoding = request.Headers.ContentEncoding;
        if (encoding.Count > 1 || !TryDecoder(encoding.Count == 0 ? "identity" : encoding[0]!, request, out var decoder))
            body.Error = UnsupportedEncoding(request.HttpContext.Response);
        else if (request.ContentLength > limit)
            body.Error = TooLarge(limit, tooLargeCode);
        else if (decoder is null)
            await body.FillAsync(request.Body, limit, tooLargeCode, cancellationToken);
        else
            await body.DecompressAsync(decoder, limit, tooLargeCode, cancellationToken);
        return body;
    }

    public void Dispose()
    {
        if (_buffer.Length > 0)
            ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = [];
        _length = 0;
    }

    private static bool TryDecoder(string encoding, HttpRequest request, out Stream? decoder)
    {
        decoder = encoding.ToLowerInvariant() switch
        {
            "gzip" or "x-gzip" => new GZipStream(request.Body, CompressionMode.Decompress, leaveOpen: true),
            "br" => new BrotliStream(request.Body, CompressionMode.Decompress, leaveOpen: true),
            _ => null,
        };
        return decoder is not null || encoding.Equals("identity", StringComparison.OrdinalIgnoreCase);
    }

    private async Task DecompressAsync(Stream decoder, int limit, string tooLargeCode, CancellationToken cancellationToken)
    {
        try
        {
            await FillAsync(decoder, limit, tooLargeCode, cancellationToken);
        }
        catch (Exception exception) when (exception is InvalidDataException or InvalidOperationException)
        {
            Error = Error.Invalid([new Fault("Content-Encoding", ErrorCodes.InvalidRequest, "The body is not what its Content-Encoding says.")]);
        }
        finally
        {
            await decoder.DisposeAsync();
        }
    }

    private async Task FillAsync(Stream stream, int limit, string tooLargeCode, CancellationToken cancellationToken)
    {
        while (true)
        {
            if (_length == _buffer.Length)
                Grow(limit);
            var read = await stream.ReadAsync(_buffer.AsMemory(_length), cancellationToken);
            if (read == 0)
                return;
            _length += read;
            if (_length > limit)
            {
                Error = TooLarge(limit, tooLargeCode);
                return;
            }
        }
    }

    private void Grow(int limit)
    {
        var larger = ArrayPool<byte>.Shared.Rent((int)Math.Min((long)_buffer.Length * 2, limit + 1L));
        _buffer.AsSpan(0, _length).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = larger;
    }

    private static Error TooLarge(int limit, string code) =>
        new(ErrorKind.TooLarge, code, $"The body is larger than {limit} bytes.") { Details = new Dictionary<string, object> { ["limitBytes"] = limit } };

    private static Error UnsupportedEncoding(HttpResponse response)
    {
        response.Headers.AcceptEncoding = "gzip, br, identity";
        return new(ErrorKind.UnsupportedMediaType, ErrorCodes.UnsupportedEncoding, "The body may be encoded with gzip or br, or not at all.");
    }
}
