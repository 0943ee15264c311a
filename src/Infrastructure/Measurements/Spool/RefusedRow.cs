using IotBackend.Domain.Buckets;

namespace IotBackend.Infrastructure.Measurements.Spool;

/// <summary>A refused entry, without what it says.</summary>
internal readonly record struct RefusedRow(long Id, BucketName Bucket, int Measurements, long Bytes);
