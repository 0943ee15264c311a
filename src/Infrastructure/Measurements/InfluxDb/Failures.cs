using IotBackend.Domain.Buckets;
using IotBackend.Domain.Results;
using Microsoft.Extensions.Logging;

namespace IotBackend.Infrastructure.Measurements.InfluxDb;

/// <summary>Failures of InfluxDB as errors of the contract. What InfluxDB said goes to the log, not to the client.</summary>
internal static partial class Failures
{
    public static Error Unavailable { get; } =
        new(ErrorKind.Unavailable, ErrorCodes.StorageUnavailable, "The measurements can not be read or stored now.") { RetryAfter = TimeSpan.FromSeconds(5) };

    public static Error SpoolFull { get; } =
        new(ErrorKind.Unavailable, ErrorCodes.StorageUnavailable, "The database is down, and no more measurements fit into the spool.") { RetryAfter = TimeSpan.FromSeconds(30) };

    public static Error SpoolWaits { get; } =
        new(ErrorKind.Unavailable, ErrorCodes.StorageUnavailable, "Measurements of this bucket still wait for the database; they come first.") { RetryAfter = TimeSpan.FromSeconds(5) };

    public static Error ShuttingDown { get; } =
        new(ErrorKind.Unavailable, ErrorCodes.StorageUnavailable, "The server is shutting down.") { RetryAfter = TimeSpan.FromSeconds(5) };

    public static Error QueryTimedOut { get; } =
        new(ErrorKind.Timeout, ErrorCodes.Timeout, "The database did not answer in time; a shorter range or fewer devices may help.");

    public static Error Overloaded { get; } =
        new(ErrorKind.Unavailable, ErrorCodes.Overloaded, "More measurements come than the database takes.") { RetryAfter = TimeSpan.FromSeconds(2) };

    public static Error NoBucket(BucketName bucket) => new(ErrorKind.NotFound, ErrorCodes.BucketNotFound, $"There is no bucket '{bucket}'.");

    /// <summary>Runs the work and turns what fails in it into an error.</summary>
    /// <param name="logger">Hears what InfluxDB said.</param>
    /// <param name="bucket">The bucket that it is about; null for the server.</param>
    /// <param name="work">What may throw <see cref="InfluxDbException"/>.</param>
    /// <param name="onTimeout">What a client hears when InfluxDB takes too long; by default that it can try again.</param>
    public static async ValueTask<Result<T>> CatchAsync<T>(ILogger logger, BucketName? bucket, Func<Task<Result<T>>> work, Error? onTimeout = null)
    {
        try
        {
            return await work();
        }
        catch (InfluxDbException exception)
        {
            return Translate(logger, bucket, exception, onTimeout ?? Unavailable);
        }
        catch (Exception exception) when (MalformedAnswer.Is(exception))
        {
            return Translate(logger, bucket, MalformedAnswer.Describe(exception), Unavailable);
        }
    }

    private static Error Translate(ILogger logger, BucketName? bucket, InfluxDbException exception, Error onTimeout)
    {
        if (exception.Refusal is { } refusal)
            return refusal;
        switch (exception.Failure)
        {
            case InfluxDbFailure.BucketNotFound when bucket is not null:
                return NoBucket(bucket);
            case InfluxDbFailure.NotSupported:
                return new Error(ErrorKind.Unprocessable, ErrorCodes.NotSupportedByStore, exception.Message);
            case InfluxDbFailure.Timeout:
                Log.TimedOut(logger, exception.Message);
                return onTimeout;
            case InfluxDbFailure.Unavailable:
                Log.Unavailable(logger, exception.Message);
                return Unavailable;
            default:
                Log.Refused(logger, exception.Message);
                return Unavailable;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "InfluxDB did not answer in time: {Reason}")]
        public static partial void TimedOut(ILogger logger, string reason);

        [LoggerMessage(2, LogLevel.Warning, "InfluxDB is not available: {Reason}")]
        public static partial void Unavailable(ILogger logger, string reason);

        [LoggerMessage(3, LogLevel.Error, "InfluxDB refused a request: {Reason}")]
        public static partial void Refused(ILogger logger, string reason);
    }
}
