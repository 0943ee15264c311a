using IotBackend.Application.Measurements.Transfer;

namespace IotBackend.Api.Composition;

/// <summary>The offline command <c>export</c>: the measurements of the configured store into a file.</summary>
internal static class ExportCommand
{
    public const string Name = "export";

    public static async Task<int> RunAsync(
        IServiceProvider services, TransferArguments arguments, TransferProgress progress, ProgressPrinter printer, CancellationToken cancellationToken)
    {
        var order = new ExportOrder(arguments.Path, arguments.Buckets, arguments.Range, arguments.IsContinued, arguments.Patience);
        var result = await services.GetRequiredService<MeasurementExport>().RunAsync(order, progress, cancellationToken);
        if (result.Error is { } error)
        {
            await printer.EndAsync(TransferCommand.Describe(error, AdapterSetup.DescribeStore(services.GetRequiredService<IConfiguration>())));
            return TransferCommand.NotDone;
        }

        var (buckets, total, bytes) = result.Value;
        await printer.EndAsync($"Exported {total.Measurements:N0} measurements ({total.Values:N0} values) of {buckets:N0} buckets; the file has {bytes:N0} bytes.");
        return TransferCommand.Done;
    }
}
