namespace IotBackend.IntegrationTests.Hosting;

/// <summary>One direction of a <see cref="FaultProxy"/>: its fault of the moment, and what has gone through.</summary>
internal sealed class ProxyLink
{
    private readonly Lock _lock = new();
    private LinkFault _fault = LinkFault.None;
    private TaskCompletionSource _switched = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _bytes;

    public LinkFault Fault
    {
        get
        {
            lock (_lock)
                return _fault;
        }
    }

    /// <summary>Bytes that went through.</summary>
    public long Bytes => Interlocked.Read(ref _bytes);

    public void Switch(LinkFault fault)
    {
        lock (_lock)
        {
            // A copy, so that the same fault set twice counts its bytes anew.
            _fault = fault with { };
            _switched.SetResult();
            _switched = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }

    public void Count(int bytes) => Interlocked.Add(ref _bytes, bytes);

    /// <summary>Waits so long, or until the fault is another.</summary>
    public async Task WaitAsync(LinkFault fault, TimeSpan time, CancellationToken cancellationToken)
    {
        Task switched;
        lock (_lock)
        {
            if (!ReferenceEquals(fault, _fault))
                return;
            switched = _switched.Task;
        }

        await Task.WhenAny(switched, Task.Delay(time, TimeProvider.System, cancellationToken));
        cancellationToken.ThrowIfCancellationRequested();
    }
}
