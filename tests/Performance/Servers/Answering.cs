using System.Diagnostics;
using IotBackend.Performance.Load;

namespace IotBackend.Performance.Servers;

internal static class Answering
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(5);

    /// <summary>Waits until a started server answers with success, and returns how long that took since the given moment.</summary>
    public static async Task<TimeSpan> WaitAsync(PinnedProcess process, Uri address, long since, CancellationToken cancellationToken)
    {
        while (!await AnswersAsync(address, cancellationToken))
        {
            if (process.HasExited)
                throw new InvalidOperationException($"The server ended before it answered:{Environment.NewLine}{process.LastOutput}");
            await Task.Delay(Pause, TimeProvider.System, cancellationToken);
        }

        return Stopwatch.GetElapsedTime(since);
    }

    private static async Task<bool> AnswersAsync(Uri address, CancellationToken cancellationToken)
    {
        try
        {
            using var answer = await Http.Client.GetAsync(address, cancellationToken);
            return answer.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }
}
