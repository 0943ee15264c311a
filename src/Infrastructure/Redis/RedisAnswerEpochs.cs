using IotBackend.Application.Caching;
using IotBackend.Domain.Buckets;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace IotBackend.Infrastructure.Redis;

/// <summary>
/// Epochs as random values in Redis. Each time that a connection was lost, or Redis has forgotten them, this node begins a new one of everything before it
/// shares anything again: a server that comes back with an older state, or a change that could not be told, brings back no answer. The same when another node falls silent, which may have been unable to begin one; while it is
/// silent nothing is shared.
/// </summary>
internal sealed class RedisAnswerEpochs(RedisConnection connection, RedisNodeMessages messages, IOptions<RedisOptions> options, TimeProvider time) : BackgroundService, IAnswerEpochs
{
    // Longer than any answer serves: an epoch that has been forgotten has no answers left.
    private static readonly TimeSpan BucketLifetime = TimeSpan.FromDays(7);
    private static readonly TimeSpan SettleInterval = TimeSpan.FromMilliseconds(100);

    private const string RunField = "run_id:";

    private readonly string _prefix = options.Value.KeyPrefix + "epoch:";
    private string _run = string.Empty;
    private int _doubts = 1;
    private volatile int _settled;

    public event Action? Renewed;

    private bool IsSettled => _settled == Volatile.Read(ref _doubts);

    private RedisKey Everything => _prefix + "*";

    public async ValueTask<string?> ReadAsync(BucketName bucket, CancellationToken cancellationToken)
    {
        if (!IsSettled || !messages.HearsPeers)
            return null;
        try
        {
            var values = await connection.AskAsync(static (database, keys) => database.StringGetAsync(keys), new[] { Everything, KeyOf(bucket) });
            if (!values[0].IsNull)
                return IsSettled ? $"{values[0]}.{values[1]}" : null;
            Doubt();
        }
        catch (RedisAwayException)
        {
            // Then nothing is shared.
        }

        return null;
    }

    public async ValueTask AdvanceAsync(BucketName? bucket, CancellationToken cancellationToken)
    {
        // A new epoch of everything may be on its way already, from before this change: one more has to come.
        if (!IsSettled || !await TrySetAsync(bucket is null ? Everything : KeyOf(bucket), bucket is null ? Expiration.Default : BucketLifetime))
            Doubt();
    }

    public override void Dispose()
    {
        connection.Interrupted -= Doubt;
        messages.PeerMissed -= Doubt;
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        connection.Interrupted += Doubt;
        messages.PeerMissed += Doubt;
        using var timer = new PeriodicTimer(SettleInterval, time);
        try
        {
            do
                await SettleAsync();
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The program stops.
        }
    }

    private async Task SettleAsync()
    {
        var doubts = Volatile.Read(ref _doubts);
        if (_settled == doubts || !connection.Answers)
            return;

        // A node that has just started has left nothing untold.
        var isAdopted = await IsOfThisRunAsync() && doubts == 1;
        if (!isAdopted && !await TrySetAsync(Everything, Expiration.Default))
            return;
        _settled = doubts;
        if (!isAdopted)
            Renewed?.Invoke();
    }

    // A server that has been restarted may have forgotten the last changes, and kept answers from before them.
    private async Task<bool> IsOfThisRunAsync()
    {
        try
        {
            _run = await RunAsync();
            return _run.Length > 0 && (await connection.AskAsync(static (database, key) => database.StringGetAsync(key), Everything)).ToString().StartsWith(_run, StringComparison.Ordinal);
        }
        catch (RedisAwayException)
        {
            return false;
        }
    }

    private async Task<string> RunAsync()
    {
        var information = (await connection.AskAsync(static (database, _) => database.ExecuteAsync("INFO", "server"), 0)).ToString();
        return information.Split('\n').FirstOrDefault(line => line.StartsWith(RunField, StringComparison.Ordinal))?[RunField.Length..].Trim() ?? string.Empty;
    }

    private async Task<bool> TrySetAsync(RedisKey key, Expiration lifetime)
    {
        try
        {
            return await connection.AskAsync(
                static (database, entry) => database.StringSetAsync(entry.key, entry.Value, entry.lifetime), (key, Value: $"{_run}-{Guid.NewGuid():N}", lifetime));
        }
        catch (RedisAwayException)
        {
            return false;
        }
    }

    private void Doubt() => Interlocked.Increment(ref _doubts);

    private RedisKey KeyOf(BucketName bucket) => _prefix + bucket.Value;
}
