using IotBackend.Domain.Buckets;
using IotBackend.Domain.Measurements;
using Xunit;

namespace IotBackend.UnitTests.Domain.Buckets;

public sealed class RetentionTests
{
    private const long Hour = 3_600_000_000_000;

    [Fact]
    public void Hours_are_from_1_to_876000()
    {
        Assert.Equal(1, Retention.OfHours(1).Hours);
        Assert.Equal(876_000, Retention.OfHours(876_000).Hours);
        Assert.Throws<ArgumentOutOfRangeException>(() => Retention.OfHours(0));
        Assert.Throws<ArgumentOutOfRangeException>(() => Retention.OfHours(876_001));
    }

    [Theory]
    [InlineData(1, 5 * Hour, 4 * Hour)]
    [InlineData(24, 5 * Hour, -19 * Hour)]
    [InlineData(876_000, -1, -876_000 * Hour - 1)]
    [InlineData(1, long.MinValue + Hour, long.MinValue)]
    [InlineData(1, long.MinValue + Hour - 1, long.MinValue)]
    [InlineData(876_000, long.MinValue, long.MinValue)]
    public void Oldest_lies_so_many_hours_back_as_far_as_time_reaches(int hours, long now, long oldest) =>
        Assert.Equal(oldest, Retention.OfHours(hours).OldestAt(new Timestamp(now)).Nanoseconds);

    [Fact]
    public void For_ever_reaches_to_the_first_time_there_is()
    {
        Assert.Equal(Timestamp.MinValue, Retention.Forever.OldestAt(new Timestamp(0)));
        Assert.Equal((null, true, false), (Retention.Forever.Hours, Retention.Forever.IsForever, Retention.OfHours(1).IsForever));
    }

    [Fact]
    public void It_reads_as_a_person_says_it() => Assert.Equal(("24 h", "for ever"), (Retention.OfHours(24).ToString(), Retention.Forever.ToString()));
}
