using IotBackend.Application.Caching;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace IotBackend.Api.Caching;

/// <summary>Sends an answer as it is, or 304 when the caller has it already.</summary>
internal static class AnswerResponse
{
    public static Task SendAsync(HttpContext context, ServedAnswer served)
    {
        var (request, response, answer) = (context.Request, context.Response, served.Answer);
        AnswerHeaders.Set(response.Headers, served);
        if (request.Headers.IfNoneMatch is { Count: > 0 } known && IsKnown(known, answer.ETag))
        {
            response.StatusCode = StatusCodes.Status304NotModified;
            return Task.CompletedTask;
        }

        response.ContentType = answer.MediaType;
        response.ContentLength = answer.Body.Length;
        return HttpMethods.IsHead(request.Method) ? Task.CompletedTask : WriteAsync(context, answer);
    }

    private static Task WriteAsync(HttpContext context, Answer answer)
    {
        var writing = context.Response.BodyWriter.WriteAsync(answer.Body, context.RequestAborted);
        return writing.IsCompletedSuccessfully ? Task.CompletedTask : writing.AsTask();
    }

    // Compared weakly (RFC 9110, section 13.1.2). What can not be read names nothing.
    private static bool IsKnown(StringValues known, string tag)
    {
        if (known is [var only] && (only == tag || only == "*"))
            return true;
        if (!EntityTagHeaderValue.TryParseList(known, out var tags))
            return false;
        foreach (var one in tags)
        {
            if (one.Tag.Equals(tag, StringComparison.Ordinal) || one.Tag.Equals("*", StringComparison.Ordinal))
                return true;
        }

        return false;
    }
}
