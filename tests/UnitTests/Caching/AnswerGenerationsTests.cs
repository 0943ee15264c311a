using CsCheck;
using IotBackend.Application.Caching;
using IotBackend.Domain.Buckets;
using IotBackend.Domain.Measurements;
using IotBackend.UnitTests.Buckets;
using Xunit;
using static IotBackend.UnitTests.Caching.TestAnswers;

namespace IotBackend.UnitTests.Caching;

public sealed class AnswerGenerationsTests
{
    private const long Now = 20_000 * Day;
    private const long LateBefore = Now - Hour;

    private static readonly BucketName Bucket = TestBuckets.Name("b");
    private static readonly BucketName Other = TestBuckets.Name("other");
    private static readonly TimeRange LastDay = Range(Now - Day, Now);
    private static readonly TimeRange Closed = Range(Now - (5 * Day), Now - (3 * Day));

    private readonly AnswerGenerations _generations = new();

    [Theory]
    [InlineData("a", Now, false)]
    [InlineData("b", Now, true)]
    [InlineData("a", Now - (4 * Day), false)]
    [InlineData("b", Now - (4 * Day), true)]
    public void Open_range_of_a_device_is_changed_by_every_write_of_it_and_by_no_other(string written, long at, bool isGood)
    {
        var answer = Watch(LastDay, "a");

        Store(Bucket, (written, at));

        Assert.Equal(isGood, IsGood(answer));
    }

    [Theory]
    [InlineData("a", Now - (4 * Day), false)]
    [InlineData("a", Now - (2 * Day), true)]
    [InlineData("a", Now - (30 * Day), true)]
    [InlineData("a", Now - (68 * Day), false)]
    [InlineData("a", Now, true)]
    [InlineData("b", Now - (4 * Day), true)]
    public void Closed_range_is_changed_by_a_late_write_into_the_slices_of_its_days(string written, long at, bool isGood)
    {
        var answer = Watch(Closed, "a");

        Store(Bucket, (written, at));

        Assert.Equal(isGood, IsGood(answer));
    }

    [Fact]
    public void Query_without_devices_is_changed_by_every_device_of_its_bucket_and_by_no_other_bucket()
    {
        var answer = Watch(LastDay);

        Store(Other, ("x", Now));
        Assert.True(IsGood(answer));
        Store(Bucket, ("x", Now));
        Assert.False(IsGood(answer));
    }

    [Fact]
    public void Each_of_several_devices_counts_in_whatever_order_they_are_written()
    {
        var first = Watch(LastDay, "a", "c");
        var second = Watch(LastDay, "b");

        Store(Bucket, ("x", Now), ("c", Now), ("x", Now), ("a", Now));

        Assert.False(IsGood(first));
        Assert.True(IsGood(second));
    }

    [Fact]
    public void Rejected_rows_change_nothing()
    {
        var answer = Watch(LastDay, "a");
        using var batch = Batch(("a", Now));
        batch.Reject(0, "device", "code", "No.");

        _generations.Stored(Bucket, batch, new Timestamp(LateBefore));

        Assert.True(IsGood(answer));
    }

    [Fact]
    public void Change_of_devices_reaches_those_who_name_them_and_those_who_name_none_in_one_bucket_or_in_all()
    {
        var (named, all, another, elsewhere) = (Watch(Closed, "a"), Watch(Closed), Watch(Closed, "b"), WatchIn(Other, Closed, "a"));

        _generations.Changed(Bucket, ["a"], DaySlices.All);
        Assert.Equal([false, false, true, true], new[] { named, all, another, elsewhere }.Select(IsGood));
        _generations.Changed(null, ["a"], DaySlices.All);
        Assert.False(IsGood(elsewhere));
        Assert.True(IsGood(another));
    }

    [Fact]
    public void Change_of_a_bucket_reaches_all_that_is_read_of_it()
    {
        var (named, all, elsewhere) = (Watch(Closed, "a"), Watch(LastDay), WatchIn(Other, Closed, "a"));

        _generations.Changed(Bucket, [], DaySlices.All);

        Assert.Equal([false, false, true], new[] { named, all, elsewhere }.Select(IsGood));
    }

    [Fact]
    public void Change_of_everything_reaches_what_is_not_watched_yet_too()
    {
        var answer = Watch(LastDay, "a");

        _generations.ChangeEverything();

        Assert.False(IsGood(answer));
        Assert.True(IsGood(Watch(LastDay, "a")));
    }

    [Fact]
    public void Interests_are_bounded_and_what_was_forgotten_is_never_found_again()
    {
        var generations = new AnswerGenerations(maxInterests: 100);
        var bucket = TestBuckets.Name("b");
        var old = Enumerable.Range(0, 1_000).Select(i => Declare(bucket, LastDay, $"d{i}")).Select(declaration => (declaration, generations.Watch(declaration, false))).ToArray();

        Assert.InRange(generations.Count, 1, 100);

        // Nobody heard of this write: those devices are not watched. Their answers must not be good when they are watched again.
        using var batch = Batch([.. Enumerable.Range(0, 1_000).Select(i => ($"d{i}", Now))]);
        generations.Stored(bucket, batch, new Timestamp(LateBefore));
        Assert.All(old, pair => Assert.True(pair.Item2 < generations.Watch(pair.declaration, false)));
    }

    [Fact]
    public void What_is_read_all_the_time_stays_watched_while_others_are_forgotten()
    {
        var generations = new AnswerGenerations(maxInterests: 100);
        var busy = Declare(Bucket, LastDay, "busy");
        var generation = generations.Watch(busy, false);

        for (var i = 0; i < 10_000; i++)
        {
            generations.Watch(Declare(Bucket, LastDay, $"d{i}"), false);
            Assert.True(generations.Watch(busy, false) <= generation, $"Forgotten after {i} others.");
        }
    }

    [Fact]
    public void Write_of_devices_that_nobody_reads_costs_no_memory()
    {
        Watch(LastDay, "read");
        using var batch = Batch([.. Enumerable.Range(0, 1_000).Select(i => ($"unread-{i}", Now - (i * Hour)))]);
        _generations.Stored(Bucket, batch, new Timestamp(LateBefore));
        var (count, before) = (_generations.Count, GC.GetAllocatedBytesForCurrentThread());

        for (var i = 0; i < 10; i++)
            _generations.Stored(Bucket, batch, new Timestamp(LateBefore));

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.Equal(count, _generations.Count);
    }

    /// <summary>Against a model that remembers every change: no answer is good that something changed since, and none is bad without a cause.</summary>
    [Fact]
    public void Answer_is_good_exactly_while_nothing_that_it_depends_on_changed() =>
        Gen.Select(Gen.Int[0, 3], Gen.Int[0, 3], Gen.Int[0, 70]).Array[1, 60].Sample(steps =>
        {
            var generations = new AnswerGenerations();
            List<(AnswerDeclaration Query, bool IsClosed, long Generation, bool IsChanged)> answers = [];
            foreach (var (kind, device, day) in steps)
            {
                var at = Now - (day * Day) - (2 * Hour);
                if (kind < 2)
                {
                    var range = Range(at - Day, at + 1);
                    var query = device == 3 ? Declare(Bucket, range) : Declare(Bucket, range, $"d{device}");
                    answers.Add((query, kind == 0, generations.Watch(query, kind == 0), false));
                    continue;
                }

                var time = kind == 2 ? at : Now;
                using var batch = Batch(($"d{device}", time));
                generations.Stored(Bucket, batch, new Timestamp(LateBefore));
                answers = [.. answers.Select(answer => answer with { IsChanged = answer.IsChanged || Changes(answer.Query, answer.IsClosed, $"d{device}", time) })];
            }

            Assert.All(answers, answer => Assert.Equal(!answer.IsChanged, answer.Generation >= generations.Watch(answer.Query, answer.IsClosed)));
        });

    // Times of days 64 apart share a slice; the model knows that much.
    private static bool Changes(AnswerDeclaration query, bool isClosed, string device, long time) =>
        (query.Devices.Count == 0 || query.Devices.Contains(device))
        && (!isClosed || (time < LateBefore && (DaySlices.Of(query.Range) & DaySlices.Of(new Timestamp(time))) != 0));

    private static TimeRange Range(long from, long to) => new(new Timestamp(from), new Timestamp(to));

    private (AnswerDeclaration Query, long Generation) Watch(TimeRange range, params string[] devices) => WatchIn(Bucket, range, devices);

    private (AnswerDeclaration Query, long Generation) WatchIn(BucketName bucket, TimeRange range, params string[] devices)
    {
        var query = Declare(bucket, range, devices);
        return (query, _generations.Watch(query, IsClosed(query)));
    }

    private bool IsGood((AnswerDeclaration Query, long Generation) answer) => answer.Generation >= _generations.Watch(answer.Query, IsClosed(answer.Query));

    private static bool IsClosed(AnswerDeclaration query) => query.Range.To.Nanoseconds <= LateBefore;

    private void Store(BucketName bucket, params (string Device, long Nanoseconds)[] rows)
    {
        using var batch = Batch(rows);
        _generations.Stored(bucket, batch, new Timestamp(LateBefore));
    }
}
