using IotBackend.Application.Measurements.Transfer;

namespace IotBackend.Api.Composition;

/// <summary>The offline command <c>import</c>: the measurements of a file into the configured store.</summary>
internal static class ImportCommand
{
    public const string Name = "import";

    public static async Task<int> RunAsync(
        IServiceProvider services, TransferArguments arguments, TransferProgress progress, ProgressPrinter printer, CancellationToken cancellationToken)
    {
        var target = AdapterSetup.DescribeStore(services.GetRequiredService<IConfiguration>());
        var order = new ImportOrder(arguments.Path, target, arguments.IsContinued, arguments.Patience);
        var result = await services.GetRequiredService<MeasurementImport>().RunAsync(order, progress, cancellationToken);
        if (result.Error is { } error)
        {
            await printer.EndAsync(TransferCommand.Describe(error, target));
            return TransferCommand.NotDone;
        }

        await printer.EndAsync([.. Describe(result.Value)]);
        return result.Value.Rejected > 0 ? TransferCommand.DoneWithRefusals : TransferCommand.Done;
    }

    private static IEnumerable<string> Describe(ImportSummary summary)
    {
        foreach (var note in summary.Notes)
            yield return note;
        foreach (var refusal in summary.Refusals)
            yield return $"Refused: {refusal}";
        foreach (var bucket in summary.Buckets)
        {
            var counted = bucket.WasEmpty ? $"counted again: {bucket.Countable:N0}" : "not counted again, because the bucket was not empty";
            yield return $"Bucket '{bucket.Name}': {bucket.Read.Measurements:N0} in the file, {bucket.Stored:N0} stored ({counted}), {bucket.Expired:N0} too old, {bucket.Rejected:N0} refused.";
        }

        yield return $"Imported {summary.Buckets.Sum(bucket => bucket.Stored):N0} measurements of {summary.Buckets.Count:N0} buckets; {summary.Rejected:N0} were refused.";
    }
}
