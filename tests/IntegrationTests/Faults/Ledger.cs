using System.Collections.Concurrent;
using System.Globalization;
using IotBackend.IntegrationTests.Hosting;
using Xunit;

namespace IotBackend.IntegrationTests.Faults;

/// <summary>
/// What was sent to a server and what of it was acknowledged, to be held against what the server gives back. Every measurement is known by
/// its device and a number, from which its time and its values follow. Safe for concurrent use.
/// </summary>
/// <param name="first">Added to all numbers, which then reach up to <see cref="Numbers"/> more: ledgers apart by that share no time.</param>
internal sealed class Ledger(int first = 0)
{
    /// <summary>The most numbers of a device.</summary>
    public const int Numbers = 100_000;

    private readonly ConcurrentDictionary<(string Device, int Number), bool> _acknowledged = new();
    private int _acknowledgements;

    public int Sent => _acknowledged.Count;

    public int Acknowledged => Volatile.Read(ref _acknowledgements);

    /// <summary>The JSON of a measurement, which from now on may be found on the server.</summary>
    public string Send(string device, int number)
    {
        _acknowledged.TryAdd((device, number), false);
        var fields = FieldsOf(number);
        return $$$"""{"device":"{{{device}}}","timestamp":"{{{TimestampOf(number)}}}","fields":{{{{string.Join(',', fields.Select(f => $"\"{f.Key}\":{f.Value}"))}}}}}""";
    }

    /// <summary>The server said that it is durable: from now on it must be found.</summary>
    public void Acknowledge(string device, int number)
    {
        if (_acknowledged.TryUpdate((device, number), true, false))
            Interlocked.Increment(ref _acknowledgements);
    }

    /// <summary>
    /// Fails unless the server has every acknowledged measurement, none twice, each with its own values, and nothing that was not sent.
    /// </summary>
    /// <returns>How many the server has.</returns>
    public async Task<int> AssertKeptAsync(HttpClient client)
    {
        var found = new HashSet<(string, int)>();
        var range = $"from={TimestampOf(0)}&to={TimestampOf(Numbers)}";
        var read = client.ReadAllAsync(range, cancellationToken: TestContext.Current.CancellationToken);
        await foreach (var measurement in read)
        {
            var number = NumberOf(measurement.Timestamp);
            Assert.True(_acknowledged.ContainsKey((measurement.Device, number)), $"{measurement} was never sent.");
            Assert.True(found.Add((measurement.Device, number)), $"{measurement} came back twice.");
            Assert.Equal(FieldsOf(number), measurement.Fields);
        }

        var lost = _acknowledged.Where(entry => entry.Value && !found.Contains(entry.Key)).Select(entry => entry.Key).ToList();
        Assert.True(lost.Count == 0, $"{lost.Count} of {Acknowledged} acknowledged measurements are lost, such as {string.Join(", ", lost.Take(5))}.");
        return found.Count;
    }

    private static Dictionary<string, string> FieldsOf(int number) => new()
    {
        ["even"] = number % 2 == 0 ? "true" : "false",
        ["label"] = $"\"number {number}\"",
        ["value"] = (number * 0.1).ToString("R", CultureInfo.InvariantCulture),
    };

    private string TimestampOf(int number) =>
        DateTimeOffset.UnixEpoch.AddSeconds(first + number).UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    private int NumberOf(string timestamp) =>
        (int)DateTimeOffset.Parse(timestamp, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal).ToUnixTimeSeconds() - first;
}
