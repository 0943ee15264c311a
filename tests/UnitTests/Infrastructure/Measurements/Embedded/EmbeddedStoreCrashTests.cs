using IotBackend.Application.Measurements;
using IotBackend.Domain.Measurements;
using Xunit;

namespace IotBackend.UnitTests.Infrastructure.Measurements.Embedded;

/// <summary>What a start finds when the process ended at a certain moment: a copy of the files at that moment is opened.</summary>
public sealed class EmbeddedStoreCrashTests
{
    private const int Devices = 700;

    [Fact]
    public async Task What_was_acknowledged_is_there_when_nothing_was_flushed()
    {
        using var store = new TestStore();
        await store.WriteAsync("d", 1, 1.5);
        await store.WriteAsync("d", 2, 2.5);
        await store.WriteAsync("d", 1, 3.5);

        using var crashed = store.Crashed();

        Assert.Equal([(1, 3.5), (2, 2.5)], await crashed.PointsAsync("d"));
        Assert.Equal(FieldValue.Of(2.5), Assert.Single(Assert.Single((await crashed.LatestAsync()).Items).Fields).Value);
    }

    [Fact]
    public async Task Between_any_two_transactions_of_a_flush_nothing_is_lost_doubled_or_resurrected()
    {
        using var store = new TestStore();
        await FillAsync(store);
        var expected = await StateAsync(store);
        var copies = new List<TestStore>();
        store.Store.Flusher.TransactionWritten = () => copies.Add(store.Crashed());
        store.Flush();
        store.Store.Flusher.TransactionWritten = null;

        Assert.True(copies.Count > 2, "The flush must take several transactions for this test to say something.");
        foreach (var crashed in copies)
        {
            using (crashed)
            {
                Assert.Equal(expected, await StateAsync(crashed));
                crashed.Flush();
                Assert.Equal(expected, await StateAsync(crashed));
                crashed.Restart();
                Assert.Equal(expected, await StateAsync(crashed));
            }
        }
    }

    [Fact]
    public async Task Rows_that_are_in_chunks_already_change_nothing_when_they_are_replayed()
    {
        using var store = new TestStore();
        await FillAsync(store);
        var expected = await StateAsync(store);
        Assert.NotNull(store.Store.Flusher.Flush());

        using var crashed = store.Crashed();

        Assert.Equal(expected, await StateAsync(crashed));
        crashed.Restart();
        Assert.Equal(expected, await StateAsync(crashed));
    }

    [Fact]
    public async Task A_crash_after_a_part_of_the_inbox_was_trimmed_loses_nothing()
    {
        using var store = new TestStore();
        for (var i = 0; i < 300; i++)
            await store.WriteAsync("d", i, i);
        await store.DeleteAsync(TestStore.Of("d"), 100, 200);
        for (var i = 150; i < 160; i++)
            await store.WriteAsync("d", i, -i);
        store.Flush();
        await store.WriteAsync("d", 1000, 1000);
        var expected = await store.PointsAsync("d");

        using var crashed = store.Crashed();

        Assert.Equal(211, expected.Length);
        Assert.Equal(expected, await crashed.PointsAsync("d"));
        crashed.Kill();
        Assert.Equal(expected, await crashed.PointsAsync("d"));
    }

    [Fact]
    public async Task Sequences_go_on_after_all_rows_were_trimmed_and_the_program_restarted()
    {
        using var store = new TestStore();
        await store.WriteAsync("d", 1, 1);
        store.Restart();
        await store.DeleteAsync(TestStore.Of("d"), 0, 10);
        await store.WriteAsync("d", 2, 2);
        store.Kill();
        store.Restart();
        store.Restart();

        Assert.Equal([(2, 2.0)], await store.PointsAsync("d"));
    }

    [Fact]
    public async Task A_deletion_survives_a_crash_right_after_it()
    {
        using var store = new TestStore();
        await store.WriteAsync("d", 1, 1);
        await store.WriteAsync("d", 2, 2);
        store.Flush();
        Assert.Equal(1, await store.DeleteAsync(TestStore.Of("d"), 2, 3));

        using var crashed = store.Crashed();

        Assert.Equal([(1, 1.0)], await crashed.PointsAsync("d"));
        Assert.Equal(1, Assert.Single(Assert.Single((await crashed.LatestAsync()).Items).Fields).Timestamp.Nanoseconds);
        crashed.Flush();
        Assert.Equal([(1, 1.0)], await crashed.PointsAsync("d"));
    }

    // Two generations for many series: chunks, then late points, deletions of old and of recent points, and writes after the deletions.
    private static async Task FillAsync(TestStore store)
    {
        await store.WriteAsync(writer =>
        {
            for (var device = 0; device < Devices; device++)
            {
                for (var second = 0; second < 12; second++)
                    writer.Measure($"d-{device:000}", second * 10, second);
            }
        });
        store.Flush();
        await store.WriteAsync(writer =>
        {
            for (var device = 0; device < Devices; device++)
            {
                writer.Measure($"d-{device:000}", 5, 0.5);
                writer.Measure($"d-{device:000}", 130, 13);
            }
        });
        await store.DeleteAsync(TestStore.Everything, 40, 60);
        await store.DeleteAsync(TestStore.Of("d-001", "d-400"), long.MinValue, long.MaxValue);
        await store.WriteAsync(writer =>
        {
            for (var device = 0; device < Devices; device += 2)
                writer.Measure($"d-{device:000}", 50, -5);
        });
    }

    private static async Task<List<string>> StateAsync(TestStore store)
    {
        var state = new List<string>();
        MeasurementPosition? after = null;
        while (true)
        {
            var page = await store.ReadAsync(order: SortOrder.Descending, after: after);
            state.AddRange(page.Items.Select(item => $"{item.Key} {item.Timestamp.Nanoseconds} {string.Join(',', item.Fields)}"));
            if (!page.HasMore)
                break;
            after = new MeasurementPosition(page.Items[^1].Timestamp, page.Items[^1].Key);
        }

        state.AddRange((await store.LatestAsync()).Items.Select(item => $"{item.Key} {string.Join(',', item.Fields)}"));
        return state;
    }
}
