namespace IotBackend.Performance.Load;

/// <summary>What one run of <c>wrk</c> saw.</summary>
internal sealed record WrkResult(long Requests, double RequestsPerSecond, TimeSpan MedianLatency, TimeSpan P99Latency, TimeSpan MaxLatency)
{
    public static WrkResult Parse(string output, bool areRefused = false)
    {
        var line = output.Split('\n').FirstOrDefault(line => line.StartsWith("RESULT ", StringComparison.Ordinal))
            ?? throw new InvalidOperationException($"wrk printed no result: {output}");
        var figures = line.Split(' ').Skip(1).Select(text => double.Parse(text, Invariant)).ToArray();
        if (figures[2] != (areRefused ? figures[0] : 0) || figures[3] > 0 || figures[0] == 0)
            throw new InvalidOperationException($"{figures[2]} error answers and {figures[3]} failed requests of {figures[0]}: {output}");
        return new WrkResult(
            (long)figures[0], figures[0] / (figures[1] / 1e6), Microseconds(figures[4]), Microseconds(figures[5]), Microseconds(figures[6]));
    }

    private static TimeSpan Microseconds(double count) => TimeSpan.FromMicroseconds(count);
}
