namespace IotBackend.Domain.Measurements;

/// <summary>The type of a field, fixed by the first value written under its name. Numbers are 64-bit floats.</summary>
public enum FieldType : byte
{
    Number = 1,
    Boolean = 2,
    Text = 3,
}

/// <summary>One value of a field: a finite number, a boolean or a text of at most 1,024 characters.</summary>
public readonly struct FieldValue : IEquatable<FieldValue>
{
    private readonly long _bits;
    private readonly string? _text;

    private FieldValue(FieldType type, long bits, string? text) => (Type, _bits, _text) = (type, bits, text);

    public FieldType Type { get; }

    public double Number => BitConverter.Int64BitsToDouble(_bits);

    public bool Boolean => _bits != 0;

    public string Text => _text ?? string.Empty;

    /// <summary>The bits of the number, 0 or 1 of the boolean; 0 for a text.</summary>
    public long Bits => _bits;

    public static FieldValue Of(double number) => new(FieldType.Number, BitConverter.DoubleToInt64Bits(number), null);

    public static FieldValue Of(bool boolean) => new(FieldType.Boolean, boolean ? 1 : 0, null);

    public static FieldValue Of(string text) => new(FieldType.Text, 0, text);

    /// <summary>A number or a boolean from its <see cref="Bits"/>.</summary>
    public static FieldValue FromBits(FieldType type, long bits) => new(type, bits, null);

    public bool Equals(FieldValue other) => Type == other.Type && _bits == other._bits && string.Equals(_text, other._text, StringComparison.Ordinal);

    public override bool Equals(object? obj) => obj is FieldValue other && Equals(other);

    public override int GetHashCode() => HashCode.Combine(Type, _bits, _text);

    public override string ToString() => Type switch
    {
        FieldType.Number => Number.ToString("R", System.Globalization.CultureInfo.InvariantCulture),
        FieldType.Boolean => Boolean ? "true" : "false",
        _ => Text,
    };

    public static bool operator ==(FieldValue left, FieldValue right) => left.Equals(right);

    public static bool operator !=(FieldValue left, FieldValue right) => !left.Equals(right);
}
