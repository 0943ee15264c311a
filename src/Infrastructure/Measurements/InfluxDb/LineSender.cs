using System.Globalization;
using System.Text.RegularExpressions;
using IotBackend.Domain.Buckets;
using IotBackend.Infrastructure.Measurements.Lines;

namespace IotBackend.Infrastructure.Measurements.InfluxDb;

/// <summary>
/// Sends lines of one bucket and finds out which of them InfluxDB refused, since most versions tell only that some were. Lines that were
/// stored may be sent again on the way: the same point twice is one point. Used by one at a time.
/// </summary>
internal sealed partial class LineSender(BucketName bucket, InfluxDbClient client, FieldTypes types)
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

    /// <summary>
    /// The same for lines whose types could not be checked when they came: what conflicts with what InfluxDB knows is refused before it is
    /// sent, since InfluxDB itself would take it into another shard.
    /// </summary>
    /// <exception cref="InvalidDataException">The text is not what <see cref="LineProtocol"/> writes.</exception>
    public async Task<SendOutcome> SendUncheckedAsync(ReadOnlyMemory<byte> text, CancellationToken cancellationToken)
    {
        try
        {
            await types.LoadNowAsync(cancellationToken);
        }
        catch (InfluxDbException exception) when (exception.Failure != InfluxDbFailure.BucketNotFound)
        {
            return new SendOutcome(WriteAnswerKind.Unavailable, [], exception.Message);
        }
        catch (InfluxDbException)
        {
            // Sending tells the same, and makes the default bucket.
        }

        var lines = Line.Split(text);
        var refusals = new SortedDictionary<int, LineRefusal>();
        AddConflicts(lines, refusals);
        if (refusals.Count == 0)
            return await SendAsync(text, cancellationToken);
        var good = Enumerable.Range(0, lines.Count).Where(index => !refusals.ContainsKey(index)).ToArray();
        var outcome = good.Length == 0 ? SendOutcome.Stored : await SendAsync(Join(lines, good), cancellationToken);
        foreach (var refusal in outcome.Refusals)
            refusals.Add(good[refusal.Index], refusal with { Index = good[refusal.Index] });
        return outcome with { Refusals = [.. refusals.Values] };
    }

    private static byte[] Join(IReadOnlyList<Line> lines, int[] indices)
    {
        using var some = new LineBuffer(indices.Sum(index => lines[index].Bytes.Length));
        foreach (var index in indices)
            some.Append(lines[index].Bytes.Span);
        return some.Written.ToArray();
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

        AddConflicts(lines, refusals);
    }

    // By what InfluxDB knows now: somebody may have made room for what was refused before.
    private void AddConflicts(IReadOnlyList<Line> lines, SortedDictionary<int, LineRefusal> refusals)
    {
        for (var i = 0; i < lines.Count; i++)
        {
            foreach (var (field, given) in lines[i].Fields)
            {
                if (types.FindOther(lines[i].Measurement, Keys.Decode(field), given) is { } known)
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
            case var kind when indices.Length == 1 || (kind == WriteAnswerKind.Refused && CountOfDropped(answer.Reason) == indices.Length):
                Array.ForEach(indices, index => refusals.Add(index, LineRefusal.Of(index, answer.Reason)));
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

    // 1.x and 2.x tell how many they dropped; when it is all, there is nothing to look for.
    private static int? CountOfDropped(string reason) =>
        Dropped().Match(reason) is { Success: true } dropped && int.TryParse(dropped.Groups[1].ValueSpan, CultureInfo.InvariantCulture, out var count) ? count : null;

    [GeneratedRegex(@"\bdropped=(\d+)")]
    private static partial Regex Dropped();

    private Task<WriteAnswer> WriteAsync(IReadOnlyList<Line> lines, int[] indices, CancellationToken cancellationToken) =>
        client.WriteAsync(bucket, Join(lines, indices), cancellationToken);

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
    public static SendOutcome Stored { get; } = new(WriteAnswerKind.Stored, [], string.Empty);

    public static SendOutcome NoBucket { get; } = new(WriteAnswerKind.NoBucket, [], "The bucket was deleted.");
}
