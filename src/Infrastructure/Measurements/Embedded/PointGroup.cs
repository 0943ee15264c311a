using System.Text;
using IotBackend.Domain.Measurements;
using IotBackend.Domain.Results;

namespace IotBackend.Infrastructure.Measurements.Embedded;

/// <summary>The points of all batches that are committed together. For the committer alone, which uses it again and again.</summary>
internal sealed class PointGroup(Catalog catalog)
{
    private GroupPoint[] _points = new GroupPoint[4096];
    private readonly List<(ISeriesAllowance From, bool Device, int Series)> _taken = [];
    private int _count;

    public ReadOnlySpan<GroupPoint> Points => _points.AsSpan(0, _count);

    /// <summary>Adds the rows of a batch that are not rejected, and rejects those whose fields have another type than they had first, or whose series is one too many.</summary>
    public void Add(BucketCatalog bucket, MeasurementBatch batch)
    {
        for (var i = 0; i < batch.Rows.Length; i++)
        {
            ref readonly var row = ref batch.Rows[i];
            if (row.IsRejected)
                continue;
            var origin = bucket.Find(batch.Key(row));
            if (HasTypeConflict(bucket, origin, batch, i, out var newFields))
                continue;
            if (newFields > 0 && batch.Allowance is { } allowance && !TryTake(bucket, origin, batch, i, newFields, allowance))
                continue;
            Append(origin ?? catalog.AddOrigin(bucket, batch.Key(row)), batch, row);
        }
    }

    /// <summary>Gives back what was taken of allowances for points that were not committed: a full disk must not use them up.</summary>
    public void GiveBack()
    {
        foreach (var (from, device, series) in _taken)
            from.GiveBack(device ? 1 : 0, series);
        _taken.Clear();
    }

    public void Clear()
    {
        Array.Clear(_points, 0, _count);
        _taken.Clear();
        _count = 0;
    }

    // Each field that the origin does not have is a series: in the catalog for as long as its bucket, and in memory.
    private static bool HasTypeConflict(BucketCatalog bucket, Origin? origin, MeasurementBatch batch, int rowIndex, out int newFields)
    {
        newFields = 0;
        var row = batch.Rows[rowIndex];
        var cells = batch.Fields(row);
        var hasConflict = false;
        for (var i = 0; i < cells.Length; i++)
        {
            var name = batch.FieldName(cells[i]);
            var series = origin?.Find(name, i);
            newFields += series is null ? 1 : 0;
            var known = series?.Field ?? bucket.FindField(batch.Name(row), name);
            if (known is null || known.Type == cells[i].Type)
                continue;
            hasConflict = true;
            batch.Reject(
                rowIndex,
                MeasurementBatchWriter.Path("fields", name),
                ErrorCodes.FieldTypeConflict,
                $"The field is a {NameOf(known.Type)} since it was first written; this is a {NameOf(cells[i].Type)}.");
        }

        return hasConflict;
    }

    private bool TryTake(BucketCatalog bucket, Origin? origin, MeasurementBatch batch, int row, int newFields, ISeriesAllowance allowance)
    {
        var isNewDevice = origin is null && bucket.FindDevice(batch.Device(batch.Rows[row]).ToArray()) is null;
        if (allowance.TryTake(isNewDevice, newFields))
        {
            _taken.Add((allowance, isNewDevice, newFields));
            return true;
        }

        if (origin is not null)
            NewSeries.RejectFields(batch, row, newFields);
        else if (isNewDevice)
            NewSeries.RejectDevice(batch, row);
        else
            NewSeries.RejectTags(batch, row);
        return false;
    }

    private static string NameOf(FieldType type) => type switch
    {
        FieldType.Number => "number",
        FieldType.Boolean => "boolean",
        _ => "string",
    };

    private void Append(Origin origin, MeasurementBatch batch, in MeasurementRow row)
    {
        var cells = batch.Fields(row);
        if (_points.Length - _count < cells.Length)
            Array.Resize(ref _points, Math.Max(_points.Length * 2, _count + cells.Length));
        for (var i = 0; i < cells.Length; i++)
        {
            ref readonly var cell = ref cells[i];
            var name = batch.FieldName(cell);
            var series = origin.Find(name, i) ?? catalog.AddSeries(origin, name, cell.Type);
            var isText = cell.Type == FieldType.Text;
            _points[_count++] = new GroupPoint(
                series, row.Timestamp.Nanoseconds, isText ? 0 : cell.Bits, isText ? Encoding.UTF8.GetString(batch.Text(cell)) : null);
        }
    }
}
