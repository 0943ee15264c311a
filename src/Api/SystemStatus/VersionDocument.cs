namespace IotBackend.Api.SystemStatus;

/// <summary>What program runs here.</summary>
public sealed record VersionDocument(
    string Version, int Major, int Minor, int Patch, string Commit, string BuiltAt, string Runtime, string Environment);

/// <summary>The server's time in both forms that measurements take.</summary>
public sealed record TimeDocument(string Iso, long UnixMilliseconds);
