using IotBackend.Domain.Buckets;

namespace IotBackend.Application.Caching;

/// <summary>
/// The epochs of answers that all nodes share, a bucket's and one of everything: an answer is found only in the epoch in which its reading began. Whoever
/// changes what lasting answers tell ends the epoch before that is acknowledged.
/// </summary>
public interface IAnswerEpochs
{
    /// <summary>After a time in which changes could not be told a new epoch of everything has begun, and other nodes know nothing of it.</summary>
    event Action? Renewed;

    /// <summary>The epoch now; null when it can not be known, and nothing is shared.</summary>
    ValueTask<string?> ReadAsync(BucketName bucket, CancellationToken cancellationToken);

    /// <summary>Begins a new epoch. When that can not be done now, nothing is shared by this node until a new one of everything has begun.</summary>
    /// <param name="bucket">Null: of everything.</param>
    /// <param name="cancellationToken">Gives up waiting for it.</param>
    ValueTask AdvanceAsync(BucketName? bucket, CancellationToken cancellationToken);
}
