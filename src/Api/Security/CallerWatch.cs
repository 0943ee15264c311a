using System.Collections.Concurrent;
using System.Net;
using IotBackend.Application.Access;
using IotBackend.Application.Access.Blocks;
using IotBackend.Domain.Access;
using IotBackend.Domain.Results;

namespace IotBackend.Api.Security;

/// <summary>
/// Looks again and again at callers who stay, on a connection or a stream: whoever is blocked, or whose key is revoked, changed or has expired, is told so
/// to whatever serves him. Blocks are looked at each time; keys when some key has changed, and now and then, because time alone ends them.
/// </summary>
internal sealed class CallerWatch : BackgroundService
{
    /// <summary>How long a revoked key or a block may go unnoticed once this node has heard of it.</summary>
    internal static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(250);

    /// <summary>How long a key may go unnoticed that has expired.</summary>
    internal static readonly TimeSpan KeyInterval = TimeSpan.FromSeconds(10);

    private readonly ConcurrentDictionary<Stay, bool> _stays = new();
    private readonly IApiKeyAuthenticator _authenticator;
    private readonly KnownApiKeys _keys;
    private readonly BlockList _blocks;
    private readonly TimeProvider _time;
    private volatile bool _hasChanged;

    public CallerWatch(IApiKeyAuthenticator authenticator, KnownApiKeys keys, BlockList blocks, TimeProvider time)
    {
        (_authenticator, _keys, _blocks, _time) = (authenticator, keys, blocks, time);
        keys.Changed += NoteChange;
    }

    /// <summary>Watches over a caller who was let in, until it is disposed.</summary>
    /// <param name="caller">Whose key it is.</param>
    /// <param name="credential">What he has shown.</param>
    /// <param name="address">Where he calls from.</param>
    /// <param name="told">Told the caller as the key makes him now, or why he is not let in any more; must be quick.</param>
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

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, _time);
        var lookedAt = _time.GetTimestamp();
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                var isKeysTurn = _hasChanged || _time.GetElapsedTime(lookedAt) >= KeyInterval;
                if (isKeysTurn)
                    (_hasChanged, lookedAt) = (false, _time.GetTimestamp());
                await LookAsync(isKeysTurn, stoppingToken);
            }
        }
        catch (OperationCanceledException)
        {
            // The program ends.
        }
    }

    private void NoteChange() => _hasChanged = true;

    private async Task LookAsync(bool isKeysTurn, CancellationToken cancellationToken)
    {
        foreach (var (stay, _) in _stays)
        {
            if ((_blocks.CheckAddress(stay.Address) ?? _blocks.CheckKey(stay.KeyId)) is { } blocked)
                stay.Told(blocked);
            else if (isKeysTurn)
                await LookAtKeyAsync(stay, cancellationToken);
        }
    }

    // What can not be known now changes nothing: who is in stays in.
    private async Task LookAtKeyAsync(Stay stay, CancellationToken cancellationToken)
    {
        var now = await stay.Credential.AuthenticateAsync(_authenticator, stay.Address, cancellationToken);
        if (now.Error is not { Kind: ErrorKind.Unavailable })
            stay.Told(now);
    }

    private sealed class Stay(CallerWatch watch, string keyId, Credential credential, IPAddress? address, Action<Result<Caller>> told) : IDisposable
    {
        public string KeyId => keyId;

        public Credential Credential => credential;

        public IPAddress? Address => address;

        public Action<Result<Caller>> Told => told;

        public void Dispose() => watch._stays.TryRemove(this, out _);
    }
}
