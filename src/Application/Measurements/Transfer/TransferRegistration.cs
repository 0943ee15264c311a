using Microsoft.Extensions.DependencyInjection;

namespace IotBackend.Application.Measurements.Transfer;

/// <summary>Registers what moves measurements between stores; the server itself has no use for it.</summary>
public static class TransferRegistration
{
    public static IServiceCollection AddMeasurementTransfer(this IServiceCollection services) =>
        services.AddSingleton<MeasurementExport>().AddSingleton<MeasurementImport>();
}
