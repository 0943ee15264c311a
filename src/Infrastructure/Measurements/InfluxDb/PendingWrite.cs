using IotBackend.Application.Measurements;
using IotBackend.Domain.Measurements;
using IotBackend.Domain.Results;
using IotBackend.Infrastructure.Measurements.Lines;

namespace IotBackend.Infrastructure.Measurements.InfluxDb;

/// <summary>One request's measurements as lines, waiting for their group. The batch is the request's until <see cref="Answer"/>.</summary>
internal sealed class PendingWrite : IDisposable
{
    private readonly TaskCompletionSource<Result<WriteOutcome>> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly LineBuffer _lines = new();
    private readonly MeasurementBatch _batch;
    private readonly IReadOnlyList<NewField> _newFields;
    private readonly bool _tookAllowance;

    /// <param name="batch">The batch; its rows that are not rejected become lines, in their order.</param>
    /// <param name="newFields">Fields that got their types by it.</param>
    /// <param name="tookAllowance">Whether they were taken of the batch's allowance.</param>
    public PendingWrite(MeasurementBatch batch, IReadOnlyList<NewField> newFields, bool tookAllowance = false)
    {
        (_batch, _newFields, _tookAllowance) = (batch, newFields, tookAllowance);
        foreach (ref readonly var row in batch.Rows)
        {
            if (!row.IsRejected)
                LineProtocol.Write(batch, row, _lines);
        }

        LineCount = batch.AcceptedCount;
    }

    public ReadOnlyMemory<byte> Lines => _lines.Written;

    public int LineCount { get; }

    public Task<Result<WriteOutcome>> Completion => _completion.Task;

    /// <summary>Fields that nobody may rely on when nothing of this was stored.</summary>
    public IReadOnlyList<NewField> NewFields => _newFields;

    /// <summary>Gives back what the new fields took of the allowance, when nothing of this was stored.</summary>
    public void GiveBack()
    {
        if (_tookAllowance && _newFields.Count > 0)
            _batch.Allowance?.GiveBack(0, _newFields.Count);
    }

    /// <summary>Rejects what the database refused, by the position of the line in this write.</summary>
    public void Reject(IEnumerable<LineRefusal> refusals)
    {
        var rows = RowsOfLines();
        foreach (var refusal in refusals)
            _batch.Reject(rows[refusal.Index], refusal.Field, refusal.Code, refusal.Message);
    }

    public void Answer(Result<WriteOutcome> answer) => _completion.TrySetResult(answer);

    public void Dispose() => _lines.Dispose();

    private List<int> RowsOfLines()
    {
        var rows = new List<int>(LineCount);
        for (var i = 0; i < _batch.Rows.Length; i++)
        {
            if (!_batch.Rows[i].IsRejected)
                rows.Add(i);
        }

        return rows;
    }
}

/// <summary>A field that was not known before.</summary>
internal readonly record struct NewField(byte[] Measurement, byte[] Field);
