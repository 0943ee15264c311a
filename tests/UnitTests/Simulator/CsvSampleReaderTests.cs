using IotBackend.Simulator.Csv;
using IotBackend.Simulator.Sending;
using Xunit;

namespace IotBackend.UnitTests.Simulator;

public sealed class CsvSampleReaderTests
{
    private static CsvSamples Read(string text, CsvOptions? options = null) =>
        new CsvSampleReader(options ?? new CsvOptions()).Read("/somewhere/room.csv", new StringReader(text));

    private static DateTimeOffset Utc(int year, int month, int day, int hour, int minute = 0) => new(year, month, day, hour, minute, 0, TimeSpan.Zero);

    [Fact]
    public void Date_and_time_columns_are_day_first_and_utc_as_written()
    {
        var sample = Assert.Single(Read("Date,Time,T,RH\n4/03/2005,9:30:00,13.6,48\n").Samples);

        Assert.Equal(Utc(2005, 3, 4, 9, 30), sample.Timestamp);
        Assert.Equal([new SampleField("T", "13.6"), new SampleField("RH", "48")], sample.Fields);
        Assert.Equal(("room", null), (sample.Device, sample.Name));
    }

    [Theory]
    [InlineData("2014-03-07 03:41:00")]
    [InlineData("2014-03-07T03:41:00Z")]
    [InlineData("2014-03-07T05:41:00+02:00")]
    [InlineData("2014-03-07 03:41")]
    public void Timestamp_column_takes_the_usual_forms(string timestamp) =>
        Assert.Equal(Utc(2014, 3, 7, 3, 41), Assert.Single(Read($"timestamp,value\n{timestamp},1\n").Samples).Timestamp);

    [Fact]
    public void Missing_values_are_left_out_and_rows_without_any_are_skipped_and_counted()
    {
        var read = Read(
            "timestamp,a,b\n2020-01-01 00:00:00,-200,1\n2020-01-01 01:00:00,-200.0,\n2020-01-01 02:00:00,-200.1,2\n",
            new CsvOptions { Missing = -200 });

        Assert.Equal((3, 1), (read.Rows, read.EmptyRows));
        Assert.Equal(["b", "a,b"], read.Samples.Select(s => string.Join(',', s.Fields.Select(f => f.Name))));
    }

    [Fact]
    public void Minus_200_is_a_value_when_nobody_says_that_it_is_missing() =>
        Assert.Equal("-200", Assert.Single(Read("timestamp,a\n2020-01-01 00:00:00,-200\n").Samples).Fields[0].Json);

    [Fact]
    public void Later_row_of_a_timestamp_wins_field_by_field()
    {
        var read = Read("timestamp,a,b\n2020-01-01 00:00:00,1,2\n2020-01-01 00:05:00,5,5\n2020-01-01 00:00:00,3,\n");

        Assert.Equal((3, 1, 2), (read.Rows, read.MergedRows, read.Samples.Count));
        Assert.Equal([new SampleField("a", "3"), new SampleField("b", "2")], read.Samples[0].Fields);
    }

    [Theory]
    [InlineData("74.93588199999998", "74.93588199999998")]
    [InlineData("94.0", "94.0")]
    [InlineData("9007199254740993", "9007199254740993")]
    [InlineData("+.5", "0.5")]
    [InlineData("007", "7")]
    [InlineData("1E3", "1E3")]
    [InlineData("TRUE", "true")]
    [InlineData("NaN", "\"NaN\"")]
    [InlineData("open \"\"window\"\"", "\"open \\u0022window\\u0022\"")]
    public void Cells_become_numbers_as_written_booleans_or_text(string cell, string json) =>
        Assert.Equal(json, Assert.Single(Read($"timestamp,v\n2020-01-01 00:00:00,\"{cell}\"\n").Samples).Fields[0].Json);

    [Fact]
    public void Local_times_are_converted_when_a_zone_is_given()
    {
        var read = Read("timestamp,v\n2005-01-01 12:00:00,1\n2005-07-01 12:00:00,2\n", InRome());

        Assert.Equal([Utc(2005, 1, 1, 11), Utc(2005, 7, 1, 10)], read.Samples.Select(s => s.Timestamp));
    }

    [Fact]
    public void Repeated_hour_of_autumn_is_read_before_the_change_and_then_after_it()
    {
        var read = Read("timestamp,v\n2004-10-31 02:30:00,1\n2004-10-31 02:30:00,2\n2004-10-31 03:30:00,3\n", InRome());

        Assert.Equal([Utc(2004, 10, 31, 0, 30), Utc(2004, 10, 31, 1, 30), Utc(2004, 10, 31, 2, 30)], read.Samples.Select(s => s.Timestamp));
        Assert.Equal(0, read.MergedRows);
    }

    [Fact]
    public void Hour_that_clocks_went_forward_over_is_skipped_and_counted()
    {
        var read = Read("timestamp,v\n2004-03-28 01:30:00,1\n2004-03-28 02:30:00,2\n2004-03-28 03:30:00,3\n", InRome());

        Assert.Equal([Utc(2004, 3, 28, 0, 30), Utc(2004, 3, 28, 1, 30)], read.Samples.Select(s => s.Timestamp));
        Assert.Equal(1, read.SkippedTimes);
    }

    [Theory]
    [InlineData("", "line 1")]
    [InlineData("when,value\n1,2\n", "line 1")]
    [InlineData("timestamp,a,A\n", "line 1")]
    [InlineData("timestamp,a\n2020-01-01 00:00:00,1\n2020-01-01 00:05:00\n", "line 3")]
    [InlineData("timestamp,a\nyesterday,1\n", "line 2")]
    [InlineData("Date,Time,a\n31/02/2005,00:00:00,1\n", "line 2")]
    public void Unreadable_file_is_named_with_its_line(string text, string line)
    {
        var fault = Assert.Throws<UnreadableFileException>(() => Read(text));

        Assert.Contains("room.csv, " + line, fault.Message, StringComparison.Ordinal);
    }

    private static CsvOptions InRome() => new() { TimeZone = TimeZoneInfo.FindSystemTimeZoneById("Europe/Rome") };
}
