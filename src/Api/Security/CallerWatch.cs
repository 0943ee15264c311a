using System.Collections.Concurrent;
using System.Net;
using IotBackend.Api.Http;
using IotBackend.Application.Access;
using IotBackend.Application.Access.Blocks;
using IotBackend.Domain.Access;
using IotBackend.Domain.Results;

namespace IotBackend.Api.Security;

/// <summary>
/// Looks again and again at callers who stay, on a connection or a stream: whoever is blocked, or whose key is revoked, changed or has expired, is told so
/// to whatever serves him. Blocks are looked at each time; keys when some key has changed, and now and then, because time alone ends them. The two do not
/// wait for each other: a key store that hangs holds up no block.
/// </summary>
internal sealed partial class CallerWatch : BackgroundService
{
    /// <summary>How long a revoked key or a block may go unnoticed once this node has heard of it.</summary>
    internal static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(250);

    /// <summary>How long a key may go unnoticed that has expired.</summary>
    internal static readonly TimeSpan KeyInterval = TimeSpan.FromSeconds(10);

    /// <summary>Keys that are looked up at a time.</summary>
    internal const int LookUpsAtOnce = 16;

    private readonly ConcurrentDictionary<Stay, bool> _stays = new();
    private readonly IApiKeyAuthenticator _authenticator;
    private readonly KnownApiKeys _keys;
    private readonly BlockList _blocks;
    private readonly TimeProvider _time;
    private readonly ILogger<CallerWatch> _logger;
    private readonly Tally _failures;
    private volatile bool _hasChanged;

    public CallerWatch(IApiKeyAuthenticator authenticator, KnownApiKeys keys, BlockList blocks, TimeProvider time, ILogger<CallerWatch> logger)
    {
        (_authenticator, _keys, _blocks, _time, _logger) = (authenticator, keys, blocks, time, logger);
        _failures = new Tally(time, TimeSpan.FromSeconds(10));
        keys.Changed += NoteChange;
    }

    /// <summary>Watches over a caller who was let in, until it is disposed.</summary>
    /// <param name="caller">Whose key it is.</param>
    /// <param name="credential">What he has shown.</param>
    /// <param name="address">Where he calls from.</param>
    /// <param name="told">
    /// Told the caller as the key makes him now, or why he is not let in any more; must be quick. It may be told the same again, and two things at a time.
    /// </param>
    public IDisposable Add(Caller caller, Credential credential, IPAddress? address, Action<Result<Caller>> told)
    {
        var stay = new Stay(this, caller.KeyId, credential, address, told);
        _stays[stay] = true;
        return stay;
    }

    public override void Dispose()
    {
        _keys.Changed -= NoteChange;
        base.Dispose();
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Task.WhenAll(WatchBlocksAsync(stoppingToken), WatchKeysAsync(stoppingToken));

    private async Task WatchBlocksAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(Interval, _time);
        while (await IsTimeAsync(timer, cancellationToken))
        {
            foreach (var (stay, _) in _stays)
            {
                if ((_blocks.CheckAddress(stay.Address) ?? _blocks.CheckKey(stay.KeyId)) is { } blocked)
                    Tell(stay, blocked);
            }
        }
    }

    private async Task WatchKeysAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(Interval, _time);
        var lookedAt = _time.GetTimestamp();
        while (await IsTimeAsync(timer, cancellationToken))
        {
            if (!_hasChanged && _time.GetElapsedTime(lookedAt) < KeyInterval)
                continue;
            (_hasChanged, lookedAt) = (false, _time.GetTimestamp());
            await LookAtKeysAsync(cancellationToken);
        }
    }

    // False when the program ends.
    private static async ValueTask<bool> IsTimeAsync(PeriodicTimer timer, CancellationToken cancellationToken)
    {
        try
        {
            return await timer.WaitForNextTickAsync(cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }

    private async Task LookAtKeysAsync(CancellationToken cancellationToken)
    {
        var options = new ParallelOptions { MaxDegreeOfParallelism = LookUpsAtOnce, CancellationToken = cancellationToken };
        try
        {
            await Parallel.ForEachAsync(_stays.Keys.GroupBy(stay => stay.Credential), options, (stays, token) => LookAtKeyAsync(stays.Key, stays, token));
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The program ends.
        }
    }

    // Once for each address as well, because a key may be bound to networks. What can not be known now changes nothing: who is in stays in.
    private async ValueTask LookAtKeyAsync(Credential credential, IEnumerable<Stay> stays, CancellationToken cancellationToken)
    {
        try
        {
            foreach (var sameAddress in stays.GroupBy(stay => stay.Address))
            {
                var now = await credential.AuthenticateAsync(_authenticator, sameAddress.Key, _time.GetUtcNow(), cancellationToken);
                if (now.Error is { Kind: ErrorKind.Unavailable })
                    return;
                foreach (var stay in sameAddress)
                    Tell(stay, now);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The program ends.
        }
#pragma warning disable CA1031 // One key that can not be judged must not keep others from being, nor end the program.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            NoteFailure(exception);
        }
    }

    private void Tell(Stay stay, Result<Caller> now)
    {
        try
        {
            stay.Told(now);
        }
#pragma warning disable CA1031 // Who can not be told must not keep others from being, nor end the program. He is told again.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            NoteFailure(exception);
        }
    }

    private void NoteFailure(Exception exception)
    {
        if (_failures.CountToTell() is { } count)
            Log.Failed(_logger, exception, count);
    }

    private void NoteChange() => _hasChanged = true;

    private sealed class Stay(CallerWatch watch, string keyId, Credential credential, IPAddress? address, Action<Result<Caller>> told) : IDisposable
    {
        public string KeyId => keyId;

        public Credential Credential => credential;

        public IPAddress? Address => address;

        public Action<Result<Caller>> Told => told;

        public void Dispose() => watch._stays.TryRemove(this, out _);
    }

    private static partial class Log
    {
        [LoggerMessage(97, LogLevel.Error, "Callers could not be judged again or told, {Count} times since this was last told; the last of them:")]
        public static partial void Failed(ILogger logger, Exception exception, long count);
    }
}
