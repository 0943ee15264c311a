using IotBackend.Application.Nodes;

namespace IotBackend.UnitTests.Measurements.Live;

/// <summary>Nodes in one process that hear each other at once, as long as they are connected.</summary>
internal sealed class ConnectedNodes
{
    private readonly List<Node> _nodes = [];

    public Node Add()
    {
        var node = new Node(this);
        _nodes.Add(node);
        return node;
    }

    internal sealed class Node(ConnectedNodes all) : INodeMessages
    {
        private readonly List<(string Topic, Action<ReadOnlyMemory<byte>> Received, Action Missed)> _subscribers = [];
        private readonly List<string> _published = [];

        public bool IsConnected { get; private set; } = true;

        /// <summary>Topics of all that was published here.</summary>
        public IReadOnlyList<string> Published
        {
            get
            {
                lock (_published)
                    return [.. _published];
            }
        }

        public void Publish(string topic, ReadOnlyMemory<byte> message, bool canWait = false)
        {
            lock (_published)
                _published.Add(topic);
            if (!IsConnected)
                return;
            foreach (var node in all._nodes.Where(node => node != this && node.IsConnected))
                node.Receive(topic, message);
        }

        public IDisposable Subscribe(string topic, Action<ReadOnlyMemory<byte>> received, Action missed)
        {
            _subscribers.Add((topic, received, missed));
            return new SingleNode();
        }

        public void Disconnect() => IsConnected = false;

        public void Reconnect()
        {
            IsConnected = true;
            _subscribers.ForEach(subscriber => subscriber.Missed());
        }

        /// <summary>A message as another node sends it; its memory is used for something else afterwards.</summary>
        public void Receive(string topic, ReadOnlyMemory<byte> message)
        {
            var lent = message.ToArray();
            foreach (var subscriber in _subscribers.Where(subscriber => subscriber.Topic == topic))
                subscriber.Received(lent);
            Array.Fill(lent, (byte)0xEE);
        }
    }
}
