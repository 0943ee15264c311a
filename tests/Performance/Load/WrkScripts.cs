namespace IotBackend.Performance.Load;

/// <summary>
/// Lua for <c>wrk</c>. Requests are written out as text, because <c>wrk.format</c> costs more than some of the servers do. Every
/// script of writes begins at another day, so that no point is ever written twice.
/// </summary>
internal static class WrkScripts
{
    private static readonly DateTimeOffset FirstDay = new(2026, 2, 1, 0, 0, 0, TimeSpan.Zero);

    private static int _day;

    /// <summary>POST /measurement: one measurement of three fields, the devices in turn, ten seconds later each round.</summary>
    public static string SingleWrites(Uri server, string key, int devices, string query = "") => Rounds(devices) + $$"""
        local head = "POST /measurement{{query}} HTTP/1.1\r\nHost: {{server.Authority}}\r\nX-API-Key: {{key}}\r\n" ..
          "Content-Type: application/json\r\nContent-Length: "
        function request()
          local device = turn()
          local body = string.format('{"device":"device-%06d","name":"climate","timestamp":"%s.125Z",' ..
            '"fields":{"temperature":%.1f,"humidity":%d,"pressure":%.1f}' .. '}',
            device, time, 20 + (n * 7 % 50) / 10, 40 + n % 20, 1000 + (n * 3 % 200) / 10)
          return head .. #body .. "\r\n\r\n" .. body
        end
        """;

    /// <summary>InfluxDB's /write with the same content as one line.</summary>
    public static string SingleLines(Uri writeAddress, int devices) => Rounds(devices) + $$"""
        local head = "POST {{writeAddress.PathAndQuery}} HTTP/1.1\r\nHost: {{writeAddress.Authority}}\r\nContent-Length: "
        function request()
          local device = turn()
          local body = string.format('climate,device=device-%06d temperature=%.1f,humidity=%d,pressure=%.1f %.0f125',
            device, 20 + (n * 7 % 50) / 10, 40 + n % 20, 1000 + (n * 3 % 200) / 10, seconds)
          return head .. #body .. "\r\n\r\n" .. body
        end
        """;

    /// <summary>POST /measurements with bodies of JSON from files in turn.</summary>
    public static string Batches(Uri server, string key, IEnumerable<string> files, string query = "") => FromFiles(
        $@"POST /measurements{query} HTTP/1.1\r\nHost: {server.Authority}\r\nX-API-Key: {key}\r\nContent-Type: application/json\r\n",
        files,
        BatchBodies.JsonTime,
        "string.sub(time, 1, -2)");

    /// <summary>Bodies of lines from files in turn, to InfluxDB's /write or, with a key, to what takes them as InfluxDB does.</summary>
    public static string LineBatches(Uri writeAddress, IEnumerable<string> files, string? key = null) => FromFiles(
        $@"POST {writeAddress.PathAndQuery} HTTP/1.1\r\nHost: {writeAddress.Authority}\r\n{(key is null ? "" : $@"Authorization: Token {key}\r\n")}", files, BatchBodies.LineTime, """string.format("%.0f", seconds / 10)""");

    /// <summary>GET of addresses that differ in the device, the devices in turn, and in a number that never repeats.</summary>
    /// <param name="uniqueFrom">Where the numbers begin.</param>
    /// <param name="target">A Lua format of the path and query with the device's number first and the unique number second.</param>
    public static string Reads(Uri server, string? key, int devices, string target, long uniqueFrom) => $$"""
        local tail = " HTTP/1.1\r\nHost: {{server.Authority}}\r\n{{(key is null ? string.Empty : $"X-API-Key: {key}\\r\\n")}}\r\n"
        local n = {{uniqueFrom + (NextDay() * 10_000_000L)}}
        function request()
          n = n + 1
          return "GET " .. string.format("{{target}}", n * 37 % {{devices}}, n) .. tail
        end
        """;

    // The files are cut at their placeholders once; a request joins the pieces with its own time, ten seconds after the one before.
    private static string FromFiles(string head, IEnumerable<string> files, string placeholder, string time) => Rounds(1) + $$"""
        local bodies = {}
        for _, file in ipairs({ {{string.Join(", ", files.Select(file => $"\"{file}\""))}} }) do
          local pieces, text, from = {}, io.open(file):read("*a"), 1
          while true do
            local first, last = string.find(text, "{{placeholder}}", from, true)
            pieces[#pieces + 1] = string.sub(text, from, first and first - 1)
            if not first then break end
            from = last + 1
          end
          bodies[#bodies + 1] = pieces
        end
        function request()
          turn()
          local body = table.concat(bodies[1 + n % #bodies], {{time}})
          return "{{head}}Content-Length: " .. #body .. "\r\n\r\n" .. body
        end
        """;

    private static string Rounds(int devices) => $$"""
        local n, time = -1, ""
        local seconds = {{FirstDay.AddDays(NextDay()).ToUnixTimeSeconds()}}
        local function turn()
          n = n + 1
          local device = n % {{devices}}
          if device == 0 then
            seconds = seconds + 10
            time = os.date("!%Y-%m-%dT%H:%M:%S", seconds)
          end
          return device
        end

        """;

    private static int NextDay() => Interlocked.Increment(ref _day);
}
