using IotBackend.Application.Monitoring;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace IotBackend.Infrastructure.Redis;

/// <summary>
/// The one connection to Redis. Nobody waits longer for an answer than <see cref="Patience"/>; when answers fail to come, all are refused at
/// once until one to a probe in the background comes in time.
/// </summary>
internal sealed partial class RedisConnection(IOptions<RedisOptions> options, TimeProvider time, ILogger<RedisConnection> logger) : BackgroundService
{
    /// <summary>The longest that anybody waits for an answer.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(50);

    // Late answers are no outage until they have been for a while: a collection of garbage, or a busy processor, makes all of a moment late.
    private const int FailuresUntilAway = 3;
    private static readonly TimeSpan LateUntilAway = TimeSpan.FromMilliseconds(150);

    // After this process itself has stood still, the answer may be there unread.
    private static readonly TimeSpan SecondPatience = TimeSpan.FromMilliseconds(20);

    private static readonly TimeSpan ProbeInterval = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan StartPatience = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan RefusalIsNews = TimeSpan.FromSeconds(10);

    private readonly string _probeKey = options.Value.KeyPrefix + "probe";
    private readonly TaskCompletionSource _probed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile ConnectionMultiplexer? _multiplexer;
    private volatile bool _answers;
    private volatile bool _isTold;
    private int _failures;
    private long _failingSince;
    private long _refusedAt = long.MinValue;
    private long _latencyTicks;
    private long _unanswered;

    /// <summary>A connection was lost: what was published since then may not have come.</summary>
    public event Action? Interrupted;

    /// <summary>Whether Redis is asked at all now.</summary>
    public bool Answers => _answers;

    /// <summary>Whether it has refused something in the last seconds, such as for want of memory or permission.</summary>
    public bool Refuses => Interlocked.Read(ref _refusedAt) is var at && at != long.MinValue && time.GetElapsedTime(at) < RefusalIsNews;

    /// <summary>How long the last probe took.</summary>
    public TimeSpan Latency => TimeSpan.FromTicks(Interlocked.Read(ref _latencyTicks));

    /// <summary>Questions that were not answered in time while Redis was asked at all; it may have carried them out.</summary>
    public long Unanswered => Interlocked.Read(ref _unanswered);

    /// <summary>Null until Redis was reached for the first time.</summary>
    public ISubscriber? Subscriber => _multiplexer?.GetSubscriber();

    /// <summary>Asks once.</summary>
    /// <param name="ask">Sends the question.</param>
    /// <param name="state">What it needs.</param>
    /// <param name="waited">How long whoever asks has waited already.</param>
    /// <exception cref="RedisAwayException">There is no answer within <see cref="Patience"/>; it may have been carried out all the same.</exception>
    public Task<T> AskAsync<T, TState>(Func<IDatabase, TState, Task<T>> ask, TState state, TimeSpan waited = default) => _answers && _multiplexer is { } multiplexer
        ? AskAsync(multiplexer, ask, state, waited)
        : Task.FromException<T>(new RedisAwayException());

    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        await base.StartAsync(cancellationToken);

        // So that the first requests count where all do. A server that is away holds up no start.
        await Task.WhenAny(_probed.Task, Task.Delay(StartPatience, time, cancellationToken));
    }

    public override void Dispose()
    {
        _multiplexer?.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(ProbeInterval, time);
        try
        {
            do
                await ProbeAsync();
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException)
        {
            // The program stops. What is asked after this is answered as long as Redis does.
        }
    }

    private async Task<T> AskAsync<T, TState>(ConnectionMultiplexer multiplexer, Func<IDatabase, TState, Task<T>> ask, TState state, TimeSpan waited)
    {
        Task<T>? asked = null;
        try
        {
            asked = ask(multiplexer.GetDatabase(), state);
            var answer = await WaitAsync(asked, waited);
            if (_failures != 0)
                Volatile.Write(ref _failures, 0);
            return answer;
        }
        catch (RedisServerException exception)
        {
            // It is there and quick, so it is asked again.
            if (!Refuses)
                Log.Refused(logger, exception.Message);
            Interlocked.Exchange(ref _refusedAt, time.GetTimestamp());
            throw new RedisAwayException(exception);
        }
        catch (Exception exception) when (RedisFailure.Is(exception))
        {
            _ = asked?.ContinueWith(static late => late.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
            CountFailure(exception);
            throw new RedisAwayException(exception);
        }
    }

    private async Task<T> WaitAsync<T>(Task<T> asked, TimeSpan waited)
    {
        if (asked.IsCompleted)
            return await asked;
        var began = time.GetTimestamp();
        try
        {
            return await asked.WaitAsync(waited < Patience ? Patience - waited : TimeSpan.Zero, time);
        }
        catch (TimeoutException) when (time.GetElapsedTime(began) + waited > Patience + SecondPatience)
        {
            return await asked.WaitAsync(SecondPatience, time);
        }
    }

    private void CountFailure(Exception exception)
    {
        Interlocked.Increment(ref _unanswered);
        Telemetry.RedisUnanswered.Add(1);
        var failures = Interlocked.Increment(ref _failures);
        if (failures == 1)
            Interlocked.Exchange(ref _failingSince, time.GetTimestamp());
        else if (failures >= FailuresUntilAway && (exception is not TimeoutException || time.GetElapsedTime(Interlocked.Read(ref _failingSince)) > LateUntilAway))
            TurnAway(exception);
    }

    // It writes, so that a server that only reads, or has no memory left, counts as away.
    private async Task ProbeAsync()
    {
        var start = time.GetTimestamp();
        try
        {
            var multiplexer = _multiplexer ?? await ConnectAsync();
            await AskAsync(multiplexer, static (database, key) => database.StringSetAsync(key, 1, TimeSpan.FromSeconds(10)), _probeKey, TimeSpan.Zero);
            Interlocked.Exchange(ref _latencyTicks, time.GetElapsedTime(start).Ticks);
            TurnBack();
            _probed.TrySetResult();
        }
        catch (RedisAwayException exception) when (exception.InnerException is RedisServerException)
        {
            TurnAway(exception.InnerException);
        }
        catch (RedisAwayException exception)
        {
            // The first attempt is told as well.
            if (!_answers)
                TurnAway(exception.InnerException);
        }
#pragma warning disable CA1031 // Whatever goes wrong with it, the program goes on without Redis and tries again.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            TurnAway(exception);
        }
    }

    private async Task<ConnectionMultiplexer> ConnectAsync()
    {
        var multiplexer = await ConnectionMultiplexer.ConnectAsync(options.Value.Parse()!);
        multiplexer.ConnectionFailed += (_, _) => Interrupted?.Invoke();
        return _multiplexer = multiplexer;
    }

    private void TurnAway(Exception? why)
    {
        _answers = false;
        if (_isTold)
            return;
        _isTold = true;
        Log.Away(logger, why?.GetType().Name ?? "no connection", why is RedisServerException ? why.Message : string.Empty);
    }

    private void TurnBack()
    {
        if (_answers)
            return;
        _answers = true;
        if (_isTold)
            Log.Back(logger);
        _isTold = false;
    }

    private static partial class Log
    {
        [LoggerMessage(70, LogLevel.Warning, "Redis does not answer ({Kind}) {Message}; this node goes on alone until it does")]
        public static partial void Away(ILogger logger, string kind, string message);

        [LoggerMessage(75, LogLevel.Error, "Redis refuses what it is asked: {Message}")]
        public static partial void Refused(ILogger logger, string message);

        [LoggerMessage(71, LogLevel.Information, "Redis answers again")]
        public static partial void Back(ILogger logger);
    }
}
