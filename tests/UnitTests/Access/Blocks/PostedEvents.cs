using IotBackend.Application.Access.Audit;

namespace IotBackend.UnitTests.Access.Blocks;

/// <summary>Remembers what was posted.</summary>
internal sealed class PostedEvents : ISecurityEvents
{
    private readonly List<SecurityEvent> _events = [];

    public IReadOnlyList<SecurityEvent> All => _events;

    public void Post(SecurityEvent happened)
    {
        lock (_events)
            _events.Add(happened);
    }
}
