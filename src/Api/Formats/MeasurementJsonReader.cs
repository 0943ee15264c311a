using System.Buffers;
using System.Text.Json;
using IotBackend.Domain.Measurements;
using IotBackend.Domain.Results;

namespace IotBackend.Api.Formats;

/// <summary>
/// Reads measurements as JSON objects into a batch, straight from the bytes (benchmark P3): here what they are made of, beside it the values.
/// A fault of one measurement is told and the rest goes on; what is no JSON throws. Dispose it, also after that.
/// </summary>
internal ref partial struct MeasurementJsonReader(MeasurementBatch batch, string? device)
{
    private readonly MeasurementBatchWriter _writer = new(batch, device);
    private Utf8JsonReader _json;
    private byte[] _name = [];
    private byte[] _value = [];

    /// <summary>The body is one object.</summary>
    /// <exception cref="JsonException">The body is no JSON.</exception>
    public Error? ReadOne(ReadOnlySpan<byte> body)
    {
        _json = new Utf8JsonReader(body, JsonInput.Options);
        _json.Read();
        if (_json.TokenType != JsonTokenType.StartObject)
            return WrongShape("The body is a JSON object, a measurement.");
        ReadMeasurement(line: 0);
        _json.Read();
        return null;
    }

    /// <summary>The body is an array of objects.</summary>
    /// <exception cref="JsonException">The body is no JSON.</exception>
    public Error? ReadArray(ReadOnlySpan<byte> body, int maxItems)
    {
        _json = new Utf8JsonReader(body, JsonInput.Options);
        _json.Read();
        if (_json.TokenType != JsonTokenType.StartArray)
            return WrongShape("The body is a JSON array of measurements.");
        while (_json.Read() && _json.TokenType != JsonTokenType.EndArray)
        {
            if (batch.ItemCount == maxItems)
                return BatchErrors.TooMany(maxItems);
            ReadMeasurement(line: 0);
        }

        _json.Read();
        return null;
    }

    /// <summary>The line is one object; what is no JSON is a fault of this line alone.</summary>
    public void ReadLine(ReadOnlySpan<byte> text, int line)
    {
        _json = new Utf8JsonReader(text, JsonInput.Options);
        var items = batch.ItemCount;
        try
        {
            _json.Read();
            ReadMeasurement(line, isLast: true);
        }
        catch (JsonException exception)
        {
            if (batch.ItemCount == items)
                _writer.Begin(line);
            _writer.AddFault(string.Empty, ErrorCodes.InvalidJson, $"The line is not valid JSON at byte {exception.BytePositionInLine + 1}.");
            _writer.End();
        }
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

    private void ReadMeasurement(int line, bool isLast = false)
    {
        _writer.Begin(line);
        if (_json.TokenType != JsonTokenType.StartObject)
        {
            _writer.AddFault(string.Empty, ErrorCodes.WrongType, "A measurement is a JSON object.");
            _json.Skip();
        }
        else
        {
            ReadMembers();
        }

        // Beyond it a body holds only space; of an item that was ended nothing more could be told.
        if (isLast)
            _json.Read();
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

    private static string NameOf(Member member) => member switch
    {
        Member.Device => "device",
        Member.Name => "name",
        Member.Timestamp => "timestamp",
        Member.Fields => "fields",
        _ => "tags",
    };

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
