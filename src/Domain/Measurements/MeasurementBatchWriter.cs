using System.Text;
using IotBackend.Domain.Results;

namespace IotBackend.Domain.Measurements;

/// <summary>
/// Fills a <see cref="MeasurementBatch"/>, measurement by measurement: <see cref="Begin"/>, its parts in any order, <see cref="End"/>.
/// The one place that holds the rules of a measurement, shared by all wire formats. A fault rejects the measurement, not the batch.
/// Spans are copied before a call returns.
/// </summary>
/// <param name="batch">Gets the measurements.</param>
/// <param name="device">What a measurement is of that names no device, and the only one that it may name; null for none.</param>
public sealed class MeasurementBatchWriter(MeasurementBatch batch, string? device = null)
{
    public const int MaxFields = 256;
    public const int MaxTags = 32;

    private readonly byte[] _givenDevice = device is null ? [] : Encoding.UTF8.GetBytes(device);

    private int _line;
    private Slice _device;
    private Slice _name;
    private TagSlice[] _tags = [];
    private Timestamp? _timestamp;
    private long _sinceReceipt;
    private int _tagCount;
    private int _textAtBegin;
    private int _cellsAtBegin;
    private bool _isFaulty;
    private Told _told;

    /// <summary>Starts the next measurement; its index is the number of those before it.</summary>
    /// <param name="line">The line of the body at which it begins, from 1, in a format of lines.</param>
    public void Begin(int line = 0)
    {
        _line = line;
        (_textAtBegin, _cellsAtBegin) = (batch.TextLength, batch.CellCount);
        (_device, _name, _timestamp, _sinceReceipt, _tagCount, _isFaulty, _told) = (default, default, null, 0, 0, false, Told.Nothing);
        batch.ItemCount++;
    }

    public void SetDevice(ReadOnlySpan<byte> device)
    {
        if (!IsIdentifier("device", device))
            return;
        if (_givenDevice.Length > 0 && !device.SequenceEqual(_givenDevice))
            AddFault("device", ErrorCodes.DeviceMismatch, "The measurement names another device than the one that it was sent for.");
        else
            _device = Keep(device);
    }

    public void SetName(ReadOnlySpan<byte> name)
    {
        if (IsIdentifier("name", name))
            _name = Keep(name);
    }

    public void SetTimestamp(Timestamp timestamp) => (_timestamp, _sinceReceipt) = (timestamp, 0);

    /// <summary>The measurement was made so long after its receipt, or before it, which is told by a negative number; not 0.</summary>
    public void SetTimeSinceReceipt(long nanoseconds) =>
        (_timestamp, _sinceReceipt) = (new Timestamp(batch.ReceivedAt.Nanoseconds + nanoseconds), nanoseconds);

    public void AddTag(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        if (Identifier.Check(key) is { } wrongKey)
            AddFault(Path("tags", key), ErrorCodes.InvalidIdentifier, $"The tag key {wrongKey}.");
        else if (Identifier.CheckTagValue(value) is { } wrongValue)
            AddFault(Path("tags", key), ErrorCodes.InvalidTagValue, $"The tag value {wrongValue}.");
        else if (_tagCount == MaxTags)
            TellOnce(Told.TooManyTags, "tags", ErrorCodes.TooManyTags, $"A measurement has at most {MaxTags} tags.");
        else
            InsertTag(key, value);
    }

    /// <param name="name">The field's name.</param>
    /// <param name="number">Its value; not a number and the infinities are refused.</param>
    public void AddNumber(ReadOnlySpan<byte> name, double number)
    {
        if (!double.IsFinite(number))
            AddFault(Path("fields", name), ErrorCodes.NumberOutOfRange, "The number is not finite, or larger than a 64-bit float can hold.");
        else
            AddField(name, FieldType.Number, BitConverter.DoubleToInt64Bits(number), default);
    }

    public void AddBoolean(ReadOnlySpan<byte> name, bool value) => AddField(name, FieldType.Boolean, value ? 1 : 0, default);

    public void AddText(ReadOnlySpan<byte> name, ReadOnlySpan<byte> text)
    {
        var length = Identifier.CountCodePoints(text);
        if (length < 0)
            AddFault(Path("fields", name), ErrorCodes.InvalidText, "The text is not valid Unicode.");
        else if (length > Identifier.MaxTextLength)
            AddFault(Path("fields", name), ErrorCodes.TextTooLong, $"The text is longer than {Identifier.MaxTextLength} characters.");
        else
            AddField(name, FieldType.Text, text.Length, text);
    }

    /// <summary>Rejects the current measurement; <paramref name="field"/> is the path of the member at fault.</summary>
    public void AddFault(string field, string code, string message)
    {
        _isFaulty = true;
        _told |= PartOf(field);
        batch.AddFault(new Fault(field, code, message, batch.ItemCount - 1, _line > 0 ? _line : null));
    }

    /// <summary>Ends the measurement; true when it is good and part of the batch.</summary>
    public bool End()
    {
        if (_device.Length == 0 && _givenDevice.Length > 0 && (_told & Told.Device) == 0)
            SetDevice(_givenDevice);
        if (_device.Length == 0)
            TellOnce(Told.Device, "device", ErrorCodes.Required, "'device' is required.");
        if (batch.CellCount == _cellsAtBegin)
            TellOnce(Told.Fields, "fields", ErrorCodes.NoFields, "'fields' needs at least one field.");
        if (_isFaulty)
            batch.Rewind(_textAtBegin, _cellsAtBegin);
        else
            AppendRow();
        return !_isFaulty;
    }

    /// <summary>Ends a measurement that has a fault already; what else it lacks is not told, because nobody looked for it.</summary>
    public void Abandon()
    {
        _told |= Told.Device | Told.Fields;
        End();
    }

    /// <summary>The path of a member for a fault, with what can not be shown replaced.</summary>
    public static string Path(string parent, ReadOnlySpan<byte> name)
    {
        const int shown = Identifier.MaxLength;
        var text = Encoding.UTF8.GetString(name.Length > 4 * shown ? name[..(4 * shown)] : name);
        if (text.Length <= shown)
            return parent + "." + text;
        var cut = char.IsHighSurrogate(text[shown - 1]) ? shown - 1 : shown;
        return parent + "." + text[..cut] + "…";
    }

    private void TellOnce(Told what, string field, string code, string message)
    {
        if ((_told & what) != 0)
            return;
        _told |= what;
        AddFault(field, code, message);
    }

    private static Told PartOf(string field) => field switch
    {
        "" => Told.Device | Told.Fields,
        "device" => Told.Device,
        "fields" => Told.Fields,
        _ => field.StartsWith("fields.", StringComparison.Ordinal) ? Told.Fields : Told.Nothing,
    };

    private bool IsIdentifier(string member, ReadOnlySpan<byte> text)
    {
        if (Identifier.Check(text) is not { } wrong)
            return true;
        AddFault(member, ErrorCodes.InvalidIdentifier, $"'{member}' {wrong}.");
        return false;
    }

    private void AddField(ReadOnlySpan<byte> name, FieldType type, long bits, ReadOnlySpan<byte> text)
    {
        if (Identifier.Check(name) is { } wrong)
        {
            AddFault(Path("fields", name), ErrorCodes.InvalidIdentifier, $"The field's name {wrong}.");
        }
        else if (batch.CellCount - _cellsAtBegin == MaxFields)
        {
            TellOnce(Told.TooManyFields, "fields", ErrorCodes.TooManyFields, $"A measurement has at most {MaxFields} fields.");
        }
        else if (HasField(name))
        {
            AddFault(Path("fields", name), ErrorCodes.DuplicateMember, "The field is given twice.");
        }
        else
        {
            var start = batch.AppendText(name);
            var textStart = type == FieldType.Text ? batch.AppendText(text) : 0;
            batch.AppendCell(new FieldCell { NameStart = start, NameLength = name.Length, Type = type, Bits = bits, TextStart = textStart });
        }
    }

    private bool HasField(ReadOnlySpan<byte> name)
    {
        foreach (ref readonly var cell in batch.CellsFrom(_cellsAtBegin))
        {
            if (batch.FieldName(cell).SequenceEqual(name))
                return true;
        }

        return false;
    }

    private void InsertTag(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        var at = _tagCount;
        while (at > 0)
        {
            var order = key.SequenceCompareTo(Text(_tags[at - 1].Key));
            if (order == 0)
            {
                AddFault(Path("tags", key), ErrorCodes.DuplicateMember, "The tag is given twice.");
                return;
            }

            if (order > 0)
                break;
            at--;
        }

        if (_tags.Length == _tagCount)
            Array.Resize(ref _tags, _tagCount == 0 ? 4 : MaxTags);
        _tags.AsSpan(at, _tagCount - at).CopyTo(_tags.AsSpan(at + 1));
        _tags[at] = new TagSlice(Keep(key), Keep(value));
        _tagCount++;
    }

    private void AppendRow()
    {
        // Parts come in any order; the key is composed of them here, so that equal keys have equal bytes.
        var keyStart = batch.TextLength;
        Compose(_device);
        batch.AppendSeparator();
        var nameLength = _name.Length == 0 ? ComposeDefaultName() : Compose(_name);
        foreach (var (key, value) in _tags.AsSpan(0, _tagCount))
        {
            batch.AppendSeparator();
            Compose(key);
            batch.AppendSeparator();
            Compose(value);
        }

        batch.AppendRow(new MeasurementRow
        {
            Index = batch.ItemCount - 1,
            Line = _line,
            Timestamp = _timestamp ?? TimeOfReceipt(),
            HasTimeOfReceipt = _timestamp is null,
            SinceReceipt = _sinceReceipt,
            KeyStart = keyStart,
            KeyLength = batch.TextLength - keyStart,
            DeviceLength = _device.Length,
            NameLength = nameLength,
            FirstField = _cellsAtBegin,
            FieldCount = batch.CellCount - _cellsAtBegin,
        });
    }

    private Timestamp TimeOfReceipt() => batch.Receipts.Next(batch.ReceivedAt);

    private Slice Keep(ReadOnlySpan<byte> text) => new(batch.AppendText(text), text.Length);

    private ReadOnlySpan<byte> Text(Slice slice) => batch.Slice(slice.Start, slice.Length);

    private int Compose(Slice slice)
    {
        batch.AppendCopy(slice.Start, slice.Length);
        return slice.Length;
    }

    private int ComposeDefaultName()
    {
        var name = "telemetry"u8;
        batch.AppendText(name);
        return name.Length;
    }

    // What the current measurement's faults already cover: a part that is wrong is not also called missing.
    [Flags]
    private enum Told
    {
        Nothing = 0,
        Device = 1,
        Fields = 2,
        TooManyFields = 4,
        TooManyTags = 8,
    }

    private readonly record struct Slice(int Start, int Length);

    private readonly record struct TagSlice(Slice Key, Slice Value);
}
