using IotBackend.Api.Http;
using IotBackend.Application.Access.Usage;
using Microsoft.AspNetCore.Authorization;

namespace IotBackend.Api.Security;

/// <summary>Counts each request of a key when its answer is known: the outermost layer. What needs no key is nobody's usage.</summary>
internal sealed class UsageCounting(RequestDelegate next, UsageMeter meter)
{
    public async Task InvokeAsync(HttpContext context)
    {
        await next(context);
        if (context.RequestServices.GetRequiredService<CallerContext>().Recognised is not { } caller
            || context.GetEndpoint()?.Metadata.GetMetadata<IAllowAnonymous>() is not null)
        {
            return;
        }

        // Where there was no body, there is nothing to look up (benchmark P6).
        var bytes = HttpMethods.IsGet(context.Request.Method) ? 0 : context.RequestServices.GetRequiredService<BodyAllowance>().Received;
        var rejected = context.Response.StatusCode >= StatusCodes.Status400BadRequest ? 1 : 0;
        meter.Add(caller.KeyId, new UsageCounts(1, 0, bytes, rejected));
    }
}
