namespace IotBackend.Performance.Load;

/// <summary>The client for all that is not itself measured.</summary>
internal static class Http
{
    public static readonly HttpClient Client = new(new SocketsHttpHandler { UseProxy = false }) { Timeout = TimeSpan.FromMinutes(5) };
}
