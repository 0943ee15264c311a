using IotBackend.Api.Security;
using IotBackend.Application.Measurements;
using IotBackend.Domain.Access;
using IotBackend.Domain.Results;

namespace IotBackend.Api.Measurements;

/// <summary>Watches over the caller of an answer that goes on for long: it ends as soon as he may not see it any more.</summary>
internal static class CallerStay
{
    /// <param name="context">The request, which was let in.</param>
    /// <param name="end">Told why the answer has to end, perhaps several times; must be quick.</param>
    public static IDisposable? Watch(HttpContext context, Action<string> end)
    {
        if (Credential.Of(context) is not { } credential)
            return null;
        var callers = context.RequestServices.GetRequiredService<CallerContext>();
        var then = callers.Caller!;
        return context.RequestServices.GetRequiredService<CallerWatch>().Add(then, credential, callers.RemoteAddress, now =>
        {
            if (ReasonToEnd(then, now) is { } reason)
                end(reason);
        });
    }

    private static string? ReasonToEnd(Caller then, Result<Caller> now) =>
        now.Error is { } error ? error.Code : WatchMeasurements.SeesTheSame(then, now.Value) ? null : "key_changed";
}
