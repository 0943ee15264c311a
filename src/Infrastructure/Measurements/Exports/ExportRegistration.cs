using IotBackend.Application.Measurements.Transfer;
using Microsoft.Extensions.DependencyInjection;

namespace IotBackend.Infrastructure.Measurements.Exports;

/// <summary>Registers files of exported measurements.</summary>
public static class ExportRegistration
{
    public static IServiceCollection AddExportFiles(this IServiceCollection services) => services.AddSingleton<IExportFiles, ExportFiles>();
}
