using IotBackend.Domain.Buckets;
using IotBackend.Domain.Measurements;

namespace IotBackend.Application.Measurements.Live;

/// <summary>Tells those who watch what is stored, on whatever node it is, while it happens.</summary>
public interface ILiveFeed
{
    /// <summary>
    /// Tells of the rows of a batch that are not rejected, after the store has acknowledged them. Never waits for a subscriber, and costs nothing
    /// while nobody on any node subscribes. The batch stays the caller's.
    /// </summary>
    void Publish(BucketName bucket, MeasurementBatch batch);

    /// <summary>Begins to watch.</summary>
    /// <param name="filter">Which measurements.</param>
    /// <param name="after">The last event that was seen before, perhaps on another node; null: from now on.</param>
    LiveSubscription Subscribe(MeasurementFilter filter, LiveEventId? after);
}
