using System.ComponentModel.DataAnnotations;

namespace IotBackend.Infrastructure.Measurements.InfluxDb;

/// <summary>Section <c>Measurements:InfluxDb</c>.</summary>
public sealed class InfluxDbOptions : IValidatableObject
{
    public const string Section = "Measurements:InfluxDb";

    /// <summary>Where InfluxDB listens, such as <c>http://127.0.0.1:8086</c>; may end in a path.</summary>
    [Required]
    public Uri? Url { get; set; }

    /// <summary>Major version, 1 to 3; null: asked of the server.</summary>
    [Range(1, 3)]
    public int? Version { get; set; }

    /// <summary>Name of the organisation; 2.x alone has them.</summary>
    public string Organization { get; set; } = string.Empty;

    /// <summary>The token of 2.x and 3.x.</summary>
    public string Token { get; set; } = string.Empty;

    /// <summary>The user of 1.x; empty: without authentication.</summary>
    public string Username { get; set; } = string.Empty;

    /// <summary>The password of <see cref="Username"/>.</summary>
    public string Password { get; set; } = string.Empty;

    /// <summary>Seconds that InfluxDB has to answer a write, before it goes to the spool.</summary>
    [Range(0.1, 300d)]
    public double TimeoutSeconds { get; set; } = 10;

    /// <summary>Seconds that InfluxDB has to answer a query.</summary>
    [Range(0.1, 600d)]
    public double QueryTimeoutSeconds { get; set; } = 30;

    /// <summary>
    /// Values of a question about windows up to which they are streamed and the windows made here. Above, InfluxDB makes them where it can, which costs it
    /// more than the values of a few points do.
    /// </summary>
    [Range(0, 1_000_000_000)]
    public int MaxStreamedValues { get; set; } = 100_000;

    /// <summary>The most connections to InfluxDB, for writes and for queries each.</summary>
    [Range(1, 1_000)]
    public int MaxConnections { get; set; } = 32;

    /// <summary>Bytes from which on a write is compressed; on the way to the same machine it never is.</summary>
    [Range(0, int.MaxValue)]
    public int GzipAboveBytes { get; set; } = 16 << 10;

    /// <summary>Bytes that may wait for InfluxDB in memory, before further writes are refused as overloaded.</summary>
    [Range(1L << 20, 16L << 30)]
    public long MaxWaitingBytes { get; set; } = 64 << 20;

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Url is { } url && (!url.IsAbsoluteUri || url.Scheme is not ("http" or "https")))
            yield return new ValidationResult($"'{url}' is not an address such as http://127.0.0.1:8086.", [nameof(Url)]);
        if (Url is { IsAbsoluteUri: true, UserInfo.Length: > 0 })
            yield return new ValidationResult("must not hold credentials: set Username and Password, or Token.", [nameof(Url)]);
        if (Version == 2 && Organization.Length == 0)
            yield return new ValidationResult("is needed for InfluxDB 2.x.", [nameof(Organization)]);
    }
}
