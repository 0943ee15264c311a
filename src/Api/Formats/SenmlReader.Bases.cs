using IotBackend.Domain.Measurements;
using IotBackend.Domain.Results;

namespace IotBackend.Api.Formats;

/// <summary>
/// The base labels. Each record that follows is resolved with them, so that a long one would be looked at thousands of times: what no record could be good
/// with is refused here, when it is read, and numbers are converted here.
/// </summary>
internal ref partial struct SenmlReader
{
    /// <summary>The longest base name, in characters, which are all of ASCII: a device, a separator and a field.</summary>
    public const int MaxBaseName = (2 * Identifier.MaxLength) + 1;

    /// <summary>The longest token of a base number, far beyond the digits that a 64-bit float distinguishes.</summary>
    public const int MaxBaseNumber = 256;

    private void SetBaseName(ReadOnlySpan<byte> name)
    {
        if (name.Length > MaxBaseName)
            RefusePack("bn", ErrorCodes.InvalidIdentifier, $"The base name is longer than {MaxBaseName} characters.");
        else
            _baseName = name.ToArray();
    }

    private void SetBaseUnit(ReadOnlySpan<byte> unit)
    {
        if (!unit.IsEmpty && Identifier.CheckTagValue(unit) is { } wrong)
            RefusePack("bu", ErrorCodes.InvalidTagValue, $"The base unit {wrong}.");
        else
            _baseUnit = unit.ToArray();
    }

    // A base that is too large for a float is so for each record; an integer that would be rounded is not once a record has brought it nearer to zero.
    private SenmlNumber? ReadBase(SenmlLabel label)
    {
        if (IsTooLong(label))
            return null;
        var number = new SenmlNumber(_json.ValueSpan);
        if (number.TryRead(out _) == JsonNumber.Outcome.OutOfRange)
            RefusePack(label.NameOf(), ErrorCodes.NumberOutOfRange, TooLarge);
        return number;
    }

    private bool IsTooLong(SenmlLabel label)
    {
        if (_json.ValueSpan.Length <= MaxBaseNumber)
            return false;
        RefusePack(label.NameOf(), ErrorCodes.NumberOutOfRange, $"A base number has at most {MaxBaseNumber} characters.");
        return true;
    }
}
