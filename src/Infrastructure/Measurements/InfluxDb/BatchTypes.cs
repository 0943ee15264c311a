using IotBackend.Domain.Measurements;
using IotBackend.Domain.Results;

namespace IotBackend.Infrastructure.Measurements.InfluxDb;

/// <summary>Holds a batch to the types of its fields, and rejects what InfluxDB could not store.</summary>
internal static class BatchTypes
{
    /// <summary>True when every field is known with the type that it has here; nobody need be asked then.</summary>
    public static bool IsKnown(MeasurementBatch batch, FieldTypes types)
    {
        foreach (ref readonly var row in batch.Rows)
        {
            if (row.IsRejected)
                continue;
            foreach (ref readonly var cell in batch.Fields(row))
            {
                if (types.Find(batch.Name(row), batch.FieldName(cell)) != cell.Type)
                    return false;
            }
        }

        return true;
    }

    public static void RejectTimes(MeasurementBatch batch)
    {
        for (var i = 0; i < batch.Rows.Length; i++)
        {
            ref readonly var row = ref batch.Rows[i];
            if (!row.IsRejected && (row.Timestamp < Ends.Earliest || row.Timestamp > Ends.Latest))
                batch.Reject(i, "timestamp", ErrorCodes.TimestampOutOfRange, $"The database holds times from {Ends.Earliest} to {Ends.Latest}.");
        }
    }

    /// <summary>
    /// Gives new fields their types, rejects what conflicts with them, and returns them. Row by row, so that the first in the request gives
    /// the type, and a row that is rejected gives none.
    /// </summary>
    public static IReadOnlyList<NewField> AddNewFields(MeasurementBatch batch, FieldTypes types)
    {
        var added = new List<NewField>();
        for (var i = 0; i < batch.Rows.Length; i++)
        {
            var row = batch.Rows[i];
            if (row.IsRejected)
                continue;
            foreach (ref readonly var cell in batch.Fields(row))
            {
                if (types.Find(batch.Name(row), batch.FieldName(cell)) is { } known && known != cell.Type)
                    Reject(batch, i, cell, known);
            }

            if (batch.Rows[i].IsRejected)
                continue;
            foreach (ref readonly var cell in batch.Fields(row))
            {
                if (types.TryAdd(batch.Name(row), batch.FieldName(cell), cell.Type))
                    added.Add(new NewField(batch.Name(row).ToArray(), batch.FieldName(cell).ToArray()));
                else if (types.Find(batch.Name(row), batch.FieldName(cell)) is { } other && other != cell.Type)
                    Reject(batch, i, cell, other); // Another request was quicker.
            }
        }

        return added;
    }

    private static void Reject(MeasurementBatch batch, int row, in FieldCell cell, FieldType known) => batch.Reject(
        row,
        MeasurementBatchWriter.Path("fields", batch.FieldName(cell)),
        ErrorCodes.FieldTypeConflict,
        LineRefusal.DescribeConflict(known, cell.Type));
}
