namespace IotBackend.Performance.Load;

internal static class LuaFormat
{
    /// <summary>Text for the query of an address inside a Lua format: encoded, its percent signs doubled, but <c>%06d</c> left to Lua.</summary>
    public static string Encoded(string text) =>
        string.Join("%06d", text.Split("%06d").Select(part => Uri.EscapeDataString(part).Replace("%", "%%", StringComparison.Ordinal)));
}
