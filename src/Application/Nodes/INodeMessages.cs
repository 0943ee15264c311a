namespace IotBackend.Application.Nodes;

/// <summary>
/// Messages between the nodes that serve together. At most once: whoever relies on one also has a way to do without, which
/// <see cref="IsConnected"/> and the notice of missed messages tell to take.
/// </summary>
public interface INodeMessages
{
    /// <summary>Whether what other nodes publish reaches this one now. Always true where there is only one.</summary>
    bool IsConnected { get; }

    /// <summary>Tells all other nodes, not this one. Never waits and never throws.</summary>
    /// <param name="topic">Lower-case words with hyphens.</param>
    /// <param name="message">What subscribers of the topic get. Nodes of neighbouring versions must understand each other's.</param>
    /// <param name="canWait">For what comes in streams: it goes after all else, and does without others' room when there is too much of it.</param>
    void Publish(string topic, ReadOnlyMemory<byte> message, bool canWait = false);

    /// <summary>Gets what other nodes publish, one message after the other, until it is disposed.</summary>
    /// <param name="topic">Lower-case words with hyphens.</param>
    /// <param name="received">Called with each message; must be quick, and must not throw for one that it does not understand.</param>
    /// <param name="missed">Called once after messages may have been missed, when they arrive again.</param>
    IDisposable Subscribe(string topic, Action<ReadOnlyMemory<byte>> received, Action missed);
}
