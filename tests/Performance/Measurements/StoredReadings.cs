using System.Text.Json;
using IotBackend.Performance.Load;
using IotBackend.Performance.Servers;

namespace IotBackend.Performance.Measurements;

/// <summary>Asks this backend for what <see cref="BulkLoad"/> stored.</summary>
internal static class StoredReadings
{
    /// <summary>The newest page of a device, as bytes and as pairs of time (milliseconds) and value of the first field asked for.</summary>
    public static async Task<(byte[] Body, (long Time, double Value)[] Points)> NewestAsync(
        IotServer server, int device, string? field, int limit, CancellationToken cancellationToken)
    {
        var body = await GetAsync(server, Target(field, limit, string.Create(Invariant, $"{device:D6}"), "2026-12-31T00:00:00Z"), cancellationToken);
        using var page = JsonDocument.Parse(body);
        var points = page.RootElement.GetProperty("items").EnumerateArray().Select(item => (
            item.GetProperty("timestamp").GetDateTimeOffset().ToUnixTimeMilliseconds(),
            item.GetProperty("fields").GetProperty(field ?? "temperature").GetDouble()));
        return (body, [.. points]);
    }

    /// <summary>The newest temperature of a device and its time in milliseconds.</summary>
    public static async Task<(long Time, double Value)> LatestAsync(IotServer server, int device, CancellationToken cancellationToken)
    {
        var target = string.Create(Invariant, $"/measurements/latest?device=device-{device:D6}");
        using var latest = JsonDocument.Parse(await GetAsync(server, target, cancellationToken));
        var value = latest.RootElement.GetProperty("items")[0].GetProperty("fields").GetProperty("temperature");
        return (value.GetProperty("timestamp").GetDateTimeOffset().ToUnixTimeMilliseconds(), value.GetProperty("value").GetDouble());
    }

    /// <summary>Reads of the newest page of each device in turn, each with an end of its own, so that none repeats.</summary>
    public static string Script(Uri server, string key, string? field, int limit) =>
        WrkScripts.Reads(server, key, Bench.Devices, Target(field, limit, "%06d", "%.0f"), uniqueFrom: FarFuture);

    /// <summary>Reads of the newest page of each device in turn, of a range that ended long ago, so that all but the first of each come from the cache.</summary>
    public static string CachedScript(Uri server, string key, int limit) =>
        WrkScripts.Reads(server, key, Bench.Devices, Target(null, limit, "%06d", ClosedEnd), uniqueFrom: 0);

    /// <summary>The newest page of a device as <see cref="CachedScript"/> asks for it.</summary>
    public static Task<byte[]> CachedAsync(IotServer server, int device, int limit, CancellationToken cancellationToken) =>
        GetAsync(server, Target(null, limit, string.Create(Invariant, $"{device:D6}"), ClosedEnd), cancellationToken);

    /// <summary>Newest values of each device in turn, each with a further name of its own that nothing has, so that none repeats.</summary>
    public static string LatestScript(Uri server, string key) =>
        WrkScripts.Reads(server, key, Bench.Devices, "/measurements/latest?device=device-%06d&name=climate&name=n%.0f", uniqueFrom: 0);

    /// <summary>Start of the day of which windows are asked.</summary>
    public const long FirstMilliseconds = FleetSlice.StartMilliseconds;

    /// <summary>End of the day of which windows are asked.</summary>
    public const long DayEndMilliseconds = FirstMilliseconds + 86_400_000;

    /// <summary>Means of the temperature of a device in windows of five minutes: starts in milliseconds, and values.</summary>
    public static async Task<(long Time, double Mean)[]> WindowsAsync(IotServer server, int device, CancellationToken cancellationToken)
    {
        using var answer = JsonDocument.Parse(await GetAsync(server, WindowsTarget(string.Create(Invariant, $"{device:D6}"), "0"), cancellationToken));
        return
        [
            .. answer.RootElement.GetProperty("series").EnumerateArray().SelectMany(series => series.GetProperty("points").EnumerateArray())
                .Select(point => (point.GetProperty("timestamp").GetDateTimeOffset().ToUnixTimeMilliseconds(), point.GetProperty("mean").GetDouble())),
        ];
    }

    /// <summary>The windows of each device in turn, each with a further name of its own that nothing has, so that none repeats.</summary>
    public static string WindowsScript(Uri server, string key) =>
        WrkScripts.Reads(server, key, Bench.Devices, WindowsTarget("%06d", "%.0f"), uniqueFrom: 0);

    // After all that is stored, and before any lateness.
    private const string ClosedEnd = "2026-06-01T00:00:00Z";

    // 2026-12-31T00:00:00Z in milliseconds: after all that is stored.
    private const long FarFuture = 1_798_675_200_000;

    private static string Target(string? field, int limit, string device, string to) => string.Create(
        Invariant,
        $"/measurements?device=device-{device}{(field is null ? string.Empty : $"&field={field}")}&from=2026-01-01T00:00:00Z&limit={limit}&to={to}");

    private static string WindowsTarget(string device, string unique) => string.Create(
        Invariant,
        $"/measurements?device=device-{device}&name=climate&name=n{unique}&field=temperature&from={FirstMilliseconds}&to={DayEndMilliseconds}&window=5m&aggregate=mean");

    private static async Task<byte[]> GetAsync(IotServer server, string target, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(server.Address, target));
        request.Headers.Add("X-API-Key", server.Key);
        using var answer = await Http.Client.SendAsync(request, cancellationToken);
        answer.EnsureSuccessStatusCode();
        return await answer.Content.ReadAsByteArrayAsync(cancellationToken);
    }
}
