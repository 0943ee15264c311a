using System.Buffers;
using IotBackend.Domain.Measurements;
using IotBackend.Domain.Results;

namespace IotBackend.Api.Formats;

/// <summary>
/// Reads line protocol from whoever sends it into a batch, a point at a time and without an object a line (benchmark P4). A broken line is a fault of
/// its own; the next one begins where it ends, a text in quotes and its line breaks being part of it. Dispose it.
/// Source: docs.influxdata.com, "Line protocol" of 1.x and 2.x.
/// </summary>
internal ref partial struct LineProtocolReader(ReadOnlySpan<byte> body, MeasurementBatch batch, in BatchReading reading)
{
    private static readonly SearchValues<byte> Ends = SearchValues.Create(",= \\\n"u8);
    private static readonly SearchValues<byte> Blanks = SearchValues.Create(" \t\r"u8);

    private readonly ReadOnlySpan<byte> _body = body;
    private readonly MeasurementBatchWriter _writer = new(batch, reading.Device);
    private readonly TimestampUnit _unit = reading.Unit;
    private readonly bool _isDeviceGiven = reading.Device is not null;
    private int _at;
    private Token _device;
    private Token _deviceId;
    private Token _host;
    private byte[] _key = [];
    private byte[] _value = [];

    /// <summary>Reads all points; null unless there are too many.</summary>
    public Error? ReadAll(int maxItems)
    {
        var line = 1;
        while (TryFindPoint(ref line))
        {
            if (batch.ItemCount == maxItems)
                return BatchErrors.TooMany(maxItems);
            var start = _at;
            ReadPoint(line);
            line += _body[start.._at].Count((byte)'\n');
        }

        return null;
    }

    public readonly void Dispose()
    {
        if (_key.Length > 0)
            ArrayPool<byte>.Shared.Return(_key);
        if (_value.Length > 0)
            ArrayPool<byte>.Shared.Return(_value);
    }

    // Past empty lines and comments.
    private bool TryFindPoint(ref int line)
    {
        while (true)
        {
            var blanks = _body[_at..].IndexOfAnyExcept(Blanks);
            if (blanks < 0)
                return false;
            _at += blanks;
            if (_body[_at] is not ((byte)'\n' or (byte)'#'))
                return true;
            var end = _body[_at..].IndexOf((byte)'\n');
            if (end < 0)
                return false;
            _at += end + 1;
            line++;
        }
    }

    private void ReadPoint(int line)
    {
        var start = _at;
        _writer.Begin(line);
        if ((ReadKey() ?? ReadFields() ?? ReadTime()) is { } wrong)
        {
            _writer.AddFault(string.Empty, ErrorCodes.InvalidLine, wrong);
            _at = EndOfLine(start);
        }

        _writer.End();
    }

    // The parts of a line give what is wrong with its form, after which nothing more of it can be read; null for nothing.
    private string? ReadKey()
    {
        (_device, _deviceId, _host) = (default, default, default);
        var name = Take();
        if (name.Length > 0)
            _writer.SetName(TextOf(name, ref _key));
        while (Next == ',')
        {
            _at++;
            if (ReadTag() is { } wrong)
                return wrong;
        }

        if (name.Length == 0)
            return "The line begins with no name of a measurement.";
        if (Next != ' ')
            return Next == '=' ? "A name of a measurement holds no '='." : "The line has no fields.";
        NameDevice();
        return null;
    }

    private string? ReadTag()
    {
        var key = Take();
        if (Next != '=')
            return "A tag is a key, '=' and a value.";
        _at++;
        var value = Take();
        if (Next == '=')
            return "The value of a tag holds a '=' without a backslash before it.";
        AddTag(TextOf(key, ref _key), value);
        return null;
    }

    private void AddTag(ReadOnlySpan<byte> key, Token value)
    {
        // By their lengths first: most tags are none of these.
        if (key.Length == 6 && key.SequenceEqual("device"u8))
            Keep(ref _device, key, value);
        else if (key.Length == 9 && key.SequenceEqual("device_id"u8))
            Keep(ref _deviceId, key, value);
        else if (key.Length == 4 && key.SequenceEqual("host"u8))
            Keep(ref _host, key, value);
        else
            _writer.AddTag(key, TextOf(value, ref _value));
    }

    private void Keep(ref Token place, ReadOnlySpan<byte> key, Token value)
    {
        if (place.IsThere)
            _writer.AddFault(MeasurementBatchWriter.Path("tags", key), ErrorCodes.DuplicateMember, "The tag is given twice.");
        place = value;
    }

    // The first of the three that is there names the device; the others are tags like any. Where the way in has named it, a host is no other name.
    private void NameDevice()
    {
        var isHost = !_device.IsThere && !_deviceId.IsThere && _host.IsThere && !_isDeviceGiven;
        var device = _device.IsThere ? _device : _deviceId.IsThere ? _deviceId : isHost ? _host : default;
        if (device.IsThere)
            _writer.SetDevice(TextOf(device, ref _value));
        else if (!_isDeviceGiven)
            _writer.AddFault("device", ErrorCodes.Required, "The line has none of the tags 'device', 'device_id' and 'host', one of which names the device.");
        if (_device.IsThere && _deviceId.IsThere)
            _writer.AddTag("device_id"u8, TextOf(_deviceId, ref _value));
        if (_host.IsThere && !isHost)
            _writer.AddTag("host"u8, TextOf(_host, ref _value));
    }

    // The next byte; a line feed also at the end of the body.
    private readonly byte Next => _at < _body.Length ? _body[_at] : (byte)'\n';

    // Up to a separator that no backslash stands before.
    private Token Take()
    {
        var start = _at;
        var isEscaped = false;
        while (true)
        {
            var length = _body[_at..].IndexOfAny(Ends);
            _at = length < 0 ? _body.Length : _at + length;
            if (Next != '\\')
                return new Token(start, _at - start, isEscaped, IsThere: true);
            isEscaped = true;
            _at++;
            if (Next is (byte)',' or (byte)'=' or (byte)' ')
                _at++;
        }
    }

    private readonly ReadOnlySpan<byte> TextOf(Token token, scoped ref byte[] buffer)
    {
        var raw = _body.Slice(token.Start, token.Length);
        return token.IsEscaped ? Unescape(raw, ",= "u8, ref buffer) : raw;
    }

    // A backslash before one of the given bytes is none of the text; any other is.
    private static ReadOnlySpan<byte> Unescape(ReadOnlySpan<byte> raw, scoped ReadOnlySpan<byte> escaped, scoped ref byte[] buffer)
    {
        if (buffer.Length < raw.Length)
        {
            if (buffer.Length > 0)
                ArrayPool<byte>.Shared.Return(buffer);
            buffer = ArrayPool<byte>.Shared.Rent(raw.Length);
        }

        var length = 0;
        for (var i = 0; i < raw.Length; i++)
        {
            if (raw[i] == '\\' && i + 1 < raw.Length && escaped.Contains(raw[i + 1]))
                i++;
            buffer[length++] = raw[i];
        }

        return buffer.AsSpan(0, length);
    }

    /// <summary>Where a part of a line lies in the body.</summary>
    private readonly record struct Token(int Start, int Length, bool IsEscaped, bool IsThere);
}
