using System.Net;
using IotBackend.Domain.Results;

namespace IotBackend.Infrastructure.Measurements.InfluxDb;

/// <summary>What went wrong between this server and InfluxDB; <see cref="Failures"/> turns it into the errors of the contract.</summary>
internal sealed class InfluxDbException(InfluxDbFailure failure, string message, Exception? inner = null) : Exception(message, inner)
{
    public InfluxDbFailure Failure => failure;

    /// <summary>What the answer said; null when there was none.</summary>
    public HttpStatusCode? Status { get; init; }

    /// <summary>What the client hears instead of what the failure stands for.</summary>
    public Error? Refusal { get; init; }
}

internal enum InfluxDbFailure
{
    /// <summary>It can not be reached, or says that it can not work now.</summary>
    Unavailable,

    /// <summary>It did not answer in time.</summary>
    Timeout,

    /// <summary>It has no such bucket.</summary>
    BucketNotFound,

    /// <summary>This version can not do it; the message is for the client.</summary>
    NotSupported,

    /// <summary>The answer is more than this server holds in memory for it.</summary>
    TooLarge,

    /// <summary>It refused what was asked: a fault of this program, or rights that are missing.</summary>
    Refused,
}
