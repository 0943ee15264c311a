using System.Collections.Concurrent;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace IotBackend.IntegrationTests.Influx.Strict;

/// <summary>
/// Speaks one version of InfluxDB at its front, and refuses whatever that version's public documentation does not allow. Behind that front a
/// real InfluxDB 1.x stores and evaluates, so that what is read back is real.
/// </summary>
internal abstract class StrictServer : IAsyncDisposable
{
    private readonly ConcurrentQueue<string> _deviations = [];
    private readonly WebApplication _application;

    protected StrictServer(Uri real)
    {
        Real = new RealInflux(real);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(IPAddress.Loopback, 0);
            kestrel.Limits.MaxRequestBodySize = null;
        });
        _application = builder.Build();
        _application.Run(AnswerAsync);
    }

    public Uri Url => new(_application.Urls.Single());

    /// <summary>Requests that the version's documentation does not allow, in the order in which they came.</summary>
    public IReadOnlyCollection<string> Deviations => _deviations;

    protected RealInflux Real { get; }

    public Task StartAsync(CancellationToken cancellationToken) => _application.StartAsync(cancellationToken);

    public async ValueTask DisposeAsync()
    {
        await _application.DisposeAsync();
        Real.Dispose();
        GC.SuppressFinalize(this);
    }

    protected abstract Task<Answer> AnswerAsync(StrictRequest request);

    /// <summary>How this version tells that it can not understand a request.</summary>
    protected abstract Answer Misunderstood(string why);

    private async Task AnswerAsync(HttpContext context)
    {
        var answer = await AnswerSafelyAsync(new StrictRequest(context.Request));
        context.Response.StatusCode = answer.Status;
        foreach (var (name, value) in answer.Headers)
            context.Response.Headers[name] = value;
        if (answer.Body.Length == 0)
            return;
        context.Response.ContentType = answer.ContentType;
        await context.Response.WriteAsync(answer.Body, context.RequestAborted);
    }

    private async Task<Answer> AnswerSafelyAsync(StrictRequest request)
    {
        try
        {
            return await AnswerAsync(request);
        }
        catch (RefusedException refused)
        {
            return refused.Answer;
        }
        catch (DeviationException deviation)
        {
            _deviations.Enqueue(deviation.Message);
            return Misunderstood(deviation.Message);
        }
    }
}
