using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace IotBackend.Api.Http;

/// <summary>
/// A JSON answer written by hand into pooled memory and sent with its length. Reused by the thread that asks for one next,
/// so that an answer costs no allocation in steady state (benchmark P14). Dispose it when it was sent.
/// </summary>
internal sealed class JsonBody : IDisposable
{
    public const string MediaType = "application/json; charset=utf-8";

    private const int KeptCapacity = 1 << 20;

    // Relaxed: answers are JSON with nosniff, never embedded into HTML, and texts of devices stay readable.
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    [ThreadStatic]
    private static Buffers? _spare;

    private readonly Buffers _buffers;

    public JsonBody()
    {
        _buffers = _spare ?? new Buffers();
        _spare = null;
    }

    public Utf8JsonWriter Writer => _buffers.Writer;

    /// <summary>For what writes its bytes itself; together with <see cref="Writer"/> the order would be lost.</summary>
    public IBufferWriter<byte> Output => _buffers.Output;

    /// <summary>Sends what was written; status and further headers are the caller's.</summary>
    public async Task SendAsync(HttpResponse response, string contentType, CancellationToken cancellationToken)
    {
        await Writer.FlushAsync(cancellationToken);
        var bytes = _buffers.Output.WrittenMemory;
        response.ContentType = contentType;
        response.ContentLength = bytes.Length;
        if (!HttpMethods.IsHead(response.HttpContext.Request.Method))
            await response.BodyWriter.WriteAsync(bytes, cancellationToken);
    }

    /// <summary>Appends what was written.</summary>
    public void CopyTo(IBufferWriter<byte> output)
    {
        Writer.Flush();
        output.Write(_buffers.Output.WrittenSpan);
    }

    /// <summary>A copy of what was written.</summary>
    public byte[] ToBytes()
    {
        Writer.Flush();
        return _buffers.Output.WrittenSpan.ToArray();
    }

    public void Dispose()
    {
        if (_buffers.Output.Capacity > KeptCapacity)
            return;
        _buffers.Reset();
        _spare = _buffers;
    }

    private sealed class Buffers
    {
        public Buffers() => Writer = new Utf8JsonWriter(Output, Options);

        public ArrayBufferWriter<byte> Output { get; } = new(1024);

        public Utf8JsonWriter Writer { get; }

        public void Reset()
        {
            Output.ResetWrittenCount();
            Writer.Reset();
        }
    }
}
