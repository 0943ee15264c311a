using IotBackend.Domain.Buckets;

namespace IotBackend.Infrastructure.Measurements.Spool;

/// <summary>One write that waits: what was to be written, as the store's adapter packed it.</summary>
/// <param name="Id">Grows with each entry: the order in which they came.</param>
/// <param name="Bucket">Where it is to go.</param>
/// <param name="Measurements">How many measurements it holds.</param>
/// <param name="At">When it came.</param>
/// <param name="Payload">Text in UTF-8 that only the adapter understands.</param>
internal sealed record SpoolEntry(long Id, BucketName Bucket, int Measurements, DateTimeOffset At, ReadOnlyMemory<byte> Payload);

/// <summary>Measurements that the database refused for good, to be set aside for an administrator.</summary>
/// <param name="Bucket">Where they were to go.</param>
/// <param name="Code">A code of item errors, such as <c>field_type_conflict</c>.</param>
/// <param name="Reason">What the database said.</param>
/// <param name="Measurements">How many.</param>
/// <param name="Payload">As in <see cref="SpoolEntry"/>, so that it can be played again.</param>
internal sealed record SpoolRefusal(BucketName Bucket, string Code, string Reason, int Measurements, ReadOnlyMemory<byte> Payload);
