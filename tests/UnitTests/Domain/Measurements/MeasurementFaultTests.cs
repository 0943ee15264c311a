using System.Globalization;
using System.Text;
using IotBackend.Domain.Measurements;
using IotBackend.Domain.Results;
using Xunit;

namespace IotBackend.UnitTests.Domain.Measurements;

public sealed class MeasurementFaultTests
{
    [Fact]
    public void A_measurement_needs_a_device() =>
        AssertFaults(w => w.Number("x", 1), ("device", ErrorCodes.Required));

    [Fact]
    public void A_measurement_needs_a_field() =>
        AssertFaults(w => w.Device("d"), ("fields", ErrorCodes.NoFields));

    [Fact]
    public void An_empty_measurement_lacks_both() =>
        AssertFaults(_ => { }, ("device", ErrorCodes.Required), ("fields", ErrorCodes.NoFields));

    [Fact]
    public void What_is_missing_is_told_beside_what_is_wrong() =>
        AssertFaults(
            w => w.Name("*").Tag("k", ""),
            ("name", ErrorCodes.InvalidIdentifier),
            ("tags.k", ErrorCodes.InvalidTagValue),
            ("device", ErrorCodes.Required),
            ("fields", ErrorCodes.NoFields));

    [Fact]
    public void What_is_wrong_is_not_also_called_missing()
    {
        AssertFaults(w => w.Device("").Number("x", 1), ("device", ErrorCodes.InvalidIdentifier));
        AssertFaults(w => w.Device("d").Number("x", double.NaN), ("fields.x", ErrorCodes.NumberOutOfRange));
        AssertFaults(w => w.AddFault("device", ErrorCodes.WrongType, "m"), ("device", ErrorCodes.WrongType), ("fields", ErrorCodes.NoFields));
        AssertFaults(w => w.AddFault("fields", ErrorCodes.WrongType, "m"), ("fields", ErrorCodes.WrongType), ("device", ErrorCodes.Required));
        AssertFaults(w => w.AddFault("", ErrorCodes.WrongType, "m"), ("", ErrorCodes.WrongType));
    }

    [Theory]
    [InlineData("_internal")]
    [InlineData("plant🌱")]
    [InlineData("a\0b")]
    [InlineData("")]
    public void Device_name_tag_keys_and_field_names_are_identifiers(string text) =>
        AssertFaults(
            w => w.Device(text).Name(text).Tag(text, "v").Number(text, 1).Boolean(text, true).Text(text, "v"),
            ("device", ErrorCodes.InvalidIdentifier),
            ("name", ErrorCodes.InvalidIdentifier),
            ("tags." + text, ErrorCodes.InvalidIdentifier),
            ("fields." + text, ErrorCodes.InvalidIdentifier),
            ("fields." + text, ErrorCodes.InvalidIdentifier),
            ("fields." + text, ErrorCodes.InvalidIdentifier));

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    [InlineData(double.NegativeInfinity)]
    public void A_number_is_finite(double number) =>
        AssertFaults(w => w.Device("d").Number("x", number).Number("y", double.MaxValue), ("fields.x", ErrorCodes.NumberOutOfRange));

    [Theory]
    [InlineData("a")]
    [InlineData("🌡")]
    public void A_text_has_at_most_1024_code_points(string codePoint)
    {
        AssertGood(w => w.Device("d").Text("x", Repeat(codePoint, Identifier.MaxTextLength)));
        AssertFaults(w => w.Device("d").Text("x", Repeat(codePoint, Identifier.MaxTextLength + 1)), ("fields.x", ErrorCodes.TextTooLong));
    }

    [Fact]
    public void A_text_is_valid_unicode() =>
        AssertFaults(w => w.Device("d").AddText("x"u8, [(byte)'a', 0xED, 0xA0, 0x80]), ("fields.x", ErrorCodes.InvalidText));

    [Fact]
    public void A_tag_value_has_at_most_256_code_points()
    {
        AssertGood(w => w.Device("d").Number("x", 1).Tag("k", Repeat("ä", Identifier.MaxTagValueLength)));
        AssertFaults(
            w => w.Device("d").Number("x", 1).Tag("k", Repeat("ä", Identifier.MaxTagValueLength + 1)).Tag("l", "a\nb"),
            ("tags.k", ErrorCodes.InvalidTagValue),
            ("tags.l", ErrorCodes.InvalidTagValue));
    }

    [Fact]
    public void Identifiers_have_at_most_128_code_points()
    {
        var (longest, tooLong) = (Repeat("ä", Identifier.MaxLength), Repeat("ä", Identifier.MaxLength + 1));
        AssertGood(w => w.Device(longest).Name(longest).Tag(longest, "v").Number(longest, 1));
        AssertFaults(
            w => w.Device(tooLong).Name(tooLong).Number("x", 1),
            ("device", ErrorCodes.InvalidIdentifier),
            ("name", ErrorCodes.InvalidIdentifier));
    }

    [Fact]
    public void A_measurement_has_at_most_256_fields()
    {
        AssertGood(w => Fields(w.Device("d"), MeasurementBatchWriter.MaxFields));
        AssertFaults(w => Fields(w.Device("d"), MeasurementBatchWriter.MaxFields + 1), ("fields", ErrorCodes.TooManyFields));
    }

    [Fact]
    public void A_measurement_has_at_most_32_tags()
    {
        AssertGood(w => Tags(w.Device("d").Number("x", 1), MeasurementBatchWriter.MaxTags));
        AssertFaults(w => Tags(w.Device("d").Number("x", 1), MeasurementBatchWriter.MaxTags + 1), ("tags", ErrorCodes.TooManyTags));
    }

    [Fact]
    public void Too_many_is_told_once_and_beside_other_faults() =>
        AssertFaults(
            w => Tags(Fields(w.Device("d").Name(""), 400), 400),
            ("name", ErrorCodes.InvalidIdentifier),
            ("fields", ErrorCodes.TooManyFields),
            ("tags", ErrorCodes.TooManyTags));

    [Fact]
    public void A_field_is_given_once_whatever_its_type() =>
        AssertFaults(
            w => w.Device("d").Number("x", 1).Number("x", 1).Text("x", "1").Boolean("X", true),
            ("fields.x", ErrorCodes.DuplicateMember),
            ("fields.x", ErrorCodes.DuplicateMember));

    [Fact]
    public void A_tag_is_given_once() =>
        AssertFaults(
            w => w.Device("d").Number("x", 1).Tag("b", "1").Tag("a", "1").Tag("c", "1").Tag("b", "1").Tag("a", "2"),
            ("tags.b", ErrorCodes.DuplicateMember),
            ("tags.a", ErrorCodes.DuplicateMember));

    [Fact]
    public void The_same_name_may_be_field_and_tag_and_be_used_again_by_the_next_measurement()
    {
        using var batch = new MeasurementBatch(default);
        var writer = new MeasurementBatchWriter(batch);
        for (var i = 0; i < 2; i++)
        {
            writer.Begin();
            writer.Device("d").Tag("x", "1").Number("x", 1);
            Assert.True(writer.End());
        }
    }

    [Fact]
    public void A_fault_says_where_what_and_which_item()
    {
        using var batch = new MeasurementBatch(default);
        var writer = new MeasurementBatchWriter(batch);
        writer.Begin();
        writer.Device("d").Number("x", 1);
        writer.End();
        writer.Begin();
        writer.Device("d").Number("x", 1).AddFault("timestamp", ErrorCodes.InvalidTimestamp, "Not a time.");
        writer.End();

        Assert.Equal(new Fault("timestamp", ErrorCodes.InvalidTimestamp, "Not a time.", 1), Assert.Single(batch.Faults));
    }

    [Fact]
    public void A_body_of_nothing_but_faults_keeps_the_first_1000_and_rejects_all()
    {
        using var batch = new MeasurementBatch(default);
        var writer = new MeasurementBatchWriter(batch);
        for (var i = 0; i < 800; i++)
        {
            writer.Begin();
            Assert.False(writer.End());
        }

        Assert.Equal(MeasurementBatch.MaxFaults, batch.Faults.Count);
        Assert.Equal(499, batch.Faults[^1].Index);
        Assert.Equal((800, 0, 800), (batch.ItemCount, batch.AcceptedCount, batch.RejectedCount));
    }

    [Theory]
    [InlineData("short", "fields.short")]
    [InlineData("", "fields.")]
    public void A_path_names_the_member(string name, string path) =>
        Assert.Equal(path, MeasurementBatchWriter.Path("fields", Encoding.UTF8.GetBytes(name)));

    [Fact]
    public void A_path_shows_128_characters_of_a_name()
    {
        Assert.Equal("fields." + new string('a', 128), Path(new string('a', 128)));
        Assert.Equal("fields." + new string('a', 128) + "…", Path(new string('a', 129)));
        Assert.Equal("fields." + new string('a', 128) + "…", Path(new string('a', 1_000_000)));
    }

    [Fact]
    public void A_path_cuts_no_character_in_half()
    {
        Assert.Equal("fields." + new string('a', 127) + "…", Path(new string('a', 127) + "🌡🌡"));
        Assert.Equal("fields." + Repeat("🌡", 64) + "…", Path(Repeat("🌡", 65)));
    }

    private static string Path(string name) => MeasurementBatchWriter.Path("fields", Encoding.UTF8.GetBytes(name));

    private static MeasurementBatchWriter Fields(MeasurementBatchWriter writer, int count)
    {
        for (var i = 0; i < count; i++)
            writer.Number("f" + i.ToString(CultureInfo.InvariantCulture), i);
        return writer;
    }

    private static MeasurementBatchWriter Tags(MeasurementBatchWriter writer, int count)
    {
        for (var i = 0; i < count; i++)
            writer.Tag("t" + i.ToString(CultureInfo.InvariantCulture), "v");
        return writer;
    }

    private static void AssertGood(Action<MeasurementBatchWriter> write)
    {
        using var batch = new MeasurementBatch(default);
        var writer = new MeasurementBatchWriter(batch);
        writer.Begin();
        write(writer);
        Assert.True(writer.End());
        Assert.Empty(batch.Faults);
        Assert.Equal(1, batch.AcceptedCount);
    }

    private static void AssertFaults(Action<MeasurementBatchWriter> write, params (string Field, string Code)[] expected)
    {
        using var batch = new MeasurementBatch(default);
        var writer = new MeasurementBatchWriter(batch);
        writer.Begin();
        write(writer);
        Assert.False(writer.End());
        Assert.Equal(expected, batch.Faults.Select(fault => (fault.Field, fault.Code)));
        Assert.All(batch.Faults, fault => Assert.NotEmpty(fault.Message));
        Assert.Equal((1, 0, 1), (batch.ItemCount, batch.AcceptedCount, batch.RejectedCount));
        Assert.Empty(batch.Rows.ToArray());
    }

    private static string Repeat(string text, int count) => string.Concat(Enumerable.Repeat(text, count));
}
