using IotBackend.Application.Buckets;
using IotBackend.Application.Measurements;
using IotBackend.Application.Measurements.Transfer;
using IotBackend.Domain.Buckets;
using IotBackend.Domain.Measurements;
using IotBackend.Domain.Results;
using IotBackend.UnitTests.Infrastructure.Measurements.Embedded;
using IotBackend.UnitTests.Infrastructure.Measurements.Exports;
using Xunit;

namespace IotBackend.UnitTests.Measurements.Transfer;

public sealed class MeasurementImportTests : IDisposable
{
    // More parts than are written at once.
    private const int Many = 14_000;

    private readonly TestStore _target = new();
    private readonly ExportFolder _folder = new();
    private readonly UnreliableStore _unreliable;

    public MeasurementImportTests() => _unreliable = new UnreliableStore(_target.Store, _target.Store.Source);

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _folder.Dispose();
        _target.Dispose();
    }

    [Fact]
    public async Task All_that_the_file_holds_is_stored_and_counted_again()
    {
        var other = ExportFolder.Bucket("other", "of machines", 24 * 365 * 100);
        await _folder.WriteAsync((Bucket.Default, [.. ExportFolder.Numbers("a", Many)]), (other, [.. ExportFolder.Numbers("b", 7)]));

        var summary = (await RunAsync()).Value;

        Assert.Equal([Many, 7L], summary.Buckets.Select(bucket => bucket.Countable));
        Assert.All(summary.Buckets, bucket => Assert.True(bucket is { WasEmpty: true, IsEnded: true, Rejected: 0, Expired: 0 }));
        Assert.Equal((Many, 7), (await CountAsync(BucketName.Default), await CountAsync(other.Name)));
        Assert.Equal(other, (await _target.Store.Buckets.FindAsync(other.Name, Cancelled)).Value);
        Assert.Null(await _folder.Files.FindStateAsync(_folder.File, Cancelled));
    }

    [Fact]
    public async Task Untouched_default_bucket_takes_on_the_rules_of_the_file_and_any_other_keeps_its_own()
    {
        var mine = ExportFolder.Bucket("other", "mine");
        await _target.Store.Buckets.SaveAsync(mine, BucketCondition.IsNew, Cancelled);
        var ruled = Bucket.Default with { Description = "ruled", Retention = Retention.OfHours(24 * 365 * 100) };
        await _folder.WriteAsync((ruled, []), (ExportFolder.Bucket("other", "theirs", 5), []));

        var summary = (await RunAsync()).Value;

        Assert.Equal(ruled, (await _target.Store.Buckets.FindAsync(BucketName.Default, Cancelled)).Value);
        Assert.Equal(mine, (await _target.Store.Buckets.FindAsync(mine.Name, Cancelled)).Value);
        Assert.Contains("'other' is there already", Assert.Single(summary.Notes), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Refused_measurements_are_counted_and_the_first_twenty_told()
    {
        var conflicting = new Measurement(MeasurementKey.Create("mine", "climate"), new Timestamp(0), [new Field("temperature", FieldValue.Of("warm"))]);
        await Storing.StoreAsync(_target.Store, BucketName.Default, [conflicting]);
        await _folder.WriteAsync((Bucket.Default, [.. ExportFolder.Numbers("a", 25)]));

        var summary = (await RunAsync()).Value;

        Assert.Equal((25, false), (summary.Rejected, summary.Buckets[0].WasEmpty));
        Assert.Equal(20, summary.Refusals.Count);
        Assert.Contains("a,climate,room=kitchen, left at 1970-01-01T00:00:00Z", summary.Refusals[0], StringComparison.Ordinal);
        Assert.Contains("field_type_conflict", summary.Refusals[0], StringComparison.Ordinal);
        Assert.Equal(1, await CountAsync(BucketName.Default));
    }

    [Fact]
    public async Task What_the_bucket_no_longer_keeps_is_counted_as_too_old_and_not_as_refused()
    {
        var hours = ExportFolder.Bucket("hours", "", 200);
        var now = Timestamp.From(TimeProvider.System.GetUtcNow()).Nanoseconds;
        var key = MeasurementKey.Create("d", "m");
        await _folder.WriteAsync((hours, [.. new[] { 201, 199, 1 }.Select(age => new Measurement(key, new Timestamp(now - (age * 3600 * TestStore.Second)), [new Field("v", FieldValue.Of(age))]))]));

        var bucket = Assert.Single((await RunAsync()).Value.Buckets);

        Assert.Equal((1, 0, 2), (bucket.Expired, bucket.Rejected, bucket.Stored));

        // One that could expire before it is counted is not counted.
        Assert.Equal(1, bucket.Countable);
        Assert.Equal(2, await CountAsync(hours.Name));
    }

    [Fact]
    public async Task Store_that_is_away_or_queues_is_waited_for()
    {
        await _folder.WriteAsync((Bucket.Default, [.. ExportFolder.Numbers("a", Many)]));
        _unreliable.InsteadOfWrite = number => number switch { 2 => UnreliableStore.Away, 3 => WriteOutcome.Queued, _ => (Result<WriteOutcome>?)null };

        var summary = (await RunAsync()).Value;

        Assert.Equal(Many, summary.Buckets[0].Countable);
        Assert.Equal(Many, await CountAsync(BucketName.Default));
    }

    [Fact]
    public async Task Store_that_stays_away_ends_it_and_it_goes_on_later_where_it_was()
    {
        await _folder.WriteAsync((Bucket.Default, [.. ExportFolder.Numbers("a", Many)]));
        _unreliable.InsteadOfWrite = number => number <= 3 ? null : (Result<WriteOutcome>)UnreliableStore.Away;

        var failed = await RunAsync(Order() with { Patience = TimeSpan.Zero });

        Assert.Equal(UnreliableStore.Away, failed.Error);
        var state = await _folder.Files.FindStateAsync(_folder.File, Cancelled);
        var stored = Assert.Single(state!.Buckets).Countable;
        Assert.InRange(stored, 1, Many - 1);
        Assert.Equal(stored, await CountAsync(BucketName.Default));
        var writes = _unreliable.Writes;
        _unreliable.InsteadOfWrite = _ => null;
        var summary = (await RunAsync(Order() with { IsContinued = true })).Value;
        Assert.Equal(Many, summary.Buckets[0].Countable);
        Assert.Equal(Many, await CountAsync(BucketName.Default));
        Assert.Equal(await CountPartsAsync() - 3, _unreliable.Writes - writes);
    }

    [Fact]
    public async Task That_a_bucket_was_empty_is_known_before_anything_of_it_is_stored()
    {
        await _folder.WriteAsync((Bucket.Default, [.. ExportFolder.Numbers("a", Many)]));
        ImportState? atFirstWrite = null;
        _unreliable.InsteadOfWrite = number =>
        {
            // As whoever goes on would find it if the program were killed now.
            if (number == 1)
                atFirstWrite = System.Text.Json.JsonSerializer.Deserialize<ImportState>(File.ReadAllBytes(_folder.File + ".import-state"), System.Text.Json.JsonSerializerOptions.Web);
            return null;
        };

        await RunAsync();

        Assert.True(Assert.Single(atFirstWrite!.Buckets).WasEmpty);
        await _folder.Files.KeepStateAsync(_folder.File, atFirstWrite, Cancelled);
        var summary = (await RunAsync(Order() with { IsContinued = true })).Value;
        Assert.Equal((true, Many), (summary.Buckets[0].WasEmpty, summary.Buckets[0].Countable));
    }

    [Fact]
    public async Task Bug_in_the_store_is_told_as_such_and_what_was_stored_is_kept()
    {
        await _folder.WriteAsync((Bucket.Default, [.. ExportFolder.Numbers("a", Many)]));
        _unreliable.InsteadOfWrite = number => number >= 3 ? throw new InvalidOperationException($"bug {number}") : null;

        var exception = await Assert.ThrowsAsync<InvalidOperationException>(() => RunAsync());

        Assert.Equal("bug 3", exception.Message);
        var state = await _folder.Files.FindStateAsync(_folder.File, Cancelled);
        Assert.Equal(await CountAsync(BucketName.Default), Assert.Single(state!.Buckets).Countable);
    }

    [Fact]
    public async Task Measurements_that_get_lost_are_noticed()
    {
        await _folder.WriteAsync((Bucket.Default, [.. ExportFolder.Numbers("a", Many)]));
        _unreliable.InsteadOfWrite = number => number == 2 ? WriteOutcome.Stored : (Result<WriteOutcome>?)null;

        var failed = await RunAsync();

        Assert.Equal(ErrorCodes.Conflict, failed.Error!.Code);
        Assert.Contains($"{Many:N0} were stored", failed.Error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Import_of_another_file_or_to_another_place_is_not_gone_on_with()
    {
        await _folder.WriteAsync((Bucket.Default, [.. ExportFolder.Numbers("a", Many)]));
        _unreliable.InsteadOfWrite = number => number <= 2 ? null : (Result<WriteOutcome>)UnreliableStore.Away;
        await RunAsync(Order() with { Patience = TimeSpan.Zero });
        var state = (await _folder.Files.FindStateAsync(_folder.File, Cancelled))!;

        await AssertRefusedAsync(Order() with { IsContinued = true, Target = "elsewhere" }, "elsewhere");
        await _folder.Files.KeepStateAsync(_folder.File, state with { ExportId = "other" }, Cancelled);
        await AssertRefusedAsync(Order() with { IsContinued = true }, "another export");
    }

    [Fact]
    public async Task Damaged_file_ends_it_after_what_is_before_the_damage()
    {
        await _folder.WriteAsync((Bucket.Default, [.. ExportFolder.Numbers("a", Many)]));
        var file = await File.ReadAllBytesAsync(_folder.File, Cancelled);
        file[file.Length * 3 / 4] ^= 1;
        await File.WriteAllBytesAsync(_folder.File, file, Cancelled);

        await AssertRefusedAsync(Order(), "damaged at byte");

        var stored = Assert.Single((await _folder.Files.FindStateAsync(_folder.File, Cancelled))!.Buckets).Countable;
        Assert.InRange(stored, 1, Many - 1);
        Assert.Equal(stored, await CountAsync(BucketName.Default));
    }

    private async Task<int> CountPartsAsync()
    {
        await using var reader = await _folder.Files.OpenAsync(_folder.File, Cancelled);
        var parts = 0;
        while (await reader.ReadAsync(Cancelled) is { } part)
        {
            (part as SomeMeasurements)?.Batch.Dispose();
            parts += part is SomeMeasurements ? 1 : 0;
        }

        return parts;
    }

    private async Task AssertRefusedAsync(ImportOrder order, string why) =>
        Assert.Contains(why, (await Assert.ThrowsAsync<ExportFileException>(() => RunAsync(order))).Message, StringComparison.Ordinal);

    private ImportOrder Order() => new(_folder.File, "here", IsContinued: false, TimeSpan.FromMinutes(1));

    private Task<Result<ImportSummary>> RunAsync(ImportOrder? order = null) =>
        new MeasurementImport(_unreliable, _target.Store.Buckets, _folder.Files, TimeProvider.System).RunAsync(order ?? Order(), new TransferProgress(), Cancelled);

    private async Task<long> CountAsync(BucketName bucket) => (await _target.Store.DeleteAsync(
        new MeasurementSelection(TestStore.In(bucket), ExportHeader.AllTimes), dryRun: true, Cancelled)).Value;
}
