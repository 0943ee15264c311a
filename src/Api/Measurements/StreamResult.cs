using System.IO.Pipelines;
using IotBackend.Api.Formats;
using IotBackend.Api.Http;
using IotBackend.Api.Security;
using IotBackend.Application.Measurements.Streams;
using IotBackend.Domain.Measurements;
using Microsoft.AspNetCore.Mvc;

namespace IotBackend.Api.Measurements;

/// <summary>
/// Sends measurements while they are read, no faster than the client takes them. What goes wrong before the first of them is an error as any other; afterwards
/// the connection is cut, so that nobody takes a part for the whole. So it is as soon as the caller may not see it any more.
/// </summary>
internal sealed partial class StreamResult(MeasurementStream stream, IRowFormat format) : IActionResult
{
    private const int BytesAtOnce = 64 << 10;

    public async Task ExecuteResultAsync(ActionContext context)
    {
        var http = context.HttpContext;
        if (HttpMethods.IsHead(http.Request.Method))
        {
            SetHeaders(http.Response);
            return;
        }

        var caller = http.RequestServices.GetRequiredService<CallerContext>().Caller!;
        var taken = http.RequestServices.GetRequiredService<StreamPlaces>().TryTake(caller.KeyId);
        if (taken.Error is { } refusal)
        {
            await ErrorsOf(http).WriteAsync(http, refusal);
            return;
        }

        using var place = taken.Value;
        await SendWatchedAsync(http, caller.KeyId);
    }

    private async Task SendWatchedAsync(HttpContext context, string keyId)
    {
        using var cut = new StreamCut(context);
        using var watch = CallerStay.Watch(context, cut.Because);
        try
        {
            await SendAsync(context);
        }
        finally
        {
            if (cut.Reason is { } reason)
                Log.Cut(context.RequestServices.GetRequiredService<ILogger<StreamResult>>(), keyId, reason);
        }
    }

    private async Task SendAsync(HttpContext context)
    {
        var hasBegun = false;
        try
        {
            await using var parts = stream.Parts.GetAsyncEnumerator(context.RequestAborted);
            var hasNext = await parts.MoveNextAsync();
            hasBegun = true;
            SetHeaders(context.Response);
            var output = context.Response.BodyWriter;
            format.WriteHeader(output, stream.Columns);
            for (; hasNext; hasNext = await parts.MoveNextAsync())
            {
                if (!await TryWriteAsync(output, parts.Current, context.RequestAborted))
                    return;
            }

            await output.FlushAsync(context.RequestAborted);
        }
        catch (StreamBrokenException exception)
        {
            await FailAsync(context, exception, hasBegun);
        }
    }

    // False when nobody is there any more to take it.
    private async ValueTask<bool> TryWriteAsync(PipeWriter output, IReadOnlyList<Measurement> part, CancellationToken cancellationToken)
    {
        foreach (var measurement in part)
        {
            format.Write(output, measurement);
            if (output.UnflushedBytes >= BytesAtOnce && (await output.FlushAsync(cancellationToken)).IsCompleted)
                return false;
        }

        return true;
    }

    private void SetHeaders(HttpResponse response)
    {
        response.ContentType = format.MediaType;
        response.Headers.CacheControl = "no-store";
    }

    private static async Task FailAsync(HttpContext context, StreamBrokenException exception, bool hasBegun)
    {
        // Once the answer has started, the error is only logged.
        if (hasBegun)
            await context.Response.StartAsync(context.RequestAborted);
        await ErrorsOf(context).WriteAsync(context, exception.Error);
        if (hasBegun)
            context.Abort();
    }

    private static ErrorWriter ErrorsOf(HttpContext context) => context.RequestServices.GetRequiredService<ErrorWriter>();

    private static partial class Log
    {
        [LoggerMessage(98, LogLevel.Information, "A stream of the key {KeyId} was cut off: {Reason}")]
        public static partial void Cut(ILogger logger, string keyId, string reason);
    }
}
