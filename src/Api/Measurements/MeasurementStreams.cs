using System.Net.Mime;
using IotBackend.Api.Security;
using IotBackend.Application.Measurements.Live;
using IotBackend.Application.Monitoring;
using IotBackend.Domain.Results;
using Microsoft.Extensions.Options;

namespace IotBackend.Api.Measurements;

/// <summary>
/// The streams of this node. Each has a place, which is not that of a request: however many watch, others are answered. A stream waits for nobody but its own
/// reader, and ends when its key may not see it any more, when its reader is too slow, and when the program ends.
/// </summary>
public sealed class MeasurementStreams
{
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan LastWords = TimeSpan.FromSeconds(1);

    private static readonly Error TooManyOfKey =
        new(ErrorKind.RateLimited, ErrorCodes.TooManyStreams, "The key has as many streams open as it may.") { RetryAfter = RetryAfter };

    private static readonly Error TooMany =
        new(ErrorKind.Unavailable, ErrorCodes.Overloaded, "As many streams are open as this server takes.") { RetryAfter = RetryAfter };

    private readonly TimeSpan _heartbeat;
    private readonly KeyPlaces _places;
    private readonly IHostApplicationLifetime _lifetime;
    private readonly TimeProvider _time;

    internal MeasurementStreams(IOptions<LiveFeedOptions> options, IHostApplicationLifetime lifetime, TimeProvider time)
    {
        _heartbeat = TimeSpan.FromSeconds(options.Value.HeartbeatSeconds);
        _places = new KeyPlaces(options.Value.MaxStreams, options.Value.MaxStreamsPerKey);
        (_lifetime, _time) = (lifetime, time);
        Telemetry.Meter.CreateObservableUpDownCounter("iotbackend.streams", () => _places.Taken, "{stream}", "Streams of measurements that are open.");
    }

    /// <summary>Sends the events of a subscription for as long as it goes.</summary>
    /// <returns>Why there is no stream; null when there was one, which has ended.</returns>
    public async Task<Error?> SendAsync(HttpContext context, LiveSubscription subscription)
    {
        var callers = context.RequestServices.GetRequiredService<CallerContext>();
        using var place = _places.TryTake(callers.Caller!.KeyId, out var isKeys);
        if (place is null)
            return isKeys ? TooManyOfKey : TooMany;
        using var end = new StreamEnd(context.RequestAborted, _lifetime.ApplicationStopping);
        using var watch = CallerStay.Watch(context, end.Because);
        try
        {
            await SendAsync(context, subscription, end);
        }
        catch (Exception exception) when (context.RequestAborted.IsCancellationRequested && exception is OperationCanceledException or IOException)
        {
            // The reader has gone, or was cut off because he took nothing.
        }

        return null;
    }

    private async Task SendAsync(HttpContext context, LiveSubscription subscription, StreamEnd end)
    {
        var response = context.Response;
        response.ContentType = MediaTypeNames.Text.EventStream;
        response.Headers.CacheControl = "no-store";

        // Proxies would keep events back until they have many.
        response.Headers["X-Accel-Buffering"] = "no";
        var writer = new EventWriter(response.BodyWriter);

        // At once, so that the reader has a place to come back to, and knows that the stream stands.
        writer.WriteBeginning(subscription.Position);
        try
        {
            await SendEventsAsync(writer, subscription, end.Token);
        }
        catch (OperationCanceledException) when (end.Reason is { } reason)
        {
            writer.WriteEnd(reason);
        }

        await FinishAsync(context);
    }

    // A reader who takes nothing must not hold up what ends his stream, such as the end of the program.
    private async Task FinishAsync(HttpContext context)
    {
        using var enough = new CancellationTokenSource(LastWords, _time);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(enough.Token, context.RequestAborted);
        try
        {
            await context.Response.BodyWriter.FlushAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            context.Abort();
        }
    }

    // Flushed when nothing more is there to be told at once, so that many events go in one packet. The enumerator holds nothing, and can not be disposed while
    // it waits for an event, as it does when the reader fails; it ends with the stream.
    private async Task SendEventsAsync(EventWriter writer, LiveSubscription subscription, CancellationToken cancellationToken)
    {
        var events = subscription.ReadAllAsync(_heartbeat, _time, cancellationToken).GetAsyncEnumerator(cancellationToken);
        while (true)
        {
            var next = events.MoveNextAsync();
            if (!next.IsCompleted || writer.IsFull)
                await writer.FlushAsync(cancellationToken);
            if (!await next)
                return;
            writer.Write(events.Current);
        }
    }
}
