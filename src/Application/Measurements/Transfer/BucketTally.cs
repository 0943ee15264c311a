namespace IotBackend.Application.Measurements.Transfer;

/// <summary>How much of a bucket a file holds, up to some place in it.</summary>
/// <param name="Measurements">Measurements.</param>
/// <param name="Values">Values of their fields.</param>
/// <param name="Checksum">Of all that stands there of the bucket; a wrong, missing or misplaced part changes it.</param>
public readonly record struct BucketTally(long Measurements, long Values, ulong Checksum);
