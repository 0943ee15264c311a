using IotBackend.Api.Measurements;
using IotBackend.Application.Measurements;
using IotBackend.Domain.Measurements;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using Xunit;

namespace IotBackend.UnitTests.Api.Measurements;

public sealed class KnownQueriesTests
{
    private const long Hour = 3_600 * Timestamp.NanosecondsPerSecond;

    private readonly KnownQueries _known = new();

    [Fact]
    public void Relative_range_moves_on_with_the_clock()
    {
        Add("?from=-2h&to=-1h", At(10));

        var again = _known.FindReading("?from=-2h&to=-1h", At(20))!;

        Assert.Equal(new TimeRange(At(18), At(19)), again.Range);
        Assert.True(again.IsKnownValid);
        Assert.False(again.IsRangeFixed);
    }

    [Fact]
    public void Range_that_is_not_told_is_the_last_day()
    {
        Add("", At(100));

        Assert.Equal(new TimeRange(At(176), At(200)), _known.FindReading("", At(200))!.Range);
    }

    [Fact]
    public void Fixed_range_stays()
    {
        var first = Add("?from=1970-01-01T01:00:00Z&to=7200000", At(10));

        var again = _known.FindReading("?from=1970-01-01T01:00:00Z&to=7200000", At(20))!;

        Assert.Equal(first.Range, again.Range);
        Assert.True(again.IsRangeFixed);
    }

    [Fact]
    public void Range_whose_moving_end_overtook_the_fixed_one_is_validated_again()
    {
        Add("?from=-1h&to=36000000", At(10));

        Assert.True(_known.FindReading("?from=-1h&to=36000000", At(11))!.IsKnownValid);
        Assert.False(_known.FindReading("?from=-1h&to=36000000", At(12))!.IsKnownValid);
    }

    [Fact]
    public void Page_that_follows_is_not_kept()
    {
        var query = Query("?device=a");
        var page = new MeasurementParameters(query, At(1)).ReadMeasurements("?device=a") with { After = new MeasurementPosition(At(0), MeasurementKey.Create("a", "n")) };

        _known.Add("?device=a", page, query);

        Assert.False(_known.Contains("?device=a"));
    }

    [Fact]
    public void Number_and_length_of_what_is_kept_are_bounded()
    {
        var kept = 0;
        var longest = "?device=".PadRight(KnownQueries.MaxLength, 'x');
        for (var i = 0; i < 3 * KnownQueries.MaxQueries; i++)
            Add($"?device={i}", At(1));
        for (var i = 0; i < 3 * KnownQueries.MaxQueries; i++)
            kept += _known.Contains($"?device={i}") ? 1 : 0;
        Add(longest, At(1));
        Add(longest + "x", At(1));

        Assert.InRange(kept, KnownQueries.MaxQueries / 2, KnownQueries.MaxQueries);
        Assert.True(_known.Contains(longest));
        Assert.False(_known.Contains(longest + "x"));
    }

    private static Timestamp At(long hours) => new(hours * Hour);

    private static QueryCollection Query(string text) => new(QueryHelpers.ParseQuery(text));

    private ReadMeasurements Add(string text, Timestamp now)
    {
        var query = Query(text);
        var request = new MeasurementParameters(query, now).ReadMeasurements(text);
        _known.Add(text, request, query);
        return request;
    }
}
