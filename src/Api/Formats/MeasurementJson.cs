using System.Buffers;
using System.Text.Json;
using IotBackend.Domain.Measurements;
using IotBackend.Domain.Results;

namespace IotBackend.Api.Formats;

/// <summary>
/// Parses measurements from JSON into a <see cref="MeasurementBatch"/>, straight from the bytes (benchmark P3). A fault of one measurement
/// is told by its index and the rest goes on; what is no JSON, or not of the right shape, fails the whole body.
/// </summary>
internal static class MeasurementJson
{
    /// <summary>Parses one object.</summary>
    public static void ParseOne(ReadOnlySpan<byte> body, MeasurementBatch batch) => Parse(body, batch, isArray: false, maxItems: 1);

    /// <summary>Parses an array of at most <paramref name="maxItems"/> objects; one more is <c>batch_too_large</c>.</summary>
    public static void ParseArray(ReadOnlySpan<byte> body, MeasurementBatch batch, int maxItems) => Parse(body, batch, isArray: true, maxItems);

    private static void Parse(ReadOnlySpan<byte> body, MeasurementBatch batch, bool isArray, int maxItems)
    {
        body = JsonInput.WithoutByteOrderMark(body);
        var parser = new Parser(body, batch);
        try
        {
            batch.BodyError = isArray ? parser.ReadArray(maxItems) : parser.ReadOne();
        }
        catch (JsonException exception)
        {
            batch.BodyError = JsonInput.Invalid(body, exception);
        }
        finally
        {
            parser.Dispose();
        }
    }

    private ref struct Parser(ReadOnlySpan<byte> body, MeasurementBatch batch)
    {
        private readonly MeasurementBatch _batch = batch;
        private readonly MeasurementBatchWriter _writer = new(batch);
        private Utf8JsonReader _json = new(body, JsonInput.Options);
        private byte[] _name = [];
        private byte[] _value = [];

        public Error? ReadOne()
        {
            _json.Read();
            if (_json.TokenType != JsonTokenType.StartObject)
                return WrongShape("The body is a JSON object, a measurement.");
            ReadMeasurement();
            _json.Read();
            return null;
        }

        public Error? ReadArray(int maxItems)
        {
            _json.Read();
            if (_json.TokenType != JsonTokenType.StartArray)
                return WrongShape("The body is a JSON array of measurements.");
            while (_json.Read() && _json.TokenType != JsonTokenType.EndArray)
            {
                if (_batch.ItemCount == maxItems)
                    return TooMany(maxItems);
                ReadMeasurement();
            }

            _json.Read();
            return null;
        }

        public readonly void Dispose()
        {
            if (_name.Length > 0)
                ArrayPool<byte>.Shared.Return(_name);
            if (_value.Length > 0)
                ArrayPool<byte>.Shared.Return(_value);
        }

        private Error WrongShape(string message)
        {
            // Read on, so that what is no JSON at all is called so.
            while (_json.Read())
            {
            }

            return Error.Invalid([new Fault(string.Empty, ErrorCodes.WrongType, message)]);
        }

        private static Error TooMany(int maxItems) =>
            new(ErrorKind.TooLarge, ErrorCodes.BatchTooLarge, $"A batch holds at most {maxItems} measurements; nothing was stored.")
            {
                Details = new Dictionary<string, object> { ["limit"] = maxItems },
            };

        private void ReadMeasurement()
        {
            _writer.Begin();
            if (_json.TokenType != JsonTokenType.StartObject)
            {
                _writer.AddFault(string.Empty, ErrorCodes.WrongType, "A measurement is a JSON object.");
                _json.Skip();
            }
            else
            {
                ReadMembers();
            }

            _writer.End();
        }

        private void ReadMembers()
        {
            var seen = Member.None;
            while (_json.Read() && _json.TokenType == JsonTokenType.PropertyName)
            {
                var isText = TryUnescape(ref _name, out var name);
                var member = isText ? Identify(name) : Member.None;
                if (member == Member.None)
                    AddUnknown(isText ? name : _json.ValueSpan);
                else if ((seen & member) != 0)
                    _writer.AddFault(NameOf(member), ErrorCodes.DuplicateMember, $"'{NameOf(member)}' is given twice.");
                seen |= member;
                _json.Read();
                ReadMember(member);
            }
        }

        private void ReadMember(Member member)
        {
            switch (member)
            {
                case Member.Device when TryText("device", out var device):
                    _writer.SetDevice(device);
                    break;
                case Member.Name when TryText("name", out var name):
                    _writer.SetName(name);
                    break;
                case Member.Timestamp:
                    ReadTimestamp();
                    break;
                case Member.Fields when IsObject("fields"):
                    while (_json.Read() && _json.TokenType != JsonTokenType.EndObject)
                        ReadField();
                    break;
                case Member.Tags when IsObject("tags"):
                    while (_json.Read() && _json.TokenType != JsonTokenType.EndObject)
                        ReadTag();
                    break;
                default:
                    _json.Skip();
                    break;
            }
        }

        private static Member Identify(ReadOnlySpan<byte> name)
        {
            if (name.SequenceEqual("device"u8))
                return Member.Device;
            if (name.SequenceEqual("name"u8))
                return Member.Name;
            if (name.SequenceEqual("timestamp"u8))
                return Member.Timestamp;
            if (name.SequenceEqual("fields"u8))
                return Member.Fields;
            return name.SequenceEqual("tags"u8) ? Member.Tags : Member.None;
        }

        private readonly void AddUnknown(ReadOnlySpan<byte> name)
        {
            var path = MeasurementBatchWriter.Path(string.Empty, name)[1..];
            _writer.AddFault(path, ErrorCodes.UnknownMember, $"'{path}' is not a member of a measurement.");
        }

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

        // Without escapes the text is the token itself; a lone surrogate can not be unescaped to UTF-8.
        private readonly bool TryUnescape(scoped ref byte[] buffer, out ReadOnlySpan<byte> text)
        {
            text = _json.ValueSpan;
            if (!_json.ValueIsEscaped)
                return true;
            if (buffer.Length < text.Length)
            {
                if (buffer.Length > 0)
                    ArrayPool<byte>.Shared.Return(buffer);
                buffer = ArrayPool<byte>.Shared.Rent(text.Length);
            }

            try
            {
                text = buffer.AsSpan(0, _json.CopyString(buffer));
                return true;
            }
            catch (InvalidOperationException)
            {
                return false;
            }
        }

        private static string NameOf(Member member) => member switch
        {
            Member.Device => "device",
            Member.Name => "name",
            Member.Timestamp => "timestamp",
            Member.Fields => "fields",
            _ => "tags",
        };
    }

    [Flags]
    private enum Member
    {
        None = 0,
        Device = 1,
        Name = 2,
        Timestamp = 4,
        Fields = 8,
        Tags = 16,
    }
}
