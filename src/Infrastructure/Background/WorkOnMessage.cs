using System.Threading.Channels;
using IotBackend.Application.ApiKeys;
using IotBackend.Application.Nodes;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace IotBackend.Infrastructure.Background;

/// <summary>Does something whenever another node tells that there is a reason to, or may have told so; many reasons at once are one.</summary>
/// <param name="name">What a person calls it.</param>
/// <param name="topic">Where other nodes tell it.</param>
/// <param name="work">What is done. What it could not do is done by the periodic work that stands beside it.</param>
/// <param name="messages">What other nodes tell.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">Is told what fails.</param>
internal sealed partial class WorkOnMessage(
    string name, string topic, Func<CancellationToken, Task> work, INodeMessages messages, TimeProvider time, ILogger<WorkOnMessage> logger) : BackgroundService
{
    // Between two runs, however many reasons there are.
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(250);

    private readonly Channel<bool> _reasons = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    /// <summary>Has it done soon.</summary>
    public void Wake() => _reasons.Writer.TryWrite(true);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var subscription = messages.Subscribe(topic, _ => Wake(), Wake);
        try
        {
            while (true)
            {
                await _reasons.Reader.ReadAsync(stoppingToken);
                await TryAsync(stoppingToken);
                await Task.Delay(Pause, time, stoppingToken);
            }
        }
        catch (OperationCanceledException)
        {
            // The program stops.
        }
    }

    private async Task TryAsync(CancellationToken cancellationToken)
    {
        try
        {
            await work(cancellationToken);
        }
        catch (KeyStoreUnavailableException)
        {
            // Told by the key store, once an outage.
        }
#pragma warning disable CA1031 // Whatever goes wrong must neither end the loop nor the program.
        catch (Exception exception) when (exception is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
#pragma warning restore CA1031
        {
            Log.Failed(logger, exception, name);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(61, LogLevel.Error, "Work that another node gave a reason for failed: {Name}")]
        public static partial void Failed(ILogger logger, Exception exception, string name);
    }
}
