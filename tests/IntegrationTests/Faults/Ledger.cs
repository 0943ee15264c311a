using System.Collections.Concurrent;
using System.Globalization;
using IotBackend.IntegrationTests.Hosting;
using Xunit;

namespace IotBackend.IntegrationTests.Faults;

/// <summary>
/// What was sent to a server and what of it was acknowledged, to be held against what the server gives back. Every measurement is known by
/// its device and a number, from which its time and its values follow. Safe for concurrent use.
/// </summary>
internal sealed class Ledger
{
    private readonly ConcurrentDictionary<(string Device, int Number), bool> _acknowledged = new();

    public int Sent => _acknowledged.Count;

    public int Acknowledged => _acknowledged.Count(entry => entry.Value);

    /// <summary>The JSON of a measurement, which from now on may be found on the server.</summary>
    public string Send(string device, int number)
    {
        _acknowledged.TryAdd((device, number), false);
        var fields = FieldsOf(number);
        return $$$"""{"device":"{{{device}}}","timestamp":"{{{TimestampOf(number)}}}","fields":{{{{string.Join(',', fields.Select(f => $"\"{f.Key}\":{f.Value}"))}}}}}""";
    }

    /// <summary>The server said that it is durable: from now on it must be found.</summary>
    public void Acknowledge(string device, int number) => _acknowledged[(device, number)] = true;

    /// <summary>
    /// Fails unless the server has every acknowledged measurement, none twice, each with its own values, and nothing that was not sent.
    /// </summary>
    /// <returns>How many the server has.</returns>
    public async Task<int> AssertKeptAsync(HttpClient client)
    {
        var found = new HashSet<(string, int)>();
        var read = client.ReadAllAsync("from=1970-01-01T00:00:00Z&to=2100-01-01T00:00:00Z", cancellationToken: TestContext.Current.CancellationToken);
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

    private static string TimestampOf(int number) =>
        DateTimeOffset.UnixEpoch.AddSeconds(number).UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    private static int NumberOf(string timestamp) =>
        (int)DateTimeOffset.Parse(timestamp, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal).ToUnixTimeSeconds();
}
