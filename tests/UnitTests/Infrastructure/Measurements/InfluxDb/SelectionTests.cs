using IotBackend.Application.Measurements;
using IotBackend.Domain.Access;
using IotBackend.Domain.Buckets;
using IotBackend.Domain.Measurements;
using IotBackend.Infrastructure.Measurements.InfluxDb;
using Xunit;

namespace IotBackend.UnitTests.Infrastructure.Measurements.InfluxDb;

public sealed class SelectionTests
{
    private static readonly Version1Dialect Dialect = new(new InfluxDbOptions());
    private static readonly MeasurementFilter All = new(BucketName.Default, [], [], [], [], DeviceSet.All);

    private static readonly MeasurementFields[] Known =
    [
        new("climate", [new("a b", FieldType.Number), new("time", FieldType.Boolean)]),
        new("my \"power\"", [new("a b", FieldType.Text)]),
    ];

    [Fact]
    public void Fields_are_asked_for_by_measurement_with_their_types()
    {
        Assert.Equal(
            "SELECT \"a b\"::float,\"__time\"::boolean FROM \"climate\" WHERE \"device\"::tag != '' AND time >= 10 AND time <= 19; "
            + "SELECT \"a b\"::string FROM \"my \\\"power\\\"\" WHERE \"device\"::tag != '' AND time >= 10 AND time <= 19",
            TextOf(All));
        Assert.Equal(
            "SELECT \"__time\"::boolean FROM \"climate\" WHERE \"device\"::tag != '' AND time >= 10 AND time <= 19",
            TextOf(All with { Fields = ["time", "unknown"], Names = ["climate", "unknown"] }));
    }

    [Fact]
    public void Devices_and_tags_are_bound_values()
    {
        var text = Text(All with { Names = ["climate"], Fields = ["time"], Devices = ["a", "b c", "a"], Tags = [new("device", "z\\"), new("k", "'")] });

        Assert.Equal(
            "SELECT \"__time\"::boolean FROM \"climate\" WHERE (\"device\"::tag = $v0 OR \"device\"::tag = $v1) "
            + "AND \"__device\"::tag = $v2 AND \"k\"::tag = $v3 AND time >= 10 AND time <= 19",
            text.Text);
        Assert.Equal(["a", "b c", "z\u001A", "'"], text.Values.Values);
    }

    [Fact]
    public void What_the_caller_may_see_narrows_the_devices()
    {
        var some = All with { Names = ["climate"], Fields = ["time"], Visible = new DeviceSet([DevicePattern.Parse("green-*"), DevicePattern.Parse("b*")]) };

        Assert.Contains("WHERE (\"device\"::tag =~ /^green-/ OR \"device\"::tag =~ /^b/) AND", TextOf(some));
        Assert.Contains("WHERE (\"device\"::tag = $v0) AND", TextOf(some with { Devices = ["red-1", "green-1"] }));
        Assert.Equal(string.Empty, TextOf(some with { Devices = ["red-1"] }));
    }

    [Theory]
    [InlineData("*")]
    [InlineData("")]
    [InlineData("\0")]
    [InlineData("_x")]
    [InlineData("a'b")]
    public void What_can_be_no_name_is_not_asked_for(string text)
    {
        Assert.Equal(string.Empty, TextOf(All with { Devices = [text] }));
        Assert.Equal(string.Empty, TextOf(All with { Names = [text] }));
        Assert.Equal(string.Empty, TextOf(All with { Fields = [text] }));
        Assert.Equal(string.Empty, TextOf(All with { Tags = [new(text, "x")] }));
    }

    [Fact]
    public void An_empty_value_is_not_the_absence_of_a_tag() => Assert.Equal(string.Empty, TextOf(All with { Tags = [new("site", string.Empty)] }));

    [Theory]
    [InlineData(long.MinValue, long.MaxValue, "time >= -9223372036854775806 AND time <= 9223372036854775806")]
    [InlineData(0, long.MaxValue, "time >= 0 AND time <= 9223372036854775806")]
    [InlineData(5, 6, "time >= 5 AND time <= 5")]
    [InlineData(long.MaxValue - 1, long.MaxValue, "time >= 9223372036854775806 AND time <= 9223372036854775806")]
    public void Times_stay_within_what_InfluxDB_knows(long from, long to, string written) =>
        Assert.EndsWith(written, TextOf(All, from, to), StringComparison.Ordinal);

    [Theory]
    [InlineData(5, 5)]
    [InlineData(6, 5)]
    [InlineData(long.MinValue, long.MinValue)]
    [InlineData(long.MinValue, long.MinValue + 2)]
    [InlineData(long.MaxValue, long.MaxValue)]
    public void Nothing_lies_in_an_empty_range(long from, long to) => Assert.Equal(string.Empty, TextOf(All, from, to));

    private static string TextOf(MeasurementFilter filter, long from = 10, long to = 20) => Text(filter, from, to).Text;

    private static InfluxQl Text(MeasurementFilter filter, long from = 10, long to = 20)
    {
        var what = new Selection(Dialect, new MeasurementSelection(filter, new TimeRange(new Timestamp(from), new Timestamp(to))), Known);
        return what.Statements(Dialect, (text, measurement) => what.AppendSelect(text, measurement)).Select(statement => statement.Text)
            .DefaultIfEmpty(new InfluxQl(bindsValues: true)).Single();
    }
}
