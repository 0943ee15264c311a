using System.ComponentModel.DataAnnotations;
using IotBackend.Api.Measurements;
using Microsoft.Extensions.Options;

namespace IotBackend.Api.Http;

/// <summary>Section <c>Overload</c>: how much is taken on at a time, and how slow a client may be.</summary>
public sealed class OverloadOptions
{
    public const string Section = "Overload";

    /// <summary>Connections at a time; a further one is closed at once.</summary>
    [Range(1, 1_000_000)]
    public int MaxConnections { get; set; } = 4096;

    /// <summary>Requests that are worked on at a time.</summary>
    [Range(1, 100_000)]
    public int MaxRequests { get; set; } = 256;

    /// <summary>Requests that wait for their turn beyond those; a further one is refused.</summary>
    [Range(0, 100_000)]
    public int MaxWaiting { get; set; } = 512;

    /// <summary>Seconds that a request may wait for its turn before it is refused.</summary>
    [Range(0.01, 60d)]
    public double MaxWaitSeconds { get; set; } = 0.5;

    /// <summary>Answers that are streamed at a time; a further one is refused.</summary>
    [Range(1, 100_000)]
    public int MaxStreams { get; set; } = 32;

    /// <summary>Answers that are streamed to one key at a time; a further one is refused.</summary>
    [Range(1, 100_000)]
    public int MaxStreamsPerKey { get; set; } = 8;

    /// <summary>Bytes of bodies, as sent and decompressed, in memory at a time.</summary>
    [Range(1L << 20, 1L << 40)]
    public long MaxBodyBytes { get; set; } = 128 << 20;

    /// <summary>Seconds within which the headers of a request have to come, and before them the handshake of TLS.</summary>
    [Range(1d, 600d)]
    public double HeadersSeconds { get; set; } = 15;

    /// <summary>Seconds within which a body has to come as a whole.</summary>
    [Range(1d, 3600d)]
    public double BodySeconds { get; set; } = 60;

    /// <summary>Seconds after which a connection without a request is closed.</summary>
    [Range(1d, 86_400d)]
    public double IdleSeconds { get; set; } = 130;

    /// <summary>Bytes a second, on the average, that a client has to send of a body and to take of an answer.</summary>
    [Range(1, 1_000_000)]
    public int MinBytesPerSecond { get; set; } = 500;

    /// <summary>Seconds for which a client may be slower than that.</summary>
    [Range(1.1, 600d)]
    public double GraceSeconds { get; set; } = 5;

    /// <summary>Whether the largest batch has room.</summary>
    internal sealed class Fit(IOptions<MeasurementLimits> limits) : IValidateOptions<OverloadOptions>
    {
        // As it came and decompressed, each in a buffer of up to twice its size.
        private const int Copies = 4;

        public ValidateOptionsResult Validate(string? name, OverloadOptions options) =>
            options.MaxBodyBytes >= (long)Copies * limits.Value.BatchBytes
                ? ValidateOptionsResult.Success
                : ValidateOptionsResult.Fail(
                    $"{nameof(MaxBodyBytes)} must be at least {Copies} times {MeasurementLimits.Section}:{nameof(MeasurementLimits.BatchBytes)}, or a batch of that size could never be taken.");
    }
}
