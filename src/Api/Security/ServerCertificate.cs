using System.Net.Security;
using System.Security.Cryptography;
using IotBackend.Api.Composition;

namespace IotBackend.Api.Security;

/// <summary>
/// The certificate that new connections get: the one of the files, as soon as they hold another that can be used. The server's own reload
/// leaves the addresses of <c>Urls</c> out, and ends the connections of others.
/// </summary>
internal sealed partial class ServerCertificate
{
    private readonly CertificateFiles? _files;
    private readonly TimeProvider _time;
    private readonly ILogger<ServerCertificate> _logger;
    private CertificateContent? _seen;
    private string? _trouble;
    private volatile SslStreamCertificateContext? _current;

    /// <exception cref="SettingException">The configured files hold no certificate that can be used.</exception>
    public ServerCertificate(IConfiguration configuration, IHostEnvironment environment, TimeProvider time, ILogger<ServerCertificate> logger)
    {
        _files = CertificateFiles.Configured(configuration, environment.ContentRootPath);
        (_time, _logger) = (time, logger);
        if (_files is null)
            return;
        try
        {
            _seen = _files.Read();
            First = _current = _files.Load(_seen);
        }
        catch (Exception exception) when (IsOfFiles(exception))
        {
            throw new SettingException(CertificateFiles.Section, $"the certificate can not be used: {exception.Message}");
        }

        WarnUnlessValid(First);
    }

    /// <summary>The certificate of the start; null when no file is configured.</summary>
    public SslStreamCertificateContext? First { get; }

    public SslStreamCertificateContext? Current => _current;

    /// <summary>Looks at the files. Called by one at a time.</summary>
    public void Renew()
    {
        if (_files is null)
            return;
        try
        {
            var content = _files.Read();
            if (_seen is not null && content.IsSame(_seen))
                return;
            _seen = content;
            var renewed = _files.Load(content);
            _current = renewed;
            _trouble = null;
            Log.Renewed(_logger, renewed.TargetCertificate.Subject, renewed.TargetCertificate.NotAfter.ToUniversalTime());
            WarnUnlessValid(renewed);
        }
#pragma warning disable CA1031 // Whatever a file holds, it must not end a program that serves well.
        catch (Exception exception)
        {
            Tell(exception.Message);
        }
#pragma warning restore CA1031
    }

    private static bool IsOfFiles(Exception exception) => exception is CryptographicException or IOException or UnauthorizedAccessException;

    // A file that stays away or broken is told once, not at every look.
    private void Tell(string trouble)
    {
        if (_trouble == trouble)
            return;
        _trouble = trouble;
        Log.Kept(_logger, _files!.Path, trouble);
    }

    private void WarnUnlessValid(SslStreamCertificateContext served)
    {
        var certificate = served.TargetCertificate;
        var now = _time.GetUtcNow();
        if (now < certificate.NotBefore.ToUniversalTime() || now > certificate.NotAfter.ToUniversalTime())
            Log.NotValidNow(_logger, certificate.Subject, certificate.NotBefore.ToUniversalTime(), certificate.NotAfter.ToUniversalTime());
    }

    private static partial class Log
    {
        [LoggerMessage(60, LogLevel.Information, "New connections get the new certificate {Subject}, which is valid until {NotAfter:u}")]
        public static partial void Renewed(ILogger logger, string subject, DateTime notAfter);

        [LoggerMessage(61, LogLevel.Warning, "The certificate in {File} has changed and can not be used, so the one before stays: {Reason}")]
        public static partial void Kept(ILogger logger, string file, string reason);

        [LoggerMessage(62, LogLevel.Warning, "The certificate {Subject} is valid from {NotBefore:u} to {NotAfter:u} only, and so clients will refuse it now")]
        public static partial void NotValidNow(ILogger logger, string subject, DateTime notBefore, DateTime notAfter);
    }
}
