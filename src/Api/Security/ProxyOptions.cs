using System.ComponentModel.DataAnnotations;
using System.Net;

namespace IotBackend.Api.Security;

/// <summary>Section <c>Proxies</c>: who may say for whom it speaks.</summary>
public sealed class ProxyOptions : IValidatableObject
{
    public const string Section = "Proxies";

    /// <summary>Addresses and networks (CIDR) whose <c>X-Forwarded-For</c> and <c>-Proto</c> are believed; empty: nobody's. A list, or one text with commas.</summary>
    public IReadOnlyList<string> Trusted { get; set; } = [];

    public static ProxyOptions Read(IConfiguration configuration)
    {
        const string key = $"{Section}:{nameof(Trusted)}";
        var listed = configuration.GetSection(key).GetChildren().Select(child => child.Value ?? string.Empty);
        var inline = (configuration[key] ?? string.Empty).Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return new ProxyOptions { Trusted = [.. inline, .. listed.Where(text => text.Length > 0)] };
    }

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext) => Trusted
        .Where(text => Parse(text) is null)
        .Select(text => new ValidationResult($"'{text}' is neither an address nor a network such as 10.0.0.0/8, without bits beyond its prefix.", [nameof(Trusted)]));

    internal IEnumerable<IPNetwork> Networks => Trusted.Select(Parse).OfType<IPNetwork>();

    private static IPNetwork? Parse(string text) =>
        IPNetwork.TryParse(text, out var network) ? (IsExact(text, network) ? network : null)
        : IPAddress.TryParse(text, out var address) ? new IPNetwork(Plain(address), Plain(address).GetAddressBytes().Length * 8)
        : null;

    // 10.0.0.1/8 may be a slip of either half.
    private static bool IsExact(string text, IPNetwork network) => IPAddress.TryParse(text.Split('/')[0], out var address) && address.Equals(network.BaseAddress);

    private static IPAddress Plain(IPAddress address) => address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
}
