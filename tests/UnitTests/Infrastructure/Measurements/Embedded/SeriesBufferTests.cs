using CsCheck;
using IotBackend.Infrastructure.Measurements.Embedded;
using Xunit;

namespace IotBackend.UnitTests.Infrastructure.Measurements.Embedded;

public sealed class SeriesBufferTests
{
    private static readonly Gen<long> Time = Gen.OneOf(Gen.Long[-50, 50], Gen.Long[0, 5000], Gen.OneOf(long.MinValue, long.MaxValue));

    [Fact]
    public void Points_come_out_in_order_and_the_last_value_of_a_time_wins() => Gen.Select(Time, Gen.Long).Array[0, 1500].Sample(points =>
    {
        var buffer = new SeriesBuffer();
        var expected = new SortedDictionary<long, long>();
        foreach (var (time, bits) in points)
        {
            buffer.Add(time, bits, null);
            expected[time] = bits;
        }

        Assert.Equal(expected.Keys, buffer.Times.ToArray());
        Assert.Equal(expected.Values, buffer.Bits.ToArray());
    });

    [Fact]
    public void Texts_stay_with_their_times() => Gen.Select(Time, Gen.Int[0, 9]).Array[0, 700].Sample(points =>
    {
        var buffer = new SeriesBuffer();
        var expected = new SortedDictionary<long, string>();
        foreach (var (time, state) in points)
        {
            buffer.Add(time, 0, $"state {state}");
            expected[time] = $"state {state}";
        }

        Assert.Equal(expected.Values, buffer.Texts.ToArray());
    });

    [Fact]
    public void A_range_is_removed_from_its_start_to_before_its_end() =>
        Gen.Select(Gen.Long[0, 60].Array[0, 100], Gen.Long[-5, 65], Gen.Long[-5, 65]).Sample((times, from, to) =>
        {
            var buffer = new SeriesBuffer();
            foreach (var time in times)
                buffer.Add(time, time, null);
            var kept = times.Distinct().Where(time => time < from || time >= to).Order().ToArray();

            Assert.Equal(times.Distinct().Count() - kept.Length, buffer.RemoveRange(from, to));

            Assert.Equal(kept, buffer.Times.ToArray());
            buffer.Add(30, -1, null);
            Assert.Equal(kept.Append(30).Distinct().Order(), buffer.Times.ToArray());
        });

    [Fact]
    public void A_long_backfill_from_new_to_old_costs_no_square()
    {
        const int count = 300_000;
        var buffer = new SeriesBuffer();
        for (long time = count; time > 0; time--)
            buffer.Add(time, time, null);

        Assert.Equal(count, buffer.Times.Length);
        Assert.Equal((1, count), (buffer.Times[0], buffer.Times[^1]));
    }

    [Fact]
    public void Memory_is_counted_by_what_is_reserved()
    {
        var buffer = new SeriesBuffer();
        for (var time = 0; time < 1000; time++)
            buffer.Add(time, 0, null);
        Assert.InRange(buffer.Bytes, 16_000, 40_000);

        var texts = new SeriesBuffer();
        for (var time = 0; time < 100; time++)
            texts.Add(time, 0, new string('x', 500));
        Assert.InRange(texts.Bytes, 100_000, 120_000);
    }
}
