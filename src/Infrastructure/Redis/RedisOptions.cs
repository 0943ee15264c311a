using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;
using StackExchange.Redis;

namespace IotBackend.Infrastructure.Redis;

/// <summary>Section <c>Redis</c>.</summary>
public sealed partial class RedisOptions : IValidatableObject
{
    public const string Section = "Redis";

    private const int ConnectMilliseconds = 2_000;
    private const int OperationMilliseconds = 500;
    private const int RetryMilliseconds = 500;
    private const int HeartbeatMilliseconds = 500;

    /// <summary>
    /// Where Redis is, in the form of StackExchange.Redis, such as <c>localhost:6379,password=…</c>; empty: there is none. Never logged.
    /// </summary>
    public string Configuration { get; set; } = string.Empty;

    /// <summary>Begins the names of all keys and channels, so that several systems can share a server.</summary>
    public string KeyPrefix { get; set; } = "iot:";

    public bool IsConfigured => Configuration.Length > 0;

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        // Not what is wrong with it: the parser's own words may hold a part of the password.
        if (IsConfigured && Parse() is null)
            yield return new ValidationResult("It is not in the form of StackExchange.Redis, such as localhost:6379,password=<password>,ssl=true.", [nameof(Configuration)]);
        if (!Prefixes().IsMatch(KeyPrefix))
            yield return new ValidationResult("It has 1 to 64 letters, digits and the characters : . _ -", [nameof(KeyPrefix)]);
    }

    /// <summary>Where Redis is, for a person: without credentials.</summary>
    public string Describe() => string.Join(", ", Parse()?.EndPoints.Select(NameOf) ?? []);

    /// <summary>The configuration with what this program relies on; null when it can not be read.</summary>
    internal ConfigurationOptions? Parse()
    {
        try
        {
            var options = ConfigurationOptions.Parse(Configuration);
            if (options.EndPoints.Count == 0)
                return null;
            options.AbortOnConnectFail = false;
            options.ClientName ??= "IotBackend";
            options.ConnectTimeout = Math.Min(options.ConnectTimeout, ConnectMilliseconds);
            options.ConnectRetry = 1;
            options.SyncTimeout = OperationMilliseconds;
            options.AsyncTimeout = OperationMilliseconds;
            options.HeartbeatInterval = TimeSpan.FromMilliseconds(HeartbeatMilliseconds);
            options.ReconnectRetryPolicy = new LinearRetry(RetryMilliseconds);

            // Nothing is kept for a server that is away: whoever asks has another way.
            options.BacklogPolicy = BacklogPolicy.FailFast;
            options.IncludeDetailInExceptions = false;
            return options;
        }
        catch (Exception exception) when (exception is ArgumentException or FormatException or OverflowException)
        {
            return null;
        }
    }

    // Without a port that was not told, and is the usual one.
    private static string NameOf(EndPoint endPoint) => endPoint switch
    {
        DnsEndPoint { Port: 0 } dns => dns.Host,
        DnsEndPoint dns => string.Create(CultureInfo.InvariantCulture, $"{dns.Host}:{dns.Port}"),
        IPEndPoint { Port: 0 } address => address.Address.ToString(),
        _ => endPoint.ToString() ?? string.Empty,
    };

    [GeneratedRegex(@"^[A-Za-z0-9:._-]{1,64}\z")]
    private static partial Regex Prefixes();
}
