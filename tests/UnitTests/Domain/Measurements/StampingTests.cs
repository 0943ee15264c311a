using CsCheck;
using IotBackend.Domain.Measurements;
using Xunit;

namespace IotBackend.UnitTests.Domain.Measurements;

/// <summary>Times of receipt that a retry can be given again.</summary>
public sealed class StampingTests
{
    private const long Received = 1_000;

    [Fact]
    public void Measurements_without_a_time_get_times_in_a_row_and_others_keep_theirs()
    {
        using var batch = BatchOf(null, 5, null, null, 7);

        batch.StampFrom(new Timestamp(Received));

        Assert.Equal([Received, 5, Received + 1, Received + 2, 7], TimesOf(batch));
        Assert.Equal(Received, batch.ReceivedAt.Nanoseconds);
    }

    [Fact]
    public void Retry_that_is_given_the_first_time_has_the_same_times() =>
        Gen.Long[-100, 100].Select(time => time < 0 ? (long?)null : time).Array[0, 20].Sample(times =>
        {
            using var first = BatchOf(times);
            using var retry = BatchOf(times);
            first.StampTogether();
            retry.StampTogether();
            retry.StampFrom(first.ReceivedAt);
            Assert.Equal(TimesOf(first), TimesOf(retry));
        });

    [Fact]
    public void Times_in_a_row_are_nobody_elses()
    {
        var receipts = new ReceiptSequence();
        var batches = Enumerable.Range(0, 8).Select(_ => BatchOf(receipts, new long?[100])).ToList();

        Parallel.ForEach(batches, batch => batch.StampTogether());

        var times = batches.SelectMany(TimesOf).Append(receipts.Next(new Timestamp(Received)).Nanoseconds).ToList();
        Assert.Equal(801, times.Distinct().Count());
        batches.ForEach(batch => batch.Dispose());
    }

    [Fact]
    public void Batch_without_times_of_receipt_keeps_that_of_its_own()
    {
        using var batch = BatchOf(5);
        batch.StampTogether();
        Assert.Equal((Received, 5), (batch.ReceivedAt.Nanoseconds, Assert.Single(TimesOf(batch))));
    }

    [Theory]
    [InlineData(-5)]
    [InlineData(7)]
    public void Time_that_is_relative_to_the_receipt_moves_with_it(long sinceReceipt)
    {
        using var batch = new MeasurementBatch(new Timestamp(Received));
        var writer = new MeasurementBatchWriter(batch);
        writer.Begin();
        writer.Device("d").Number("x", 1);
        writer.SetTimeSinceReceipt(sinceReceipt);
        Assert.True(writer.End());
        Assert.Equal([Received + sinceReceipt], TimesOf(batch));

        batch.StampFrom(new Timestamp(2 * Received));

        Assert.Equal([(2 * Received) + sinceReceipt], TimesOf(batch));
    }

    private static MeasurementBatch BatchOf(params long?[] times) => BatchOf(new ReceiptSequence(), times);

    private static MeasurementBatch BatchOf(ReceiptSequence receipts, long?[] times)
    {
        var batch = new MeasurementBatch(new Timestamp(Received), receipts);
        var writer = new MeasurementBatchWriter(batch);
        foreach (var time in times)
        {
            writer.Begin();
            writer.SetDevice("d"u8);
            writer.AddNumber("x"u8, 1);
            if (time is { } given)
                writer.SetTimestamp(new Timestamp(given));
            writer.End();
        }

        return batch;
    }

    private static long[] TimesOf(MeasurementBatch batch) => [.. batch.Rows.ToArray().Select(row => row.Timestamp.Nanoseconds)];
}
