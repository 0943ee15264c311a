using System.Buffers;
using System.Text;
using IotBackend.Domain.Results;

namespace IotBackend.Domain.Measurements;

/// <summary>
/// The measurements of one request in UTF-8 and in columns, whatever format they came in. Filled by <see cref="MeasurementBatchWriter"/>,
/// which holds every rule of a measurement; faults are collected by item instead of stopping at the first.
/// Its arrays are pooled: whoever rented the batch disposes it, after the store has answered; nobody keeps a span of it.
/// Not safe for concurrent use.
/// </summary>
public sealed class MeasurementBatch : IDisposable
{
    /// <summary>The most faults that are kept, so that a body of nothing but faults can not fill the memory; each still rejects its item.</summary>
    public const int MaxFaults = 1_000;

    private byte[] _text = ArrayPool<byte>.Shared.Rent(512);
    private MeasurementRow[] _rows = ArrayPool<MeasurementRow>.Shared.Rent(4);
    private FieldCell[] _cells = ArrayPool<FieldCell>.Shared.Rent(16);
    private List<Fault>? _faults;
    private int _textLength;
    private int _rowCount;
    private int _cellCount;
    private int _rejectedRows;

    /// <param name="receivedAt">The time of receipt, which measurements without a time of their own get.</param>
    /// <param name="receipts">Shared by all batches of a process; a batch of its own has its own.</param>
    public MeasurementBatch(Timestamp receivedAt, ReceiptSequence? receipts = null) =>
        (ReceivedAt, Receipts) = (receivedAt, receipts ?? new ReceiptSequence());

    internal ReceiptSequence Receipts { get; }

    /// <summary>When the batch came; the time of the first of its measurements without one of their own, once they were stamped together.</summary>
    public Timestamp ReceivedAt { get; private set; }

    /// <summary>What makes the whole body unusable (broken JSON, too large, unsupported); null when it could be parsed.</summary>
    public Error? BodyError { get; set; }

    /// <summary>What its sender may bring that was never seen before; null: anything.</summary>
    public ISeriesAllowance? Allowance { get; set; }

    /// <summary>Measurements that the body held, good and bad.</summary>
    public int ItemCount { get; internal set; }

    /// <summary>Good measurements: kept by the writer and not rejected since.</summary>
    public int AcceptedCount => _rowCount - _rejectedRows;

    public int RejectedCount => ItemCount - AcceptedCount;

    /// <summary>All rows kept by the writer; those with <see cref="MeasurementRow.IsRejected"/> are not to be stored.</summary>
    public ReadOnlySpan<MeasurementRow> Rows => _rows.AsSpan(0, _rowCount);

    /// <summary>Faults of single measurements in the order they were found, the first <see cref="MaxFaults"/>; <see cref="Fault.Index"/> tells which.</summary>
    public IReadOnlyList<Fault> Faults => _faults ?? (IReadOnlyList<Fault>)[];

    /// <summary>The row's <see cref="MeasurementKey"/> in UTF-8: equal bytes mean equal device, name and tags.</summary>
    public ReadOnlySpan<byte> Key(in MeasurementRow row) => _text.AsSpan(row.KeyStart, row.KeyLength);

    public ReadOnlySpan<byte> Device(in MeasurementRow row) => _text.AsSpan(row.KeyStart, row.DeviceLength);

    public ReadOnlySpan<byte> Name(in MeasurementRow row) => _text.AsSpan(row.KeyStart + row.DeviceLength + 1, row.NameLength);

    public ReadOnlySpan<FieldCell> Fields(in MeasurementRow row) => _cells.AsSpan(row.FirstField, row.FieldCount);

    public ReadOnlySpan<byte> FieldName(in FieldCell cell) => _text.AsSpan(cell.NameStart, cell.NameLength);

    /// <summary>The text of a cell of type <see cref="FieldType.Text"/>, valid UTF-8.</summary>
    public ReadOnlySpan<byte> Text(in FieldCell cell) => _text.AsSpan(cell.TextStart, (int)cell.Bits);

    /// <summary>
    /// Gives the measurements without a time of their own times in a row, which nobody else gets, and which <see cref="StampFrom"/> gives
    /// the same measurements again when the first of them is known.
    /// </summary>
    public void StampTogether()
    {
        var count = 0;
        foreach (ref readonly var row in Rows)
            count += row.HasTimeOfReceipt ? 1 : 0;
        StampFrom(count > 0 ? Receipts.Next(ReceivedAt, count) : ReceivedAt);
    }

    /// <summary>
    /// Takes the given time for that of receipt: the n-th measurement without a time of its own lies n nanoseconds later, and one whose time
    /// is relative as far from it as it is.
    /// </summary>
    public void StampFrom(Timestamp received)
    {
        ReceivedAt = received;
        var next = received.Nanoseconds;
        foreach (ref var row in _rows.AsSpan(0, _rowCount))
        {
            if (row.HasTimeOfReceipt)
                row.Timestamp = new Timestamp(next++);
            else if (row.SinceReceipt != 0)
                row.Timestamp = new Timestamp(received.Nanoseconds + row.SinceReceipt);
        }
    }

    /// <summary>Takes a row out of what is stored and says why; a row can be rejected for several reasons.</summary>
    public void Reject(int rowIndex, string field, string code, string message)
    {
        ref var row = ref _rows[rowIndex];
        if (!row.IsRejected)
        {
            row.IsRejected = true;
            _rejectedRows++;
        }

        AddFault(new Fault(field, code, message, row.Index, row.Line > 0 ? row.Line : null));
    }

    public void Dispose()
    {
        if (_text.Length == 0)
            return;
        ArrayPool<byte>.Shared.Return(_text);
        ArrayPool<MeasurementRow>.Shared.Return(_rows);
        ArrayPool<FieldCell>.Shared.Return(_cells);
        (_text, _rows, _cells, _rowCount, _rejectedRows, _cellCount, _textLength) = ([], [], [], 0, 0, 0, 0);
    }

    internal void AddFault(Fault fault)
    {
        _faults ??= [];
        if (_faults.Count < MaxFaults)
            _faults.Add(fault);
    }

    internal int TextLength => _textLength;

    internal int CellCount => _cellCount;

    /// <summary>Copies the bytes into the batch and returns where they start.</summary>
    internal int AppendText(ReadOnlySpan<byte> bytes)
    {
        var start = _textLength;
        EnsureRoom(ref _text, start, bytes.Length);
        bytes.CopyTo(_text.AsSpan(start));
        _textLength += bytes.Length;
        return start;
    }

    /// <summary>Appends a copy of bytes that the batch already holds; growing may move them meanwhile.</summary>
    internal void AppendCopy(int start, int length)
    {
        EnsureRoom(ref _text, _textLength, length);
        _text.AsSpan(start, length).CopyTo(_text.AsSpan(_textLength));
        _textLength += length;
    }

    internal void AppendSeparator()
    {
        EnsureRoom(ref _text, _textLength, 1);
        _text[_textLength++] = MeasurementKey.Separator;
    }

    internal Span<FieldCell> CellsFrom(int start) => _cells.AsSpan(start, _cellCount - start);

    internal ReadOnlySpan<byte> Slice(int start, int length) => _text.AsSpan(start, length);

    internal void AppendCell(in FieldCell cell)
    {
        EnsureRoom(ref _cells, _cellCount, 1);
        _cells[_cellCount++] = cell;
    }

    internal void AppendRow(in MeasurementRow row)
    {
        EnsureRoom(ref _rows, _rowCount, 1);
        _rows[_rowCount++] = row;
    }

    /// <summary>Forgets what an item that turned out bad has appended.</summary>
    internal void Rewind(int textLength, int cellCount) => (_textLength, _cellCount) = (textLength, cellCount);

    private static void EnsureRoom<T>(ref T[] array, int used, int wanted)
    {
        if (array.Length - used >= wanted)
            return;
        var larger = ArrayPool<T>.Shared.Rent(Math.Max(array.Length * 2, used + wanted));
        array.AsSpan(0, used).CopyTo(larger);
        ArrayPool<T>.Shared.Return(array);
        array = larger;
    }

    /// <summary>A row's device, name, tags and values as text, for messages and tests; allocates.</summary>
    public MeasurementKey ReadKey(in MeasurementRow row) => MeasurementKey.FromUtf8(Key(row));

    /// <summary>A cell's value as it will be read back; allocates for texts.</summary>
    public FieldValue ReadValue(in FieldCell cell) =>
        cell.Type == FieldType.Text ? FieldValue.Of(Encoding.UTF8.GetString(Text(cell))) : FieldValue.FromBits(cell.Type, cell.Bits);
}

/// <summary>One measurement of a batch: where its parts lie in the batch's arrays.</summary>
public struct MeasurementRow
{
    /// <summary>Position in the request, from 0.</summary>
    public int Index;

    /// <summary>Line of the body, from 1, in the formats of lines; 0 in all others.</summary>
    public int Line;
    public Timestamp Timestamp;
    public int KeyStart;
    public int KeyLength;
    public int DeviceLength;
    public int NameLength;
    public int FirstField;
    public int FieldCount;
    public bool IsRejected;

    /// <summary>True when it came without a time, and got that of its receipt.</summary>
    public bool HasTimeOfReceipt;

    /// <summary>How many nanoseconds after its receipt it was made, when its time is told so; 0 in all other cases.</summary>
    public long SinceReceipt;
}

/// <summary>One value of a measurement: where its name lies, its type, and its bits (for a text: its length in bytes).</summary>
public struct FieldCell
{
    public int NameStart;
    public int NameLength;
    public int TextStart;
    public FieldType Type;
    public long Bits;
}
