using System.Buffers;
using System.Diagnostics;
using System.Net.Http.Headers;

namespace IotBackend.Performance.Load;

/// <summary>Fills a server with a fleet's readings as fast as it takes them: a few connections, thousands of readings a request.</summary>
internal static class BulkLoad
{
    private const int Connections = 4;
    private const int ReadingsARequest = 5_000;

    /// <summary>Loads the first readings of a fleet until so many points (fields) are in.</summary>
    /// <returns>Points a second.</returns>
    public static async Task<double> FillAsync(BulkTarget target, int devices, long points, bool jitter, CancellationToken cancellationToken)
    {
        var since = Stopwatch.GetTimestamp();
        var steps = StepsFor(devices, points);
        await Task.WhenAll(Enumerable.Range(0, Connections).Select(connection =>
        {
            var first = devices * connection / Connections;
            var count = (devices * (connection + 1) / Connections) - first;
            return Task.Run(() => FillSliceAsync(target, new FleetSlice(first, count, jitter), steps * count, cancellationToken), cancellationToken);
        }));
        return steps * devices * FleetSlice.FieldsADevice / Stopwatch.GetElapsedTime(since).TotalSeconds;
    }

    /// <summary>Steps that a fleet needs for so many points; at least one.</summary>
    public static long StepsFor(int devices, long points) => Math.Max(1, points / (devices * FleetSlice.FieldsADevice));

    private static async Task FillSliceAsync(BulkTarget target, FleetSlice slice, long readings, CancellationToken cancellationToken)
    {
        var body = new ArrayBufferWriter<byte>(1 << 20);
        while (readings > 0)
        {
            target.Begin(body);
            var count = Math.Min(readings, ReadingsARequest);
            for (var i = 0; i < count; i++)
                target.Append(body, slice.Next());
            target.End(body);
            await SendAsync(target, body.WrittenMemory, cancellationToken);
            readings -= count;
        }
    }

    private static async Task SendAsync(BulkTarget target, ReadOnlyMemory<byte> body, CancellationToken cancellationToken)
    {
        while (true)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, target.Address) { Content = new ReadOnlyMemoryContent(body) };
            request.Content.Headers.ContentType = new MediaTypeHeaderValue(target.ContentType);
            if (target.Key is not null)
                request.Headers.Add("X-API-Key", target.Key);
            using var answer = await Http.Client.SendAsync(request, cancellationToken);
            if (answer.IsSuccessStatusCode && answer.StatusCode != System.Net.HttpStatusCode.MultiStatus)
                return;
            if (answer.StatusCode != System.Net.HttpStatusCode.ServiceUnavailable)
                throw new InvalidOperationException($"{(int)answer.StatusCode}: {await answer.Content.ReadAsStringAsync(cancellationToken)}");
            await Task.Delay(answer.Headers.RetryAfter?.Delta ?? TimeSpan.FromSeconds(1), TimeProvider.System, cancellationToken);
        }
    }
}
