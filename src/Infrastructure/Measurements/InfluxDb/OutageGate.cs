using Microsoft.Extensions.Options;

namespace IotBackend.Infrastructure.Measurements.InfluxDb;

/// <summary>
/// The breaker of writes: shut by the first write that fails, opened by the first that works. While it is shut only the spool's drain asks
/// InfluxDB, so that no request waits to find out. A library's breaker counts failures by ratio over a time and lets any request try again;
/// here one failure is enough, because the spool has the measurements, and requests must not be the ones that try. Without a spool nobody else
/// would, and it never shuts.
/// </summary>
internal sealed class OutageGate(IOptions<InfluxDbOptions> options, bool hasSpool = true)
{
    private volatile bool _isShut;

    public bool IsShut => hasSpool && _isShut;

    /// <summary>How long a request may wait for InfluxDB.</summary>
    public TimeSpan Patience { get; } = TimeSpan.FromSeconds(options.Value.TimeoutSeconds);

    public void Report(bool works) => _isShut = !works;
}
