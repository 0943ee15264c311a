using System.Buffers;
using System.Text.Json;
using IotBackend.Domain.Measurements;
using IotBackend.Domain.Results;

namespace IotBackend.Api.Formats;

/// <summary>
/// Reads a SenML pack into a batch: here its records with their labels, beside it what they resolve to. A fault of one record is told by its index;
/// one of a base label, by which all that follows would be misread, fails the body, and so does a label that has to be understood and is not.
/// Dispose it, also after it has thrown.
/// </summary>
internal ref partial struct SenmlReader(ReadOnlySpan<byte> body, MeasurementBatch batch, string? device)
{
    /// <summary>RFC 8428, section 4.4: of a larger one nothing may be used.</summary>
    private const int Version = 10;

    private readonly MeasurementBatchWriter _writer = new(batch, device);
    private Utf8JsonReader _json = new(body, JsonInput.Options);
    private Error? _packError;
    private byte[] _buffer = [];

    // The base, which holds on: checked, bounded and converted when it is read, because each record that follows is resolved with it.
    private byte[] _baseName = [];
    private byte[] _baseUnit = [];
    private SenmlNumber? _baseValue;
    private SenmlNumber? _baseSum;
    private decimal _baseTime;
    private int? _version;

    // The record, which the next one replaces.
    private SenmlLabel _seen;
    private ReadOnlySpan<byte> _name;
    private ReadOnlySpan<byte> _recordUnit;
    private ReadOnlySpan<byte> _text;
    private ReadOnlySpan<byte> _value;
    private ReadOnlySpan<byte> _sum;
    private decimal _time;
    private bool _boolean;
    private bool _isFaulty;

    private byte[] _nameBuffer = [];
    private byte[] _unitBuffer = [];
    private byte[] _textBuffer = [];
    private byte[] _resolvedName = [];

    /// <summary>Reads all records; what fails the body is given back.</summary>
    /// <exception cref="JsonException">The body is no JSON.</exception>
    public Error? ReadAll(int maxItems)
    {
        _json.Read();
        var isArray = _json.TokenType == JsonTokenType.StartArray;
        while (_json.Read() && isArray && _json.TokenType != JsonTokenType.EndArray)
        {
            if (batch.ItemCount == maxItems)
                return BatchErrors.TooMany(maxItems);
            ReadRecord();
            if (_packError is not null)
                return _packError;
        }

        // To the end, so that what is no JSON at all is called so.
        while (_json.Read())
        {
        }

        return isArray ? null : Error.Invalid([new Fault(string.Empty, ErrorCodes.WrongType, "The body is a JSON array of SenML records.")]);
    }

    public readonly void Dispose()
    {
        foreach (var buffer in (ReadOnlySpan<byte[]>)[_buffer, _nameBuffer, _unitBuffer, _textBuffer, _resolvedName])
        {
            if (buffer.Length > 0)
                ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private void ReadRecord()
    {
        _writer.Begin();
        ForgetRecord();
        if (_json.TokenType != JsonTokenType.StartObject)
        {
            AddRecordFault(string.Empty, ErrorCodes.WrongType, "A record is a JSON object.");
            _json.Skip();
        }
        else
        {
            while (_json.Read() && _json.TokenType == JsonTokenType.PropertyName)
                ReadLabel();
            Resolve();
        }

        if (_isFaulty)
            _writer.Abandon();
        else
            _writer.End();
    }

    private void ReadLabel()
    {
        var label = JsonText.TryUnescape(in _json, ref _buffer, out var text) ? SenmlLabels.Find(text) : SenmlLabel.Unknown;
        if (label == SenmlLabel.Unknown)
        {
            if (text.EndsWith("_"u8))
                RefusePack(MeasurementBatchWriter.Path(string.Empty, text)[1..], ErrorCodes.UnknownMember, "A label that ends with '_' has to be understood, and this one is not.");
            _json.Read();
            _json.Skip();
            return;
        }

        if ((_seen & label) != 0)
            AddFault(label, ErrorCodes.DuplicateMember, $"'{label.NameOf()}' is given twice.");
        _seen |= label;
        _json.Read();
        ReadValue(label);
        _json.Skip();
    }

    private void ReadValue(SenmlLabel label)
    {
        switch (label)
        {
            case SenmlLabel.BaseName:
                if (TryText(label, ref _buffer, out var baseName))
                    SetBaseName(baseName);
                break;
            case SenmlLabel.BaseUnit:
                if (TryText(label, ref _buffer, out var baseUnit))
                    SetBaseUnit(baseUnit);
                break;
            case SenmlLabel.BaseVersion:
                ReadVersion();
                break;
            case SenmlLabel.Name:
                TryText(label, ref _nameBuffer, out _name);
                break;
            case SenmlLabel.Unit:
                TryText(label, ref _unitBuffer, out _recordUnit);
                break;
            case SenmlLabel.TextValue:
                TryText(label, ref _textBuffer, out _text);
                break;
            case SenmlLabel.BooleanValue:
                _boolean = _json.TokenType == JsonTokenType.True;
                if (!_boolean && _json.TokenType != JsonTokenType.False)
                    AddFault(label, ErrorCodes.WrongType, "'vb' is a boolean.");
                break;
            case SenmlLabel.DataValue:
                AddFault(label, ErrorCodes.UnsupportedValue, "Data values are not kept: a field is a number, a boolean or a text.");
                break;
            default:
                ReadNumber(label);
                break;
        }
    }

    private void ReadNumber(SenmlLabel label)
    {
        if (_json.TokenType != JsonTokenType.Number)
        {
            AddFault(label, ErrorCodes.WrongType, $"'{label.NameOf()}' is a number.");
            return;
        }

        switch (label)
        {
            case SenmlLabel.Value:
                _value = _json.ValueSpan;
                break;
            case SenmlLabel.BaseValue:
                _baseValue = ReadBase(label);
                break;
            case SenmlLabel.Sum:
                _sum = _json.ValueSpan;
                break;
            case SenmlLabel.BaseSum:
                _baseSum = ReadBase(label);
                break;
            case SenmlLabel.Time or SenmlLabel.BaseTime:
                ReadTime(label);
                break;
        }
    }

    private void ReadTime(SenmlLabel label)
    {
        if (label == SenmlLabel.BaseTime && IsTooLong(label))
            return;
        if (!SenmlNumber.TryDecimal(_json.ValueSpan, out var seconds))
            AddFault(label, ErrorCodes.TimestampOutOfRange, OutOfRange);
        else if (label == SenmlLabel.Time)
            _time = seconds;
        else
            _baseTime = seconds;
    }

    private void ReadVersion()
    {
        if (_json.TokenType != JsonTokenType.Number || !_json.TryGetInt32(out var version) || version < 1)
            RefusePack("bver", ErrorCodes.WrongType, "'bver' is a positive integer.");
        else if (version > Version)
            RefusePack("bver", ErrorCodes.UnsupportedVersion, $"The pack is of version {version}; up to {Version} are understood.");
        else if (_version is { } other && other != version)
            RefusePack("bver", ErrorCodes.UnsupportedVersion, "The records of a pack are of one version.");
        else
            _version = version;
    }

    private bool TryText(SenmlLabel label, scoped ref byte[] buffer, out ReadOnlySpan<byte> text)
    {
        text = default;
        if (_json.TokenType != JsonTokenType.String)
            AddFault(label, ErrorCodes.WrongType, $"'{label.NameOf()}' is a string.");
        else if (JsonText.TryUnescape(in _json, ref buffer, out text))
            return true;
        else
            AddFault(label, ErrorCodes.InvalidText, $"'{label.NameOf()}' is not valid Unicode.");
        return false;
    }

    private void AddFault(SenmlLabel label, string code, string message)
    {
        if ((label & SenmlLabel.AnyBase) != 0)
            RefusePack(label.NameOf(), code, message);
        else
            AddRecordFault(label.NameOf(), code, message);
    }

    private void AddRecordFault(string field, string code, string message)
    {
        _isFaulty = true;
        _writer.AddFault(field, code, message);
    }

    private void RefusePack(string field, string code, string message) =>
        _packError ??= Error.Invalid([new Fault(field, code, message, batch.ItemCount - 1)]);
}
