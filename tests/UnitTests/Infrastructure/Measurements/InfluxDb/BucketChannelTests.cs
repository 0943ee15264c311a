using System.Net;
using IotBackend.Application.Measurements;
using IotBackend.Domain.Buckets;
using IotBackend.Domain.Results;
using IotBackend.Infrastructure.Measurements.InfluxDb;
using Xunit;

namespace IotBackend.UnitTests.Infrastructure.Measurements.InfluxDb;

public sealed class BucketChannelTests : IAsyncDisposable
{
    private readonly FakeInfluxDb _influx = new();

    [Fact]
    public async Task Requests_that_come_while_a_write_is_under_way_share_the_next_one()
    {
        var first = new TaskCompletionSource<HttpResponseMessage>();
        _influx.Answer = lines => lines is [var only] && only.Contains("device=first") ? first.Task : Task.FromResult(FakeInfluxDb.Stored());
        var waiting = WriteAsync("first");
        await Eventually(() => _influx.Writes.Count == 1);
        var others = Enumerable.Range(0, 20).Select(i => WriteAsync($"d-{i}")).ToArray();
        Assert.All(others, other => Assert.False(other.IsCompleted));

        first.SetResult(FakeInfluxDb.Stored());
        var results = await Task.WhenAll([waiting, .. others]);

        Assert.Equal(2, _influx.Writes.Count);
        Assert.Equal(20, _influx.Writes.Last().Length);
        Assert.All(results, result => Assert.Equal(WriteOutcome.Stored, result.Value));
    }

    [Fact]
    public async Task A_refused_point_comes_back_to_its_own_request_alone()
    {
        var held = new TaskCompletionSource<HttpResponseMessage>();
        _influx.Answer = lines => lines[0].Contains("device=first") ? held.Task : Task.FromResult(
            lines.Any(line => line.Contains("device=bad")) ? FakeInfluxDb.Refused("partial write: max-values-per-tag limit exceeded dropped=1") : FakeInfluxDb.Stored());
        var first = WriteAsync("first");
        await Eventually(() => _influx.Writes.Count == 1);
        using var mixed = FakeInfluxDb.Batch("d-1", "bad", "d-2");
        using var good = FakeInfluxDb.Batch("d-3", "d-4");
        var writes = new[] { mixed, good }.Select(batch => _influx.Channel.WriteAsync(batch, Token).AsTask()).ToArray();
        held.SetResult(FakeInfluxDb.Stored());
        var results = await Task.WhenAll([first, .. writes]);

        Assert.All(results, result => Assert.Equal(WriteOutcome.Stored, result.Value));
        Assert.Equal(0, good.RejectedCount);
        var fault = Assert.Single(mixed.Faults);
        Assert.Equal((1, ErrorCodes.RefusedByStore), (fault.Index, fault.Code));
        Assert.DoesNotContain("max-values-per-tag", fault.Message);
        var stored = _influx.Writes.Where(lines => !lines.Any(line => line.Contains("device=bad"))).SelectMany(lines => lines).ToHashSet();
        Assert.Equal(4, stored.Count(line => !line.Contains("device=first")));
    }

    [Fact]
    public async Task A_type_that_another_has_given_meanwhile_is_told_by_field()
    {
        await WriteAsync("d-1");
        await Task.Delay(TimeSpan.FromSeconds(1.1), TimeProvider.System, Token);
        _influx.FieldKeys = """{"results":[{"statement_id":0,"series":[{"name":"m","columns":["fieldKey","fieldType"],"values":[["w","string"]]}]}]}""";
        _influx.Answer = lines => Task.FromResult(lines.Any(line => line.Contains("w=5"))
            ? FakeInfluxDb.Refused("partial write: field type conflict: input field is type float, already exists as type string dropped=1")
            : FakeInfluxDb.Stored());
        using var batch = FakeInfluxDb.Batch("d-1", "d-2");
        var writer = new IotBackend.Domain.Measurements.MeasurementBatchWriter(batch);
        writer.Begin();
        writer.SetDevice("d-3"u8);
        writer.SetName("m"u8);
        writer.AddNumber("w"u8, 5);
        writer.End();

        var result = await _influx.Channel.WriteAsync(batch, Token);

        Assert.Null(result.Error);
        var fault = Assert.Single(batch.Faults);
        Assert.Equal((2, "fields.w", ErrorCodes.FieldTypeConflict), (fault.Index, fault.Field, fault.Code));
    }

    [Theory]
    [InlineData(HttpStatusCode.InternalServerError)]
    [InlineData(HttpStatusCode.ServiceUnavailable)]
    [InlineData(HttpStatusCode.TooManyRequests)]
    [InlineData(HttpStatusCode.Unauthorized)]
    [InlineData(null)]
    public async Task What_InfluxDB_can_not_take_now_is_queued_and_sent_in_order_later(HttpStatusCode? failure)
    {
        var works = false;
        _influx.Answer = _ => works ? Task.FromResult(FakeInfluxDb.Stored())
            : failure is { } status ? Task.FromResult(FakeInfluxDb.Refused("no", status))
            : Task.FromException<HttpResponseMessage>(new HttpRequestException("Connection refused"));
        Assert.Equal(WriteOutcome.Queued, (await WriteAsync("d-1")).Value);
        Assert.Equal(WriteOutcome.Queued, (await WriteAsync("d-2")).Value);
        Assert.Equal(WriteOutcome.Queued, (await WriteAsync("d-3")).Value);
        Assert.Single(_influx.Writes);
        Assert.Equal(failure is null, _influx.Gate.IsShut);
        Assert.Equal(3, _influx.Spool.Status.Measurements);

        _influx.StartDraining();
        await Eventually(() => _influx.Writes.Count > 1);
        Assert.Equal(3, _influx.Spool.Status.Measurements);
        works = true;
        await Eventually(() => _influx.Spool.Status.Measurements == 0);
        Assert.Equal(WriteOutcome.Stored, (await WriteAsync("d-4")).Value);

        Assert.Equal(
            ["d-1", "d-2", "d-3", "d-4"],
            _influx.Writes.TakeLast(2).SelectMany(lines => lines).Select(line => line.Split("device=")[1].Split(' ')[0]));
    }

    [Fact]
    public async Task While_something_waits_in_the_spool_what_comes_after_goes_there_too()
    {
        var old = new TaskCompletionSource<HttpResponseMessage>();
        _influx.Answer = _ => Task.FromResult(FakeInfluxDb.Refused("no", HttpStatusCode.ServiceUnavailable));
        await WriteAsync("d-1");
        _influx.Answer = _ => old.Task;
        _influx.StartDraining();
        await Eventually(() => _influx.Writes.Count == 2);

        Assert.Equal(WriteOutcome.Queued, (await WriteAsync("d-2")).Value);
        old.SetResult(FakeInfluxDb.Stored());
        _influx.Answer = _ => Task.FromResult(FakeInfluxDb.Stored());
        await Eventually(() => _influx.Spool.Status.Entries == 0);

        Assert.Equal(["d-1", "d-1", "d-2"], _influx.Writes.SelectMany(lines => lines).Select(line => line.Split("device=")[1].Split(' ')[0]));
    }

    [Fact]
    public async Task What_is_refused_when_it_comes_from_the_spool_is_set_aside_with_its_reason()
    {
        _influx.Answer = _ => Task.FromResult(FakeInfluxDb.Refused("no", HttpStatusCode.ServiceUnavailable));
        using var batch = FakeInfluxDb.Batch("d-1", "bad", "d-2");
        await _influx.Channel.WriteAsync(batch, Token);
        _influx.Answer = lines => Task.FromResult(
            lines.Any(line => line.Contains("bad")) ? FakeInfluxDb.Refused("partial write: points beyond retention policy dropped=1") : FakeInfluxDb.Stored());
        _influx.StartDraining();
        await Eventually(() => _influx.Spool.Status is { Entries: 0, RefusedMeasurements: 1 });

        var refused = Assert.Single((await ((ISpool)_influx.Spool).ListRefusedAsync([], 10, null, Token)).Value.Items);
        Assert.Equal((ErrorCodes.BeyondRetention, 1, BucketName.Default), (refused.Code, refused.Measurements, refused.Bucket));
        Assert.Equal("m,device=bad v=1 2", refused.Sample);
    }

    [Fact]
    public async Task A_bucket_that_is_gone_is_told_and_nothing_is_queued()
    {
        _influx.Answer = _ => Task.FromResult(FakeInfluxDb.Refused("database not found", HttpStatusCode.NotFound));

        Assert.Equal(ErrorCodes.BucketNotFound, (await WriteAsync("d-1")).Error?.Code);
        Assert.Equal(0, _influx.Spool.Status.Entries);
    }

    [Fact]
    public async Task A_write_that_is_too_large_for_InfluxDB_is_sent_in_parts()
    {
        _influx.Answer = lines => Task.FromResult(
            lines.Length > 3 ? FakeInfluxDb.Refused("Request Entity Too Large", HttpStatusCode.RequestEntityTooLarge) : FakeInfluxDb.Stored());
        using var batch = FakeInfluxDb.Batch([.. Enumerable.Range(0, 10).Select(i => $"d-{i}")]);

        Assert.Equal(WriteOutcome.Stored, (await _influx.Channel.WriteAsync(batch, Token)).Value);

        Assert.Equal(0, batch.RejectedCount);
        Assert.Equal(10, _influx.Writes.Where(lines => lines.Length <= 3).SelectMany(lines => lines).Distinct().Count());
    }

    [Fact]
    public async Task More_than_may_wait_is_refused_as_overload()
    {
        var influx = new FakeInfluxDb(new InfluxDbOptions { Url = new Uri("http://influxdb.test"), Version = 1, MaxWaitingBytes = 1 << 20 });
        var held = new TaskCompletionSource<HttpResponseMessage>();
        influx.Answer = _ => held.Task;
        var batches = Enumerable.Range(0, 4).Select(_ => FakeInfluxDb.Batch([.. Enumerable.Range(0, 40_000).Select(i => $"device-{i:D8}")])).ToArray();
        var writes = batches.Select(batch => influx.Channel.WriteAsync(batch, Token).AsTask()).ToArray();
        await Eventually(() => writes.Any(write => write.IsCompleted));

        Assert.Equal(ErrorCodes.Overloaded, (await writes.First(write => write.IsCompleted)).Error?.Code);
        held.SetResult(FakeInfluxDb.Stored());
        influx.Answer = _ => Task.FromResult(FakeInfluxDb.Stored());
        var results = await Task.WhenAll(writes);
        Assert.Contains(results, result => result.Error is null);
        Array.ForEach(batches, batch => batch.Dispose());
        await influx.EndAsync();
    }

    [Fact]
    public async Task Nobody_waits_in_line_for_fields_that_InfluxDB_does_not_tell()
    {
        var influx = new FakeInfluxDb(new InfluxDbOptions { Url = new Uri("http://influxdb.test"), Version = 1, TimeoutSeconds = 0.5 });
        influx.Queries = token => Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, token);
        var batches = Enumerable.Range(0, 10).Select(i => FakeInfluxDb.Batch($"d-{i}")).ToArray();
        var began = TimeProvider.System.GetTimestamp();

        var results = await Task.WhenAll(batches.Select(batch => influx.Channel.WriteAsync(batch, Token).AsTask()));

        Assert.All(results, result => Assert.Equal(WriteOutcome.Queued, result.Value));
        Assert.InRange(TimeProvider.System.GetElapsedTime(began).TotalSeconds, 0.4, 3);
        Array.ForEach(batches, batch => batch.Dispose());
        await influx.EndAsync();
    }

    [Fact]
    public async Task After_the_end_nothing_is_taken()
    {
        await WriteAsync("d-1");
        await _influx.Channels.CloseAsync();

        Assert.Equal(ErrorCodes.StorageUnavailable, (await WriteAsync("d-2")).Error?.Code);
    }

    public async ValueTask DisposeAsync() => await _influx.EndAsync();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private async Task<Result<WriteOutcome>> WriteAsync(string device)
    {
        using var batch = FakeInfluxDb.Batch(device);
        return await _influx.Channel.WriteAsync(batch, Token);
    }

    private static async Task Eventually(Func<bool> isTrue)
    {
        for (var i = 0; !isTrue(); i++)
        {
            Assert.True(i < 3_000, "It did not come true.");
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, Token);
        }
    }
}
