using IotBackend.Application.Measurements.Transfer;

namespace IotBackend.Api.Composition;

/// <summary>Prints how far it has come: every second over the line before on a terminal, else a line every ten seconds.</summary>
internal sealed class ProgressPrinter : IAsyncDisposable
{
    private const int Width = 120;

    private readonly TransferProgress _progress;
    private readonly TextWriter _output;
    private readonly bool _isTerminal;
    private readonly TimeProvider _time;
    private readonly long _began;
    private readonly CancellationTokenSource _end = new();
    private readonly Task _printing;
    private double _fractionAtStart = double.NaN;

    public ProgressPrinter(TransferProgress progress, TextWriter output, bool isTerminal, TimeProvider time)
    {
        (_progress, _output, _isTerminal, _time, _began) = (progress, output, isTerminal, time, time.GetTimestamp());
        _printing = PrintAsync();
    }

    /// <summary>Prints no more progress, but these lines.</summary>
    public async Task EndAsync(params string[] lines)
    {
        await DisposeAsync();
        foreach (var line in lines)
            await _output.WriteLineAsync(line);
    }

    public async ValueTask DisposeAsync()
    {
        if (_end.IsCancellationRequested)
            return;
        await _end.CancelAsync();
        await _printing;
        if (_isTerminal)
            await _output.WriteAsync($"\r{new string(' ', Width)}\r");
        _end.Dispose();
    }

    /// <summary>The line of this moment.</summary>
    public string Describe()
    {
        var elapsed = _time.GetElapsedTime(_began);
        var line = $"{_progress.Measurements:N0} measurements, {_progress.Values:N0} values, {_progress.Values / Math.Max(elapsed.TotalSeconds, 0.001):N0} values/s";
        if (_progress.Fraction is var fraction && !double.IsNaN(fraction))
            line += $", {100 * fraction:N1} %{Left(fraction, elapsed)}";
        if (_progress.Step is { } step)
            line += $", {step}";
        return _progress.WaitingFor is { } reason ? $"{line}; waiting: {reason}" : line;
    }

    // By what this run has done: one that was continued did not begin at nothing.
    private string Left(double fraction, TimeSpan elapsed)
    {
        if (double.IsNaN(_fractionAtStart))
            _fractionAtStart = fraction;
        var done = fraction - _fractionAtStart;
        if (done <= 0 || fraction >= 1)
            return string.Empty;
        var left = TimeSpan.FromSeconds(Math.Min(elapsed.TotalSeconds * (1 - fraction) / done, TimeSpan.FromDays(365).TotalSeconds));
        return left.TotalHours >= 1 ? $", {left.TotalHours:N1} h left" : $", {left:mm\\:ss} left";
    }

    private async Task PrintAsync()
    {
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(_isTerminal ? 1 : 10), _time);
        try
        {
            while (await timer.WaitForNextTickAsync(_end.Token))
                await _output.WriteAsync(_isTerminal ? $"\r{Fit(Describe())}" : Describe() + Environment.NewLine);
        }
        catch (OperationCanceledException)
        {
            // The end.
        }
    }

    private static string Fit(string line) => line.Length > Width ? line[..Width] : line.PadRight(Width);
}
