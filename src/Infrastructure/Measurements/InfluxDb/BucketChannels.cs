using System.Collections.Concurrent;
using IotBackend.Application.Caching;
using IotBackend.Domain.Buckets;
using IotBackend.Infrastructure.Measurements.Spool;
using Microsoft.Extensions.Logging;

namespace IotBackend.Infrastructure.Measurements.InfluxDb;

/// <summary>The channels of all buckets that have been used.</summary>
internal sealed class BucketChannels(
    InfluxDbClient client,
    OutageGate gate,
    WaitingBytes bytes,
    TimeProvider time,
    ILogger<BucketChannels> logger,
    SpoolQueue? spool = null,
    AnswerInvalidation? invalidation = null)
{
    private readonly ConcurrentDictionary<BucketName, Lazy<BucketChannel>> _channels = new();

    public BucketChannel Of(BucketName bucket) => _channels.GetOrAdd(bucket, name => new Lazy<BucketChannel>(() => Open(name))).Value;

    /// <summary>Forgets what is known of a bucket that is gone; another of its name begins anew.</summary>
    public async Task ForgetAsync(BucketName bucket)
    {
        if (_channels.TryRemove(bucket, out var channel))
            await channel.Value.CloseAsync();
    }

    /// <summary>Takes no more, and returns when all that was taken has been answered.</summary>
    public Task CloseAsync() => Task.WhenAll(_channels.Values.Select(channel => channel.Value.CloseAsync()));

    // Nobody waits to be told of it.
    private void Drained(BucketName bucket) => _ = invalidation?.ChangedAsync(bucket, []).AsTask();

    private BucketChannel Open(BucketName bucket)
    {
        var types = new FieldTypes(bucket, client, time);
        return new BucketChannel(bucket, types, new LineSender(bucket, client, types), spool, gate, bytes, logger, Drained);
    }
}
