using System.Buffers;
using System.Text;
using IotBackend.Domain.Measurements;
using IotBackend.Domain.Results;

namespace IotBackend.Api.Formats;

/// <summary>What a record means together with the base labels so far (RFC 8428, sections 4.5 and 4.6).</summary>
internal ref partial struct SenmlReader
{
    private const string TooLarge = "The number is larger than a 64-bit float can hold.";
    private const string OutOfRange = "The time lies outside of 1677-09-21 to 2262-04-11.";

    /// <summary>Below it, a time is relative to that of receipt: RFC 8428, section 4.5.3.</summary>
    private const decimal FirstAbsolute = 1 << 28;

    private static readonly SearchValues<byte> NameCharacters =
        SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-:./_"u8);

    private void ForgetRecord()
    {
        (_seen, _time, _boolean, _isFaulty) = (default, 0, false, false);
        _name = _recordUnit = _text = _value = _sum = default;
    }

    private void Resolve()
    {
        var name = ResolveName();
        ResolveTime();
        ResolveUnit();
        if (!_isFaulty)
            ResolveValues(SplitName(name));
    }

    private ReadOnlySpan<byte> ResolveName()
    {
        var length = _baseName.Length + _name.Length;
        if (_resolvedName.Length < length)
        {
            if (_resolvedName.Length > 0)
                ArrayPool<byte>.Shared.Return(_resolvedName);
            _resolvedName = ArrayPool<byte>.Shared.Rent(length);
        }

        _baseName.CopyTo(_resolvedName.AsSpan());
        _name.CopyTo(_resolvedName.AsSpan(_baseName.Length));
        var name = _resolvedName.AsSpan(0, length);
        if (_isFaulty)
            return name;
        if (length == 0)
            AddRecordFault("n", ErrorCodes.Required, "A record needs a name: 'bn', 'n' or both.");
        else if (name.ContainsAnyExcept(NameCharacters) || !char.IsAsciiLetterOrDigit((char)name[0]))
            AddRecordFault("n", ErrorCodes.InvalidIdentifier, "A name is letters and digits of ASCII and '- : . / _', and begins with a letter or a digit.");
        return name;
    }

    // Sets the device and gives the field: the name behind the last separator. A name without one is the device, unless the way in has named that.
    private readonly ReadOnlySpan<byte> SplitName(ReadOnlySpan<byte> name)
    {
        var separator = name.LastIndexOfAny((byte)'/', (byte)':');
        if (separator < 0 && device is not null && !name.SequenceEqual(Encoding.UTF8.GetBytes(device)))
            return name;
        var field = separator < 0 ? default : name[(separator + 1)..];
        _writer.SetDevice(separator < 0 ? name : name[..separator]);
        return field.IsEmpty ? "value"u8 : field;
    }

    private void ResolveTime()
    {
        // Both are decimals of at most 28 digits: what their sum has no place for lies far outside of any range.
        var seconds = Math.Abs(_baseTime) < long.MaxValue && Math.Abs(_time) < long.MaxValue ? _baseTime + _time : decimal.MaxValue;
        if (seconds == 0)
            return;
        var isRelative = seconds < FirstAbsolute;
        var origin = isRelative ? batch.ReceivedAt.Nanoseconds : 0;
        var nanoseconds = seconds is > long.MaxValue or < long.MinValue ? decimal.MaxValue : Math.Round(seconds * Timestamp.NanosecondsPerSecond, MidpointRounding.AwayFromZero);
        if (nanoseconds < (decimal)long.MinValue - origin || nanoseconds >= (decimal)long.MaxValue - origin || nanoseconds is > long.MaxValue or < long.MinValue)
            AddRecordFault("t", ErrorCodes.TimestampOutOfRange, OutOfRange);
        else if (isRelative)
            _writer.SetTimeSinceReceipt((long)nanoseconds);
        else
            _writer.SetTimestamp(new Timestamp((long)nanoseconds));
    }

    private readonly void ResolveUnit()
    {
        var unit = (_seen & SenmlLabel.Unit) != 0 ? _recordUnit : _baseUnit;
        if (!unit.IsEmpty)
            _writer.AddTag("unit"u8, unit);
    }

    private void ResolveValues(ReadOnlySpan<byte> field)
    {
        var given = _seen & SenmlLabel.AnyValue;
        var hasSum = (_seen & SenmlLabel.Sum) != 0 || _baseSum is not null;
        if ((given & (given - 1)) != 0)
            AddRecordFault(string.Empty, ErrorCodes.DuplicateMember, "A record has one of 'v', 'vs', 'vb' and 'vd', not several.");
        else if (given == SenmlLabel.TextValue)
            _writer.AddText(field, _text);
        else if (given == SenmlLabel.BooleanValue)
            _writer.AddBoolean(field, _boolean);
        else if (given == SenmlLabel.Value || (_baseValue is not null && !hasSum))
            AddNumber(field, _baseValue, _value);
        else if (!hasSum)
            AddRecordFault(string.Empty, ErrorCodes.NoFields, "A record needs a value or a sum.");
        if (hasSum && !_isFaulty)
            AddSum(field);
    }

    private readonly void AddSum(ReadOnlySpan<byte> field)
    {
        var suffix = ".sum"u8;
        Span<byte> name = stackalloc byte[Identifier.MaxLength + 4];
        if (field.Length > Identifier.MaxLength)
        {
            // Too long as it is; the sum's name would only be longer.
            AddNumber(field, _baseSum, _sum);
            return;
        }

        field.CopyTo(name);
        suffix.CopyTo(name[field.Length..]);
        AddNumber(name[..(field.Length + suffix.Length)], _baseSum, _sum);
    }

    private readonly void AddNumber(ReadOnlySpan<byte> field, SenmlNumber? origin, ReadOnlySpan<byte> token)
    {
        double number;
        JsonNumber.Outcome outcome;
        if (origin is null)
            outcome = JsonNumber.TryRead(token, out number);
        else
            outcome = token.IsEmpty ? origin.TryRead(out number) : origin.TryAdd(token, out number);
        if (outcome == JsonNumber.Outcome.Ok)
            _writer.AddNumber(field, number);
        else if (outcome == JsonNumber.Outcome.IntegerOutOfRange)
            _writer.AddFault(MeasurementBatchWriter.Path("fields", field), ErrorCodes.IntegerOutOfRange, "The integer can not be held by a 64-bit float without rounding.");
        else
            _writer.AddFault(MeasurementBatchWriter.Path("fields", field), ErrorCodes.NumberOutOfRange, TooLarge);
    }
}
