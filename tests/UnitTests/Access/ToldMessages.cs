using System.Text;
using IotBackend.Application.Nodes;

namespace IotBackend.UnitTests.Access;

/// <summary>Other nodes, whose messages a test tells.</summary>
internal sealed class ToldMessages : INodeMessages
{
    private readonly List<(Action<ReadOnlyMemory<byte>> Received, Action Missed)> _subscribers = [];

    public bool IsConnected => true;

    public List<string> Published { get; } = [];

    public void Publish(string topic, ReadOnlyMemory<byte> message, bool canWait = false) => Published.Add(Encoding.UTF8.GetString(message.Span));

    public IDisposable Subscribe(string topic, Action<ReadOnlyMemory<byte>> received, Action missed)
    {
        _subscribers.Add((received, missed));
        return new SingleNode();
    }

    public void Tell(string message) => _subscribers.ForEach(subscriber => subscriber.Received(Encoding.UTF8.GetBytes(message)));

    public void TellMissed() => _subscribers.ForEach(subscriber => subscriber.Missed());
}
