using System.Globalization;
using System.Text;
using CsCheck;
using IotBackend.Domain.Measurements;
using Xunit;

namespace IotBackend.UnitTests.Domain.Measurements;

public sealed class Rfc3339Tests
{
    private const long Day = 86_400L * Timestamp.NanosecondsPerSecond;

    [Fact]
    public void Every_timestamp_reads_back_as_it_was_written() =>
        Gen.Long[long.MinValue, long.MaxValue - 1].Sample(nanoseconds => Assert.Equal(new Timestamp(nanoseconds), Parse(new Timestamp(nanoseconds).ToString())), iter: 100_000);

    [Fact]
    public void Timestamps_around_second_boundaries_read_back_as_they_were_written() =>
        Gen.Select(Gen.Long[-9_000_000_000, 9_000_000_000], Gen.Int[-3, 3]).Sample((second, offset) =>
        {
            var timestamp = new Timestamp((second * Timestamp.NanosecondsPerSecond) + offset);
            Assert.Equal(timestamp, Parse(timestamp.ToString()));
        });

    [Fact]
    public void Whole_ticks_are_written_as_the_framework_writes_them() =>
        Gen.DateTime[DateTime.UnixEpoch.AddYears(-290), DateTime.UnixEpoch.AddYears(290)].Sample(time =>
        {
            var utc = DateTime.SpecifyKind(time, DateTimeKind.Utc);
            Assert.Equal(utc.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'", CultureInfo.InvariantCulture), Timestamp.From(utc).ToString());
        });

    [Fact]
    public void Any_offset_gives_the_same_point_in_time() =>
        Gen.Select(Gen.Long[-8_000_000_000, 8_000_000_000], Gen.Int[-1439, 1439]).Sample((second, minutes) =>
        {
            var local = new Timestamp((second + (minutes * 60L)) * Timestamp.NanosecondsPerSecond).ToString();
            var (sign, absolute) = (minutes < 0 ? '-' : '+', Math.Abs(minutes));
            var text = string.Create(CultureInfo.InvariantCulture, $"{local[..^1]}{sign}{absolute / 60:00}:{absolute % 60:00}");
            Assert.Equal(new Timestamp(second * Timestamp.NanosecondsPerSecond), Parse(text));
        });

    [Fact]
    public void Written_times_sort_like_their_timestamps_within_a_length() =>
        Gen.Select(Gen.Long, Gen.Long).Sample((a, b) =>
        {
            var (x, y) = (new Timestamp((a / Day) * Day), new Timestamp((b / Day) * Day));
            Assert.Equal(Math.Sign(x.CompareTo(y)), Math.Sign(string.CompareOrdinal(x.ToString(), y.ToString())));
        });

    [Theory]
    [InlineData(0, "1970-01-01T00:00:00Z")]
    [InlineData(-1, "1969-12-31T23:59:59.999999999Z")]
    [InlineData(1, "1970-01-01T00:00:00.000000001Z")]
    [InlineData(100_000_000, "1970-01-01T00:00:00.1Z")]
    [InlineData(-1_000_000_000, "1969-12-31T23:59:59Z")]
    [InlineData(951_782_400_000_000_000, "2000-02-29T00:00:00Z")]
    [InlineData(1_795_466_640_125_000_000, "2026-11-23T20:44:00.125Z")]
    [InlineData(long.MinValue, "1677-09-21T00:12:43.145224192Z")]
    [InlineData(long.MaxValue - 1, "2262-04-11T23:47:16.854775806Z")]
    public void A_timestamp_has_one_written_form(long nanoseconds, string text)
    {
        Assert.Equal(text, new Timestamp(nanoseconds).ToString());
        Assert.Equal(nanoseconds, Parse(text).Nanoseconds);
    }

    [Theory]
    [InlineData("2026-11-23T20:44:00+00:00")]
    [InlineData("2026-11-23T20:44:00-00:00")]
    [InlineData("2026-11-23T21:44:00+01:00")]
    [InlineData("2026-11-24T02:29:00+05:45")]
    [InlineData("2026-11-23T11:14:00-09:30")]
    [InlineData("2026-11-24T20:43:00+23:59")]
    [InlineData("2026-11-23t20:44:00z")]
    [InlineData("2026-11-23 20:44:00Z")]
    [InlineData("2026-11-23T20:44:00.0Z")]
    [InlineData("2026-11-23T20:44:00.000000000Z")]
    [InlineData("2026-11-23T21:44:00.0+01:00")]
    public void One_point_in_time_is_read_from_all_its_forms(string text) =>
        Assert.Equal("2026-11-23T20:44:00Z", Parse(text).ToString());

    [Theory]
    [InlineData("2024-02-29T12:00:00Z")]
    [InlineData("2000-02-29T12:00:00Z")]
    public void A_leap_day_is_a_day(string text) => Assert.Equal(text, Parse(text).ToString());

    [Theory]
    [InlineData("")]
    [InlineData("2026-11-23")]
    [InlineData("2026-11-23T20:44Z")]
    [InlineData("2026-11-23T20:44:00")]
    [InlineData("2026-11-23T20:44:00.Z")]
    [InlineData("2026-11-23T20:44:00.1")]
    [InlineData("2026-11-23T20:44:00.1234567890Z")]
    [InlineData("2026-11-23T20:44:00,125Z")]
    [InlineData("2026-11-23T20:44:00ZZ")]
    [InlineData("2026-11-23T20:44:00Z ")]
    [InlineData(" 2026-11-23T20:44:00Z")]
    [InlineData("2026-11-23T20:44:00X")]
    [InlineData("2026-11-23T20:44:00+1")]
    [InlineData("2026-11-23T20:44:00+0100")]
    [InlineData("2026-11-23T20:44:00+01")]
    [InlineData("2026-11-23T20:44:00+24:00")]
    [InlineData("2026-11-23T20:44:00+01:60")]
    [InlineData("2026-11-23T20:44:00*01:00")]
    [InlineData("2026-11-23T20:44:00+0a:00")]
    [InlineData("2026-11-23T20:44:00+01:00Z")]
    [InlineData("2026-11-23_20:44:00Z")]
    [InlineData("2026/11/23T20:44:00Z")]
    [InlineData("2026-11-23T20.44.00Z")]
    [InlineData("20261123T204400Z....")]
    [InlineData("2026-00-23T20:44:00Z")]
    [InlineData("2026-13-23T20:44:00Z")]
    [InlineData("2026-11-00T20:44:00Z")]
    [InlineData("2026-11-31T20:44:00Z")]
    [InlineData("2026-02-29T20:44:00Z")]
    [InlineData("1900-02-29T20:44:00Z")]
    [InlineData("0000-01-01T00:00:00Z")]
    [InlineData("2026-11-23T24:00:00Z")]
    [InlineData("2026-11-23T20:60:00Z")]
    [InlineData("2026-11-23T20:44:60Z")]
    [InlineData("2026-11-23T20:44:-1Z")]
    [InlineData("-026-11-23T20:44:00Z")]
    [InlineData("+2026-11-23T20:44:00Z")]
    [InlineData("２026-11-23T20:44:00Z")]
    [InlineData("1795466640125")]
    public void What_is_not_a_time_is_refused_as_malformed(string text)
    {
        Assert.Equal(Rfc3339.Outcome.Malformed, Rfc3339.TryParse(Encoding.UTF8.GetBytes(text), out var timestamp));
        Assert.Equal(default, timestamp);
    }

    [Theory]
    [InlineData("1677-09-21T00:12:43.145224191Z")]
    [InlineData("2262-04-11T23:47:16.854775808Z")]
    [InlineData("2262-04-11T23:47:16.854775807Z")]
    [InlineData("2262-04-11T23:47:16.854775807-00:01")]
    [InlineData("1677-09-21T00:12:43.145224192+00:01")]
    [InlineData("0001-01-01T00:00:00+23:59")]
    [InlineData("9999-12-31T23:59:59.999999999-23:59")]
    public void A_time_beyond_64_bits_of_nanoseconds_is_out_of_range(string text) =>
        Assert.Equal(Rfc3339.Outcome.OutOfRange, Rfc3339.TryParse(Encoding.UTF8.GetBytes(text), out _));

    [Fact]
    public void Arbitrary_bytes_never_throw() =>
        Gen.Byte.Array[0, 40].Sample(bytes => Assert.True(Enum.IsDefined(Rfc3339.TryParse(bytes, out _))), iter: 10_000);

    [Fact]
    public void A_time_with_one_byte_changed_never_throws() =>
        Gen.Select(Gen.Long, Gen.Int[0, 19], Gen.Byte).Sample((nanoseconds, position, value) =>
        {
            var bytes = Encoding.UTF8.GetBytes(new Timestamp(nanoseconds).ToString());
            bytes[position] = value;
            Assert.True(Enum.IsDefined(Rfc3339.TryParse(bytes, out _)));
        }, iter: 10_000);

    [Fact]
    public void The_longest_form_fills_the_declared_length() =>
        Assert.Equal(Rfc3339.MaxLength, new Timestamp(123_456_789).ToString().Length);

    private static Timestamp Parse(string text)
    {
        Assert.Equal(Rfc3339.Outcome.Ok, Rfc3339.TryParse(Encoding.UTF8.GetBytes(text), out var timestamp));
        return timestamp;
    }
}
