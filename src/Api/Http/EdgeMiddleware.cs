using IotBackend.Domain.Results;
using Microsoft.AspNetCore.Connections;

namespace IotBackend.Api.Http;

/// <summary>
/// The outermost layer: request id and security headers on everything, one error structure for what was thrown
/// and for what the framework refused without a body.
/// </summary>
internal sealed class EdgeMiddleware(RequestDelegate next, TimeProvider time, ErrorWriter errors)
{
    public async Task InvokeAsync(HttpContext context)
    {
        context.TraceIdentifier = RequestIds.Of(context.Request, time);
        SetHeaders(context);
        try
        {
            await next(context);
            if (IsBareError(context.Response))
                await errors.WriteAsync(context, ErrorStatus.FromStatus(context.Response.StatusCode));
        }
        catch (BadHttpRequestException exception)
        {
            await WriteAfterThrow(context, ErrorStatus.FromStatus(exception.StatusCode), exception);
        }
        catch (Exception exception) when (IsGone(context, exception))
        {
            // Nobody is left to answer; the connection is closed with what was sent so far.
            context.Abort();
        }
#pragma warning disable CA1031 // The last line of defence: whatever was thrown becomes an answer without internals and a log line with them.
        catch (Exception exception)
        {
            await WriteAfterThrow(context, ErrorStatus.Internal, exception);
        }
#pragma warning restore CA1031
    }

    private static bool IsBareError(HttpResponse response) =>
        response.StatusCode >= StatusCodes.Status400BadRequest && !response.HasStarted && response.ContentLength is null && response.ContentType is null;

    private static bool IsGone(HttpContext context, Exception exception) =>
        context.RequestAborted.IsCancellationRequested && exception is OperationCanceledException or ConnectionResetException or IOException;

    private static void SetHeaders(HttpContext context)
    {
        context.Response.Headers[RequestIds.Header] = context.TraceIdentifier;
        SecurityHeaders.Set(context);
    }

    private async Task WriteAfterThrow(HttpContext context, Error error, Exception exception)
    {
        if (context.Response.HasStarted)
        {
            await errors.WriteAsync(context, error, exception);
            context.Abort();
            return;
        }

        context.Response.Clear();
        SetHeaders(context);
        await errors.WriteAsync(context, error, exception);
    }
}
