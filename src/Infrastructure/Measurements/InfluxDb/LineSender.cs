using IotBackend.Domain.Buckets;

namespace IotBackend.Infrastructure.Measurements.InfluxDb;

/// <summary>
/// Sends lines of one bucket and finds out which of them InfluxDB refused, since most versions tell only that some were. Lines that were
/// stored may be sent again on the way: the same point twice is one point. Used by one at a time.
/// </summary>
internal sealed class LineSender(BucketName bucket, InfluxDbClient client, FieldTypes types)
{
    /// <summary>Sends a text as <see cref="LineProtocol"/> writes it.</summary>
    public async Task<SendOutcome> SendAsync(ReadOnlyMemory<byte> text, CancellationToken cancellationToken)
    {
        var answer = await WriteAsync(text, cancellationToken);
        if (answer.Kind is not (WriteAnswerKind.Refused or WriteAnswerKind.TooLarge))
            return new SendOutcome(answer.Kind, [], answer.Reason);
        var refusals = new SortedDictionary<int, LineRefusal>();
        var failure = await DiagnoseAsync(Line.Split(text), answer, refusals, cancellationToken);
        return failure is null
            ? new SendOutcome(WriteAnswerKind.Stored, [.. refusals.Values], string.Empty)
            : new SendOutcome(failure.Kind, [], failure.Reason);
    }

    // Null when every line is either stored or among the refusals.
    private async Task<WriteAnswer?> DiagnoseAsync(
        IReadOnlyList<Line> lines, WriteAnswer answer, SortedDictionary<int, LineRefusal> refusals, CancellationToken cancellationToken)
    {
        var left = Enumerable.Range(0, lines.Count).ToArray();
        if (answer.Kind == WriteAnswerKind.Refused)
        {
            foreach (var line in answer.RefusedLines.Where(line => line.Index < lines.Count))
                refusals[line.Index] = LineRefusal.Of(line.Index, line.Reason);
            await FindConflictsAsync(lines, refusals, cancellationToken);
            if (refusals.Count > 0)
            {
                left = [.. left.Where(index => !refusals.ContainsKey(index))];
                if (left.Length == 0)
                    return null;
                answer = await WriteAsync(lines, left, cancellationToken);
            }
        }

        return await NarrowAsync(lines, left, answer, refusals, cancellationToken);
    }

    // The usual reason: somebody else has given a field its type. InfluxDB knows it now.
    private async Task FindConflictsAsync(
        IReadOnlyList<Line> lines, SortedDictionary<int, LineRefusal> refusals, CancellationToken cancellationToken)
    {
        try
        {
            await types.LoadAsync(cancellationToken);
        }
        catch (InfluxDbException)
        {
            // Then it is found out line by line.
            return;
        }

        for (var i = 0; i < lines.Count; i++)
        {
            foreach (var (field, given) in lines[i].Fields)
            {
                if (types.Find(lines[i].Measurement, Keys.Decode(field)) is { } known && known != given)
                    refusals.TryAdd(i, LineRefusal.OfType(i, Keys.Decode(field), known, given));
            }
        }
    }

    private async Task<WriteAnswer?> NarrowAsync(
        IReadOnlyList<Line> lines, int[] indices, WriteAnswer answer, SortedDictionary<int, LineRefusal> refusals, CancellationToken cancellationToken)
    {
        switch (answer.Kind)
        {
            case WriteAnswerKind.Stored:
                return null;
            case WriteAnswerKind.NoBucket or WriteAnswerKind.Unavailable:
                return answer;
            case var _ when indices.Length == 1:
                refusals.Add(indices[0], LineRefusal.Of(indices[0], answer.Reason));
                return null;
        }

        foreach (var half in new[] { indices[..(indices.Length / 2)], indices[(indices.Length / 2)..] })
        {
            var answerOfHalf = await WriteAsync(lines, half, cancellationToken);
            if (await NarrowAsync(lines, half, answerOfHalf, refusals, cancellationToken) is { } failure)
                return failure;
        }

        return null;
    }

    private async Task<WriteAnswer> WriteAsync(IReadOnlyList<Line> lines, int[] indices, CancellationToken cancellationToken)
    {
        using var some = new LineBuffer(indices.Sum(index => lines[index].Bytes.Length));
        foreach (var index in indices)
            some.Append(lines[index].Bytes.Span);
        return await client.WriteAsync(bucket, some.Written, cancellationToken);
    }

    // The default bucket always exists, also in a database that has only now been reached for the first time.
    private async Task<WriteAnswer> WriteAsync(ReadOnlyMemory<byte> text, CancellationToken cancellationToken)
    {
        var answer = await client.WriteAsync(bucket, text, cancellationToken);
        if (answer.Kind != WriteAnswerKind.NoBucket || bucket != BucketName.Default)
            return answer;
        try
        {
            await (await client.AdministerAsync(cancellationToken)).CreateAsync(Bucket.Default, cancellationToken);
        }
        catch (InfluxDbException exception)
        {
            return new WriteAnswer(WriteAnswerKind.Unavailable, exception.Message);
        }

        return await client.WriteAsync(bucket, text, cancellationToken);
    }
}

/// <param name="Kind">Stored: every line is stored or among the refusals. Else nothing is known of any line.</param>
/// <param name="Refusals">In the order of their lines.</param>
/// <param name="Reason">Why it is not stored.</param>
internal sealed record SendOutcome(WriteAnswerKind Kind, IReadOnlyList<LineRefusal> Refusals, string Reason)
{
    public static SendOutcome NoBucket { get; } = new(WriteAnswerKind.NoBucket, [], "The bucket was deleted.");
}
