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
    /// <param name="batch">The batch.</param>
    /// <param name="types">What is known.</param>
    /// <param name="areNew">Whether fields that are not known are sure to be new, and so count as new series; an allowance must not be used up by a guess.</param>
    public static IReadOnlyList<NewField> AddNewFields(MeasurementBatch batch, FieldTypes types, bool areNew)
    {
        var allowance = areNew ? batch.Allowance : null;
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
            var taken = allowance is null ? 0 : CountUnknown(batch, row, types);
            if (taken > 0 && !allowance!.TryTake(isNewDevice: false, taken))
            {
                NewSeries.RejectFields(batch, i, taken);
                continue;
            }

            var before = added.Count;
            foreach (ref readonly var cell in batch.Fields(row))
            {
                if (types.TryAdd(batch.Name(row), batch.FieldName(cell), cell.Type))
                    added.Add(new NewField(batch.Name(row).ToArray(), batch.FieldName(cell).ToArray()));
                else if (types.Find(batch.Name(row), batch.FieldName(cell)) is { } other && other != cell.Type)
                    Reject(batch, i, cell, other); // Another request was quicker.
            }

            if (taken > added.Count - before)
                allowance!.GiveBack(0, taken - (added.Count - before));
        }

        return added;
    }

    private static int CountUnknown(MeasurementBatch batch, in MeasurementRow row, FieldTypes types)
    {
        var count = 0;
        foreach (ref readonly var cell in batch.Fields(row))
            count += types.Find(batch.Name(row), batch.FieldName(cell)) is null ? 1 : 0;
        return count;
    }

    private static void Reject(MeasurementBatch batch, int row, in FieldCell cell, FieldType known) => batch.Reject(
        row,
        MeasurementBatchWriter.Path("fields", batch.FieldName(cell)),
        ErrorCodes.FieldTypeConflict,
        LineRefusal.DescribeConflict(known, cell.Type));
}
