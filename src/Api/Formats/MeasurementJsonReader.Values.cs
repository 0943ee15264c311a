using System.Text.Json;
using IotBackend.Domain.Measurements;
using IotBackend.Domain.Results;

namespace IotBackend.Api.Formats;

/// <summary>What the members of a measurement hold: texts, times, fields and tags.</summary>
internal ref partial struct MeasurementJsonReader
{
    private void ReadTimestamp()
    {
        if (_json.TokenType == JsonTokenType.Number)
        {
            if (!_json.TryGetInt64(out var milliseconds))
                AddTimestampFault(ErrorCodes.InvalidTimestamp);
            else if (!Timestamp.TryFromUnixMilliseconds(milliseconds, out var timestamp))
                AddTimestampFault(ErrorCodes.TimestampOutOfRange);
            else
                _writer.SetTimestamp(timestamp);
        }
        else if (_json.TokenType != JsonTokenType.String || !TryUnescape(ref _value, out var text))
        {
            AddTimestampFault(ErrorCodes.InvalidTimestamp);
            _json.Skip();
        }
        else
        {
            ReadTimestampText(text);
        }
    }

    private readonly void ReadTimestampText(ReadOnlySpan<byte> text)
    {
        var outcome = Rfc3339.TryParse(text, out var timestamp);
        if (outcome == Rfc3339.Outcome.Ok)
            _writer.SetTimestamp(timestamp);
        else
            AddTimestampFault(outcome == Rfc3339.Outcome.OutOfRange ? ErrorCodes.TimestampOutOfRange : ErrorCodes.InvalidTimestamp);
    }

    private readonly void AddTimestampFault(string code) => _writer.AddFault("timestamp", code, code == ErrorCodes.InvalidTimestamp
        ? "'timestamp' is an RFC 3339 time with an offset and at most 9 fraction digits, or an integer of Unix milliseconds."
        : "'timestamp' lies outside of 1677-09-21 to 2262-04-11.");

    private void ReadField()
    {
        if (!TryUnescape(ref _name, out var name))
        {
            AddUnreadable("fields", ErrorCodes.InvalidIdentifier);
            _json.Read();
            _json.Skip();
            return;
        }

        _json.Read();
        switch (_json.TokenType)
        {
            case JsonTokenType.Number:
                ReadNumber(name);
                break;
            case JsonTokenType.True or JsonTokenType.False:
                _writer.AddBoolean(name, _json.TokenType == JsonTokenType.True);
                break;
            case JsonTokenType.String when TryUnescape(ref _value, out var text):
                _writer.AddText(name, text);
                break;
            case JsonTokenType.String:
                _writer.AddFault(MeasurementBatchWriter.Path("fields", name), ErrorCodes.InvalidText, "The text is not valid Unicode.");
                break;
            default:
                _writer.AddFault(MeasurementBatchWriter.Path("fields", name), ErrorCodes.WrongType, "A field is a number, a boolean or a string.");
                _json.Skip();
                break;
        }
    }

    private readonly void ReadNumber(ReadOnlySpan<byte> name)
    {
        switch (JsonNumber.TryRead(_json.ValueSpan, out var number))
        {
            case JsonNumber.Outcome.Ok:
                _writer.AddNumber(name, number);
                break;
            case JsonNumber.Outcome.IntegerOutOfRange:
                _writer.AddFault(MeasurementBatchWriter.Path("fields", name), ErrorCodes.IntegerOutOfRange, "The integer can not be held by a 64-bit float without rounding.");
                break;
            default:
                _writer.AddFault(MeasurementBatchWriter.Path("fields", name), ErrorCodes.NumberOutOfRange, "The number is larger than a 64-bit float can hold.");
                break;
        }
    }

    private void ReadTag()
    {
        if (!TryUnescape(ref _name, out var key))
        {
            AddUnreadable("tags", ErrorCodes.InvalidIdentifier);
            _json.Read();
            _json.Skip();
            return;
        }

        _json.Read();
        if (_json.TokenType != JsonTokenType.String)
        {
            _writer.AddFault(MeasurementBatchWriter.Path("tags", key), ErrorCodes.WrongType, "A tag is a string.");
            _json.Skip();
        }
        else if (TryUnescape(ref _value, out var value))
        {
            _writer.AddTag(key, value);
        }
        else
        {
            _writer.AddFault(MeasurementBatchWriter.Path("tags", key), ErrorCodes.InvalidTagValue, "The tag value is not valid Unicode.");
        }
    }

    private bool TryText(string member, out ReadOnlySpan<byte> text)
    {
        text = default;
        if (_json.TokenType != JsonTokenType.String)
            _writer.AddFault(member, ErrorCodes.WrongType, $"'{member}' is a string.");
        else if (TryUnescape(ref _value, out text))
            return true;
        else
            _writer.AddFault(member, ErrorCodes.InvalidIdentifier, $"'{member}' is not valid Unicode.");
        return false;
    }

    private readonly bool IsObject(string member)
    {
        if (_json.TokenType == JsonTokenType.StartObject)
            return true;
        _writer.AddFault(member, ErrorCodes.WrongType, $"'{member}' is an object.");
        return false;
    }

    private readonly void AddUnreadable(string member, string code) => _writer.AddFault(member, code, "A name is not valid Unicode.");

    private readonly bool TryUnescape(scoped ref byte[] buffer, out ReadOnlySpan<byte> text) => JsonText.TryUnescape(in _json, ref buffer, out text);
}
