using Microsoft.Extensions.Logging;

namespace IotBackend.Infrastructure.Measurements.Embedded;

/// <summary>
/// The thread on which the store flushes and sweeps, when it is time or when somebody asks. A flush comes after the step of a sweep that is
/// under way, because writers may wait for it, and then the next step, so that the sweep goes on however much is written.
/// </summary>
internal sealed partial class Upkeep : IDisposable
{
    /// <summary>Often enough for the shortest retention, an hour. A pass that finds nothing to do hardly looks at the disk.</summary>
    public static readonly TimeSpan SweepEvery = TimeSpan.FromMinutes(5);

    private static readonly TimeSpan FirstRetry = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LastRetry = TimeSpan.FromSeconds(30);

    private readonly Memtable _memtable;
    private readonly Func<bool> _flush;
    private readonly Func<IEnumerable<int>> _sweep;
    private readonly ILogger _logger;
    private readonly object _gate = new();
    private readonly ManualResetEvent _stopped = new(false);
    private readonly ITimer _flushTimer;
    private readonly ITimer _sweepTimer;
    private readonly Thread _thread;
    private bool _isFlushNeeded;
    private bool _isSweepNeeded = true;
    private bool _hasJustFlushed;
    private volatile bool _isStopping;

    /// <param name="memtable">Tells whether there is something to flush.</param>
    /// <param name="flush">Flushes; false when that failed.</param>
    /// <param name="sweep">Begins a pass of the sweeper.</param>
    /// <param name="options">How old points in memory may become.</param>
    /// <param name="time">The clock of both intervals.</param>
    /// <param name="logger">Is told when a sweep fails.</param>
    public Upkeep(Memtable memtable, Func<bool> flush, Func<IEnumerable<int>> sweep, EmbeddedStoreOptions options, TimeProvider time, ILogger logger)
    {
        (_memtable, _flush, _sweep, _logger) = (memtable, flush, sweep, logger);
        var flushEvery = TimeSpan.FromSeconds(options.FlushSeconds);
        _flushTimer = time.CreateTimer(_ => RequestFlush(), null, flushEvery, flushEvery);
        _sweepTimer = time.CreateTimer(_ => RequestSweep(), null, SweepEvery, SweepEvery);
        _thread = new Thread(Run) { IsBackground = true, Name = "Upkeep", Priority = ThreadPriority.BelowNormal };
    }

    /// <summary>Starts the thread, which begins with a sweep.</summary>
    public void Start() => _thread.Start();

    public void RequestFlush()
    {
        lock (_gate)
        {
            _isFlushNeeded = true;
            Monitor.Pulse(_gate);
        }
    }

    public void RequestSweep()
    {
        lock (_gate)
        {
            _isSweepNeeded = true;
            Monitor.Pulse(_gate);
        }
    }

    /// <summary>Ends the thread after the step that it is at; requests lead to nothing from then on.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _isStopping = true;
            Monitor.Pulse(_gate);
        }

        _stopped.Set();
        _thread.Join();
        _flushTimer.Dispose();
        _sweepTimer.Dispose();
        _stopped.Dispose();
    }

    private void Run()
    {
        IEnumerator<int>? pass = null;
        while (true)
        {
            switch (Next(pass is not null))
            {
                case Turn.Flush:
                    Flush();
                    break;
                case Turn.Sweep:
                    // It finds what one that was under way has left.
                    pass = Step(_sweep().GetEnumerator());
                    break;
                case Turn.Step:
                    pass = Step(pass!);
                    break;
                default:
                    return;
            }
        }
    }

    private Turn Next(bool isSweeping)
    {
        lock (_gate)
        {
            while (!_isStopping)
            {
                if (Choose(isSweeping) is { } turn)
                    return turn;
                Monitor.Wait(_gate);
            }

            return Turn.Stop;
        }
    }

    private Turn? Choose(bool isSweeping)
    {
        var mayFlush = !_hasJustFlushed || !(isSweeping || _isSweepNeeded);
        _hasJustFlushed = _isFlushNeeded && mayFlush;
        if (_hasJustFlushed)
        {
            _isFlushNeeded = false;
            return Turn.Flush;
        }

        if (!_isSweepNeeded)
            return isSweeping ? Turn.Step : null;
        _isSweepNeeded = false;
        return Turn.Sweep;
    }

    private void Flush()
    {
        for (var retry = FirstRetry; !_isStopping && _memtable.HasUnflushed && !_flush(); retry = retry * 2 < LastRetry ? retry * 2 : LastRetry)
        {
            // The disk may be full of what nobody may read any more.
            for (var pass = Step(_sweep().GetEnumerator()); pass is not null && !_isStopping; pass = Step(pass))
            {
            }

            // Not on the next commit: while memory is full each of them asks for a flush.
            _stopped.WaitOne(retry);
        }
    }

    // Null at the end of the pass.
    private IEnumerator<int>? Step(IEnumerator<int> pass)
    {
        try
        {
            return pass.MoveNext() ? pass : null;
        }
#pragma warning disable CA1031 // On a thread of its own nobody else would catch it, and the process would end; nothing is lost by trying later.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            Log.SweepFailed(_logger, exception);
            return null;
        }
    }

    private enum Turn
    {
        Stop,
        Flush,
        Sweep,
        Step,
    }

    private static partial class Log
    {
        [LoggerMessage(9, LogLevel.Warning, "What is older than its retention, or of a deleted bucket, can not be removed from disk now; it is tried again")]
        public static partial void SweepFailed(ILogger logger, Exception exception);
    }
}
