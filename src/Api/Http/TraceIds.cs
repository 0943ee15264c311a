using System.Diagnostics;

namespace IotBackend.Api.Http;

/// <summary>The id by which a request is found in all that it passed through.</summary>
internal static class TraceIds
{
    /// <summary>The current trace's, else that of the caller's <c>traceparent</c> (W3C Trace Context), else the request's own id.</summary>
    public static string Of(HttpContext context)
    {
        if (Activity.Current is { } activity)
            return activity.TraceId.ToString();
        return ActivityContext.TryParse(context.Request.Headers.TraceParent, null, out var parent) ? parent.TraceId.ToString() : context.TraceIdentifier;
    }
}
