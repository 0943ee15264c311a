using IotBackend.Application.Access.SeriesLimits;
using IotBackend.Domain.Measurements;
using IotBackend.Domain.Results;
using IotBackend.Infrastructure.Measurements.InfluxDb;
using IotBackend.UnitTests.Domain.Measurements;
using Xunit;

namespace IotBackend.UnitTests.Infrastructure.Measurements.InfluxDb;

public sealed class NewSeriesTests : IAsyncDisposable
{
    private readonly FakeInfluxDb _influx = new();

    private readonly SeriesAllowance _allowance =
        new("key", TimeProvider.System, static (_, _, _) => { }) { Limit = new SeriesLimit(5, 3) };

    [Fact]
    public async Task New_fields_count_to_the_limit_and_one_more_is_refused()
    {
        Assert.Empty(await FaultsAsync("a", "b", "c"));
        Assert.Equal(3, _allowance.Use()!.Series);
        Assert.Equal("fields", Assert.Single(await FaultsAsync("a", "d")).Field);
        Assert.Empty(await FaultsAsync("b", "c"));
        Assert.Equal(2, _influx.Writes.Count);
    }

    [Fact]
    public async Task Fields_that_were_not_stored_are_given_back()
    {
        _influx.Answer = _ => Task.FromResult(FakeInfluxDb.Refused("unable to parse 'x': bad"));
        await FaultsAsync("a", "b", "c");
        Assert.Equal(0, _allowance.Use()!.Series);
    }

    [Fact]
    public async Task While_fields_can_not_be_asked_for_none_counts()
    {
        _influx.Queries = _ => throw new HttpRequestException("down");
        Assert.Empty(await FaultsAsync("a", "b", "c", "d"));
        Assert.Null(_allowance.Use());
    }

    [Fact]
    public void Series_that_are_not_stored_are_given_back_and_new_again()
    {
        var known = new KnownSeriesOfBucket();
        using var batch = FakeInfluxDb.Batch("a", "b");
        var taken = new TakenNewSeries(known, _allowance);
        taken.Take(batch, 0, "a", isNewDevice: true);
        taken.Take(batch, 1, "b", isNewDevice: true);
        Assert.Equal((2L, 2L), (_allowance.Use()!.Devices, _allowance.Use()!.Series));
        batch.Reject(1, "fields", "refused", "By the database.");

        taken.Settle(batch, isStored: true);

        Assert.Equal((1L, 1L), (_allowance.Use()!.Devices, _allowance.Use()!.Series));
        Assert.Equal((true, false), (known.Has(batch.Key(batch.Rows[0])), known.Has(batch.Key(batch.Rows[1]))));
        Assert.Equal((true, false), (known.HasDevice("a"), known.HasDevice("b")));
    }

    [Fact]
    public void Deleted_device_is_forgotten_and_no_other()
    {
        var known = new KnownSeriesOfBucket();
        foreach (var device in new[] { "a", "ab" })
        {
            known.TryAdd(MeasurementKey.Create(device, "n").Utf8.ToArray());
            known.AddDevice(device);
        }

        known.Forget("a");

        Assert.Equal((1, false, true), (known.Count, known.HasDevice("a"), known.HasDevice("ab")));
        Assert.True(known.Has(MeasurementKey.Create("ab", "n").Utf8.Span));
    }

    [Fact]
    public void Device_with_too_many_series_is_not_taken_for_known()
    {
        var known = new KnownSeriesOfBucket();
        known.TryAdd(MeasurementKey.Create("a", "n").Utf8.ToArray());
        known.SetVast("a");
        Assert.Equal((0, false, true), (known.Count, known.HasDevice("a"), known.IsVast("a")));
        known.Forget("a");
        Assert.False(known.IsVast("a"));
    }

    public async ValueTask DisposeAsync() => await _influx.EndAsync();

    private async Task<IReadOnlyList<Fault>> FaultsAsync(params string[] fields)
    {
        using var batch = new MeasurementBatch(new Timestamp(0)) { Allowance = _allowance };
        var writer = new MeasurementBatchWriter(batch);
        writer.Begin();
        writer.Device("d").Name("m").At(1);
        foreach (var field in fields)
            writer.Number(field, 1);
        writer.End();
        await _influx.Channel.WriteAsync(batch, CancellationToken.None);
        return [.. batch.Faults];
    }
}
