using System.Runtime.CompilerServices;

namespace IotBackend.Simulator.Sending;

/// <summary>Samples cut into batches, as fast as they are taken or each when it is due.</summary>
internal static class Batches
{
    public static async IAsyncEnumerable<ReadOnlyMemory<Sample>> AtFullSpeed(
        IEnumerable<Sample> samples, int size, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        foreach (var chunk in samples.Chunk(size))
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return chunk;
            await Task.CompletedTask;
        }
    }

    /// <summary>In the samples' own rhythm: a batch holds what is due by now, at least one sample and at most <paramref name="size"/>.</summary>
    /// <param name="samples">In the order of their timestamps.</param>
    /// <param name="size">The most samples of a batch.</param>
    /// <param name="rhythm">When each is due.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public static async IAsyncEnumerable<ReadOnlyMemory<Sample>> AsTheyFallDue(
        IEnumerable<Sample> samples, int size, Rhythm rhythm, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var batch = new List<Sample>();
        foreach (var sample in samples)
        {
            if (batch.Count == size || (batch.Count > 0 && !rhythm.IsDue(sample.Timestamp)))
            {
                yield return batch.ToArray();
                batch.Clear();
            }

            await rhythm.WaitForAsync(sample.Timestamp, cancellationToken);
            batch.Add(sample);
        }

        if (batch.Count > 0)
            yield return batch.ToArray();
    }

    /// <summary>Full batches, each when its last sample is due: a device that collects before it sends.</summary>
    public static async IAsyncEnumerable<ReadOnlyMemory<Sample>> WhenFull(
        IEnumerable<Sample> samples, int size, Rhythm rhythm, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        foreach (var chunk in samples.Chunk(size))
        {
            await rhythm.WaitForAsync(chunk[^1].Timestamp, cancellationToken);
            yield return chunk;
        }
    }
}
