using System.Diagnostics;
using System.Text.Json;

namespace IotBackend.Performance.Load;

/// <summary>How fast <see cref="Utf8JsonReader"/> walks a batch's bytes in memory: nobody who reads this JSON can be faster.</summary>
internal static class JsonWalk
{
    public const string Name = "walk";

    /// <summary>The part of the child process. Arguments: the file, the seconds. Prints bodies a second.</summary>
    public static int Run(string[] arguments)
    {
        var body = File.ReadAllBytes(arguments[0]);
        var duration = TimeSpan.FromSeconds(double.Parse(arguments[1], Invariant));
        Walk(body, TimeSpan.FromSeconds(1));
        Console.WriteLine(Walk(body, duration).ToString(Invariant));
        return 0;
    }

    /// <summary>Bodies a second, measured in a process pinned where the servers run.</summary>
    public static async Task<double> MeasureAsync(string file, TimeSpan duration, CancellationToken cancellationToken)
    {
        var start = Cores.Pinned(Cores.Server, Environment.ProcessPath!, [Name, file, duration.TotalSeconds.ToString(Invariant)]);
        start.RedirectStandardOutput = true;
        using var walk = Process.Start(start)!;
        var output = await walk.StandardOutput.ReadToEndAsync(cancellationToken);
        await walk.WaitForExitAsync(cancellationToken);
        return double.Parse(output, Invariant);
    }

    private static double Walk(byte[] body, TimeSpan duration)
    {
        var since = Stopwatch.GetTimestamp();
        long bodies = 0, tokens = 0;
        for (; Stopwatch.GetElapsedTime(since) < duration; bodies++)
        {
            var reader = new Utf8JsonReader(body);
            while (reader.Read())
                tokens++;
        }

        return tokens == 0 ? 0 : bodies / Stopwatch.GetElapsedTime(since).TotalSeconds;
    }
}
