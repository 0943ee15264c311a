namespace IotBackend.Infrastructure.Redis;

/// <summary>
/// The other nodes, which say every second that they live, and take leave when they end. What one that fell silent has changed it may have told nobody:
/// it was killed, or can not reach Redis and goes on by itself. So it is waited for, for a while, as one that changes things unheard.
/// </summary>
internal sealed class NodePeers(TimeProvider time)
{
    /// <summary>From then on a node counts as silent.</summary>
    public static readonly TimeSpan SilentAfter = TimeSpan.FromSeconds(3);

    /// <summary>So long it is waited for.</summary>
    public static readonly TimeSpan GivenUpAfter = TimeSpan.FromMinutes(1);

    private readonly Lock _lock = new();
    private readonly Dictionary<Guid, Peer> _peers = [];
    private volatile bool _isAnySilent;
    private volatile bool _hasNew;

    /// <summary>False while one is silent.</summary>
    public bool AreHeard => !_isAnySilent;

    public void Hear(Guid node)
    {
        lock (_lock)
        {
            if (_peers.TryGetValue(node, out var peer))
            {
                peer.HeardAt = time.GetTimestamp();
                return;
            }

            _peers.Add(node, new Peer { HeardAt = time.GetTimestamp() });
            _hasNew = true;
        }
    }

    /// <summary>It has told all that it had to tell.</summary>
    public void Leave(Guid node)
    {
        lock (_lock)
        {
            if (_peers.TryGetValue(node, out var peer) && peer.IsSilent)
                peer.HasLeft = true;
            else
                _peers.Remove(node);
        }
    }

    /// <summary>Whether somebody has come since it was asked last, who does not know of this node yet.</summary>
    public bool HasNew()
    {
        var hasNew = _hasNew;
        _hasNew = false;
        return hasNew;
    }

    /// <summary>After this node itself has heard nothing for a while, which says nothing about the others.</summary>
    public void BeginAnew()
    {
        lock (_lock)
        {
            foreach (var peer in _peers.Values.Where(peer => !peer.IsSilent))
                peer.HeardAt = time.GetTimestamp();
        }
    }

    /// <summary>True when one has fallen silent, is back or is given up since the last look: what it changed meanwhile counts as missed.</summary>
    public bool Look()
    {
        var isMissed = false;
        lock (_lock)
        {
            foreach (var peer in _peers.Values)
            {
                var silence = time.GetElapsedTime(peer.HeardAt);
                peer.IsOver = peer.IsSilent && (peer.HasLeft || silence <= SilentAfter || silence > GivenUpAfter);
                isMissed |= peer.IsOver || (!peer.IsSilent && silence > SilentAfter);
                peer.IsSilent |= silence > SilentAfter;
            }

            _isAnySilent |= isMissed;
        }

        return isMissed;
    }

    /// <summary>When what was missed has been told: only then those who are back or given up are waited for no more.</summary>
    public void EndLook()
    {
        lock (_lock)
        {
            foreach (var (node, peer) in _peers.Where(peer => peer.Value.IsOver).ToArray())
            {
                if (peer.HasLeft || time.GetElapsedTime(peer.HeardAt) > SilentAfter)
                    _peers.Remove(node);
                peer.IsSilent = peer.IsOver = false;
            }

            _isAnySilent = _peers.Values.Any(peer => peer.IsSilent);
        }
    }

    private sealed class Peer
    {
        public long HeardAt { get; set; }

        public bool IsSilent { get; set; }

        public bool HasLeft { get; set; }

        /// <summary>Whether its silence has come to an end.</summary>
        public bool IsOver { get; set; }
    }
}
