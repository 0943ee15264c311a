using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace IotBackend.IntegrationTests.Security;

/// <summary>Stands where InfluxDB should, and answers everything with the same lie.</summary>
internal sealed class LyingInflux : IAsyncDisposable
{
    /// <summary>Words that no client of ours may ever read.</summary>
    public const string Internal = "db-07.internal.example";

    private readonly WebApplication _application;

    private LyingInflux(Func<HttpContext, Task> lie)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        _application = builder.Build();
        _application.Run(context => lie(context));
    }

    public Uri Url => new(_application.Urls.Single());

    public static IReadOnlyDictionary<string, Func<HttpContext, Task>> Lies { get; } = new Dictionary<string, Func<HttpContext, Task>>
    {
        ["html"] = context => SayAsync(context, 200, $"<html><h1>Welcome to {Internal}</h1>"),
        ["garbage"] = context => SayAsync(context, 200, "\u0000\u0001\u0002 {\"results\":"),
        ["empty"] = context => SayAsync(context, 200, ""),
        ["null"] = context => SayAsync(context, 200, "null"),
        ["another shape"] = context => SayAsync(context, 200, "{\"results\":\"all\",\"series\":{\"values\":7}}"),
        ["rows of another shape"] = context => SayAsync(
            context, 200, "{\"results\":[{\"statement_id\":0,\"series\":[{\"name\":\"telemetry\",\"columns\":[\"time\",\"a\"],\"values\":[[\"yesterday\",{}],[1],[null,null,null],\"x\"]}]}]}"),
        ["numbers beyond all"] = context => SayAsync(
            context, 200, "{\"results\":[{\"statement_id\":0,\"series\":[{\"name\":\"telemetry\",\"columns\":[\"time\",\"a\"],\"values\":[[99999999999999999999999,1e999]]}]}]}"),
        ["deep nesting"] = context => SayAsync(context, 200, "{\"results\":" + new string('[', 100_000)),
        ["refusal with internals"] = context => SayAsync(context, 400, $"{{\"error\":\"at {Internal} line 7: no such thing\"}}"),
        ["failure with internals"] = context => SayAsync(context, 500, $"{{\"error\":\"panic at {Internal}\"}}"),
        ["unheard-of status"] = context => SayAsync(context, 299, Internal),
    };

    public static async Task<LyingInflux> StartAsync(Func<HttpContext, Task> lie, CancellationToken cancellationToken)
    {
        var liar = new LyingInflux(lie);
        await liar._application.StartAsync(cancellationToken);
        return liar;
    }

    public ValueTask DisposeAsync() => _application.DisposeAsync();

    private static Task SayAsync(HttpContext context, int status, string body)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json";
        context.Response.Headers["X-Influxdb-Version"] = "1.11.8";
        context.Response.Headers["X-Internal"] = Internal;
        return context.Response.WriteAsync(body, context.RequestAborted);
    }
}
