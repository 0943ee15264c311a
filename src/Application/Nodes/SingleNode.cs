namespace IotBackend.Application.Nodes;

/// <summary>There is no other node: nobody to tell, and nothing to hear.</summary>
public sealed class SingleNode : INodeMessages, IDisposable
{
    public bool IsConnected => true;

    public void Publish(string topic, ReadOnlyMemory<byte> message, bool canWait = false)
    {
        // Nobody else listens.
    }

    public IDisposable Subscribe(string topic, Action<ReadOnlyMemory<byte>> received, Action missed) => this;

    /// <summary>Ends a subscription, which is nothing.</summary>
    public void Dispose()
    {
        // Nothing was subscribed to.
    }
}
