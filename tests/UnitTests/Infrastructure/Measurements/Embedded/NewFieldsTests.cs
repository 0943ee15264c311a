using IotBackend.Application.Access.SeriesLimits;
using IotBackend.Application.Measurements;
using IotBackend.Application.Measurements.Streams;
using IotBackend.Domain.Buckets;
using IotBackend.Domain.Measurements;
using IotBackend.Domain.Results;
using IotBackend.UnitTests.Domain.Measurements;
using Xunit;

namespace IotBackend.UnitTests.Infrastructure.Measurements.Embedded;

/// <summary>A field is a series: it counts as new, is given back when nothing was stored, and does not make other fields dear to read.</summary>
public sealed class NewFieldsTests
{
    private readonly SeriesAllowance _allowance =
        new("key", TimeProvider.System, static (_, _, _) => { }) { Limit = new SeriesLimit(2, 10) };

    [Fact]
    public async Task Each_new_field_counts_to_the_limit_and_one_more_is_refused_as_a_whole_row()
    {
        using var store = new TestStore();
        Assert.Empty(await FaultsAsync(store, "d", 0, 8));
        Assert.Equal((1L, 8L), (_allowance.Use()!.Devices, _allowance.Use()!.Series));

        var fault = Assert.Single(await FaultsAsync(store, "d", 6, 5));
        Assert.Equal(("fields", ErrorCodes.SeriesLimitExceeded), (fault.Field, fault.Code));
        Assert.Equal(8, store.Store.SeriesCount);

        Assert.Empty(await FaultsAsync(store, "d", 6, 4));
        Assert.Equal((10L, 10), (_allowance.Use()!.Series, store.Store.SeriesCount));
        Assert.Empty(await FaultsAsync(store, "d", 0, 10));
        Assert.Single(await FaultsAsync(store, "d", 10, 1));
        Assert.Equal("device", Assert.Single(await FaultsAsync(store, "other", 0, 1)).Field);
    }

    [Fact]
    public async Task What_was_not_stored_uses_nothing_up()
    {
        using var store = new TestStore();
        await store.WriteAsync("first", 1, 1);
        store.Store.Inbox.LimitGrowth(0);
        using (var batch = TestStore.Batch(writer =>
        {
            for (var i = 0; i < 5_000; i++)
                Measure(writer, "d", i, 0, 5);
        }))
        {
            batch.Allowance = _allowance;
            Assert.NotNull((await store.Store.WriteAsync(BucketName.Default, batch, CancellationToken.None)).Error);
        }

        Assert.Equal((0L, 0L), (_allowance.Use()!.Devices, _allowance.Use()!.Series));
        store.Store.Inbox.LimitGrowth(1_000_000);
        Assert.Empty(await FaultsAsync(store, "d", 0, 10));
        Assert.Equal((1L, 10L), (_allowance.Use()!.Devices, _allowance.Use()!.Series));
    }

    [Theory]
    [InlineData(SortOrder.Ascending)]
    [InlineData(SortOrder.Descending)]
    public async Task Device_with_ten_thousands_of_fields_is_read_measurement_by_measurement(SortOrder order)
    {
        const int measurements = 20_000;
        using var store = new TestStore();
        await store.WriteAsync(writer =>
        {
            for (var i = 0; i < measurements; i++)
                Measure(writer, "d", i, i, 1);
        });
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        var selection = new MeasurementSelection(TestStore.Everything, new TimeRange(new Timestamp(long.MinValue), new Timestamp(long.MaxValue)));

        var page = await store.Store.ReadAsync(new MeasurementQuery(selection, order, measurements, null), patience.Token);

        var times = page.Value!.Items.Select(item => item.Timestamp.Nanoseconds).ToArray();
        Assert.Equal(order == SortOrder.Ascending ? [.. Enumerable.Range(0, measurements).Select(i => (long)i)] : [.. Enumerable.Range(0, measurements).Reverse().Select(i => (long)i)], times);
        Assert.All(page.Value.Items, item => Assert.Equal(Name((int)item.Timestamp.Nanoseconds), Assert.Single(item.Fields).Name));
    }

    [Fact]
    public async Task Fields_that_come_and_go_are_in_the_order_of_their_names_at_each_time()
    {
        using var store = new TestStore();
        await store.WriteAsync(writer =>
        {
            for (var time = 0; time < 60; time++)
            {
                writer.Begin();
                writer.Device("d").Name("n").At(time);
                for (var field = 11; field >= 1; field--)
                {
                    if (time % field == 0)
                        writer.Number(Name(field), time);
                }

                writer.End();
            }
        });
        foreach (var order in new[] { SortOrder.Ascending, SortOrder.Descending })
        {
            var items = (await store.ReadAsync(order: order)).Items;
            Assert.Equal(60, items.Count);
            Assert.All(items, item => Assert.Equal(
                Enumerable.Range(1, 11).Where(field => item.Timestamp.Nanoseconds % field == 0).Select(Name), item.Fields.Select(field => field.Name)));
        }
    }

    [Theory]
    [InlineData(9L, 9)]
    [InlineData(10L, 10)]
    [InlineData(11L, 10)]
    [InlineData(null, 10)]
    public async Task Stream_reads_no_more_than_it_may_send(long? limit, int expected)
    {
        using var store = new TestStore();
        for (var i = 0; i < 10; i++)
            await store.WriteAsync("d", i, i);
        var selection = new MeasurementSelection(TestStore.Everything, new TimeRange(new Timestamp(long.MinValue), new Timestamp(long.MaxValue)));
        var stream = await store.Store.StreamAsync(new StreamQuery(selection, SortOrder.Ascending, limit, null, false), CancellationToken.None);
        var count = 0;
        await foreach (var part in stream.Value!.Parts)
            count += part.Count;
        Assert.Equal(expected, count);
    }

    private async Task<IReadOnlyList<Fault>> FaultsAsync(TestStore store, string device, int first, int count)
    {
        using var batch = TestStore.Batch(writer => Measure(writer, device, 1, first, count));
        batch.Allowance = _allowance;
        Assert.Null((await store.Store.WriteAsync(BucketName.Default, batch, CancellationToken.None)).Error);
        return [.. batch.Faults];
    }

    private static void Measure(MeasurementBatchWriter writer, string device, long time, int first, int count)
    {
        writer.Begin();
        writer.Device(device).Name("n").At(time);
        for (var i = first; i < first + count; i++)
            writer.Number(Name(i), i);
        writer.End();
    }

    private static string Name(int field) => $"f{field:00000}";
}
