namespace IotBackend.IntegrationTests.Hosting;

/// <summary>How an InfluxDB of a test differs from a new one.</summary>
internal sealed record InfluxOptions
{
    /// <summary>Name of the administrator whom an InfluxDB that asks for credentials knows.</summary>
    public const string Username = "root";

    /// <summary>With a quote, a colon and a letter beyond ASCII: none of them may trouble a client.</summary>
    public const string Password = "s3cret: 'ü'";

    /// <summary>True when every request needs the credentials.</summary>
    public bool RequiresCredentials { get; init; }
}
