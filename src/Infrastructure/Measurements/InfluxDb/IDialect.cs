using System.Net;
using IotBackend.Domain.Buckets;

namespace IotBackend.Infrastructure.Measurements.InfluxDb;

/// <summary>What differs between InfluxDB's major versions.</summary>
internal interface IDialect
{
    /// <summary>Such as <c>InfluxDB 1.x</c>.</summary>
    string Name { get; }

    /// <summary>Whether InfluxQL takes values as bound parameters.</summary>
    bool BindsValues { get; }

    /// <summary>Whether one request takes several statements, separated by semicolons.</summary>
    bool TakesManyStatements { get; }

    /// <summary>Whether single points can be deleted.</summary>
    bool DeletesPoints { get; }

    /// <summary>Null when the version can have a bucket of this name, else what is wrong with it.</summary>
    string? RefuseName(BucketName bucket);

    /// <summary>A request that writes lines with times in nanoseconds; the content is the caller's to add.</summary>
    HttpRequestMessage Write(BucketName bucket);

    /// <summary>A request that runs InfluxQL; times come back as nanoseconds.</summary>
    /// <param name="bucket">The bucket that it is about; null for statements about the server.</param>
    /// <param name="statement">The statement or statements.</param>
    /// <param name="isStreamed">Whether the answer comes in parts, one JSON document a line.</param>
    HttpRequestMessage Query(BucketName? bucket, InfluxQl statement, bool isStreamed);

    /// <summary>A request that everyone may send and that costs nothing.</summary>
    HttpRequestMessage Ping();

    /// <summary>What an answer to <see cref="Write"/> means.</summary>
    WriteAnswer ReadWriteAnswer(HttpStatusCode status, string body);

    IBucketAdministration Administer(InfluxDbClient client);
}
