using Microsoft.Extensions.Options;

namespace IotBackend.Api.Security;

/// <summary>
/// Looks at the files of the certificate again and again. Reading a few kilobytes tells what notifications of the file system do not: links
/// that are turned to other files, as certbot and Kubernetes do, and file systems of other machines.
/// </summary>
internal sealed class CertificateRenewal(ServerCertificate certificate, IOptions<HttpsOptions> options, TimeProvider time) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (certificate.First is null)
            return;
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(options.Value.CertificateCheckSeconds), time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
                certificate.Renew();
        }
        catch (OperationCanceledException)
        {
            // The program ends.
        }
    }
}
