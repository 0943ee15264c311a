using CsCheck;
using IotBackend.Domain.Measurements;
using Xunit;

namespace IotBackend.UnitTests.Domain.Measurements;

public sealed class FieldValueTests
{
    [Fact]
    public void A_number_keeps_every_bit() => Gen.Double.Sample(number =>
    {
        var value = FieldValue.Of(number);
        Assert.Equal(FieldType.Number, value.Type);
        Assert.Equal(BitConverter.DoubleToInt64Bits(number), value.Bits);
        Assert.Equal(value, FieldValue.FromBits(FieldType.Number, value.Bits));
    });

    [Theory]
    [InlineData(true, 1, "true")]
    [InlineData(false, 0, "false")]
    public void A_boolean_is_one_bit(bool boolean, long bits, string text)
    {
        var value = FieldValue.Of(boolean);

        Assert.Equal((FieldType.Boolean, boolean, bits, text), (value.Type, value.Boolean, value.Bits, value.ToString()));
        Assert.Equal(value, FieldValue.FromBits(FieldType.Boolean, bits));
    }

    [Fact]
    public void Values_of_different_types_are_different()
    {
        FieldValue[] values = [FieldValue.Of(1.0), FieldValue.Of(true), FieldValue.Of("true"), FieldValue.Of(0.0), FieldValue.Of(false), FieldValue.Of("")];

        Assert.Equal(values.Length, values.Distinct().Count());
    }

    [Fact]
    public void Zero_and_negative_zero_are_different_values()
    {
        Assert.True(FieldValue.Of(0.0) != FieldValue.Of(-0.0));
        Assert.Equal("-0", FieldValue.Of(-0.0).ToString());
    }

    [Theory]
    [InlineData(21.4, "21.4")]
    [InlineData(56, "56")]
    [InlineData(5e-324, "5E-324")]
    public void A_number_is_shown_in_its_shortest_exact_form(double number, string text) =>
        Assert.Equal(text, FieldValue.Of(number).ToString());

    [Fact]
    public void A_text_is_compared_by_its_characters()
    {
        Assert.Equal(FieldValue.Of("ok"), FieldValue.Of(new string("ok".ToCharArray())));
        Assert.NotEqual(FieldValue.Of("é"), FieldValue.Of("e\u0301"));
        Assert.Equal(string.Empty, FieldValue.Of(1.0).Text);
    }
}
