using System.Collections.Concurrent;

namespace IotBackend.Simulator.Sending;

/// <summary>What became of everything that was sent so far. Safe for concurrent use.</summary>
internal sealed class SendReport
{
    private const int KeptMessages = 5;

    private readonly ConcurrentDictionary<string, int> _rejectedByCode = new(StringComparer.Ordinal);
    private readonly ConcurrentQueue<string> _messages = new();
    private long _accepted;
    private long _rejected;
    private long _requests;
    private long _retries;

    public Latencies Latencies { get; } = new();

    public long Accepted => Interlocked.Read(ref _accepted);

    public long Rejected => Interlocked.Read(ref _rejected);

    public long Requests => Interlocked.Read(ref _requests);

    public long Retries => Interlocked.Read(ref _retries);

    /// <summary>How often each error code was told; at most 100 a response, as the contract has it.</summary>
    public IReadOnlyDictionary<string, int> RejectedByCode => _rejectedByCode;

    /// <summary>The first few different messages of what was wrong.</summary>
    public IReadOnlyCollection<string> FirstMessages => [.. _messages.Take(KeptMessages)];

    public void CountRequest(TimeSpan latency)
    {
        Interlocked.Increment(ref _requests);
        Latencies.Add(latency);
    }

    public void CountRetry() => Interlocked.Increment(ref _retries);

    public void CountAccepted(int measurements) => Interlocked.Add(ref _accepted, measurements);

    public void CountRejected(int measurements, IReadOnlyList<ItemError> errors)
    {
        Interlocked.Add(ref _rejected, measurements);
        foreach (var error in errors)
        {
            _rejectedByCode.AddOrUpdate(error.Code, 1, (_, count) => count + 1);
            if (_messages.Count < KeptMessages && !_messages.Contains($"{error.Code}: {error.Message}"))
                _messages.Enqueue($"{error.Code}: {error.Message}");
        }
    }
}
