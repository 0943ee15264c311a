using System.Buffers.Binary;
using System.Text;
using IotBackend.Domain.Measurements;

namespace IotBackend.Application.Measurements.Live;

/// <summary>Reads what <see cref="LivePacket"/> writes, one measurement after the other, and never more than there is: a packet may come from another node.</summary>
internal ref struct LivePacketReader
{
    private ReadOnlySpan<byte> _rest;
    private ReadOnlySpan<byte> _fields;
    private int _fieldCount;

    public LivePacketReader(ReadOnlySpan<byte> packet)
    {
        _rest = packet;
        IsDamaged = TakeByte() != LivePacket.Version;
        Bucket = TakeText();
    }

    /// <summary>True when the packet is of another version, or breaks off.</summary>
    public bool IsDamaged { get; private set; }

    public ReadOnlySpan<byte> Bucket { get; }

    /// <summary>The key of the current measurement, in its canonical form.</summary>
    public ReadOnlySpan<byte> Key { get; private set; }

    public Timestamp Timestamp { get; private set; }

    /// <summary>Goes to the next measurement; false at the end, and where the packet is damaged.</summary>
    public bool Next()
    {
        if (IsDamaged || _rest.IsEmpty)
            return false;
        Key = TakeText();
        Timestamp = new Timestamp(TakeInt64());
        _fieldCount = TakeVarInt();
        var fields = _rest;
        for (var i = 0; i < _fieldCount && !IsDamaged; i++)
            TakeField(out _);
        _fields = fields[..^_rest.Length];

        // Device, name, and pairs of tags.
        IsDamaged |= _fieldCount < 0 || Key.Count(MeasurementKey.Separator) % 2 == 0;
        return !IsDamaged;
    }

    /// <summary>The fields of the current measurement that the filter takes, in their order.</summary>
    public readonly List<Field> Fields(LiveFilter filter)
    {
        var fields = new List<Field>(_fieldCount);
        var reader = this with { _rest = _fields };
        for (var i = 0; i < _fieldCount; i++)
        {
            var name = reader.TakeField(out var value);
            if (filter.TakesField(name))
                fields.Add(new Field(Encoding.UTF8.GetString(name), value.ToValue()));
        }

        return fields;
    }

    private ReadOnlySpan<byte> TakeField(out Value value)
    {
        var name = TakeText();
        var type = (FieldType)TakeByte();
        switch (type)
        {
            case FieldType.Number:
                value = new Value(type, TakeInt64(), default);
                break;
            case FieldType.Boolean:
                value = new Value(type, TakeByte(), default);
                break;
            case FieldType.Text:
                value = new Value(type, 0, TakeText());
                break;
            default:
                value = default;
                IsDamaged = true;
                break;
        }

        return name;
    }

    private ReadOnlySpan<byte> TakeText() => Take(TakeVarInt());

    private long TakeInt64() => Take(sizeof(long)) is { Length: sizeof(long) } bytes ? BinaryPrimitives.ReadInt64LittleEndian(bytes) : 0;

    private byte TakeByte() => Take(1) is [var only] ? only : (byte)0;

    private int TakeVarInt()
    {
        long value = 0;
        for (var shift = 0; shift < 35; shift += 7)
        {
            var part = TakeByte();
            value |= (long)(part & 0x7F) << shift;
            if (part < 0x80)
                return value <= int.MaxValue ? (int)value : -1;
        }

        return -1;
    }

    private ReadOnlySpan<byte> Take(int length)
    {
        if (IsDamaged || (uint)length > (uint)_rest.Length)
        {
            IsDamaged = true;
            _rest = [];
            return [];
        }

        var taken = _rest[..length];
        _rest = _rest[length..];
        return taken;
    }

    private readonly ref struct Value(FieldType type, long bits, ReadOnlySpan<byte> text)
    {
        private readonly ReadOnlySpan<byte> _text = text;

        public FieldValue ToValue() => type == FieldType.Text ? FieldValue.Of(Encoding.UTF8.GetString(_text)) : FieldValue.FromBits(type, bits);
    }
}
