using System.ComponentModel.DataAnnotations;

namespace IotBackend.Api.Composition;

/// <summary>Section <c>Cors</c>: which web pages may call from a browser.</summary>
public sealed class CorsSettings : IValidatableObject
{
    public const string Section = "Cors";

    /// <summary>Origins such as <c>https://example.org</c>, or <c>*</c> for all; empty: closed. A list, or one text with commas.</summary>
    public IReadOnlyList<string> Origins { get; set; } = [];

    public bool AllowsAll => Origins is ["*"];

    public static CorsSettings Read(IConfiguration configuration)
    {
        const string key = $"{Section}:{nameof(Origins)}";
        var listed = configuration.GetSection(key).GetChildren().Select(child => child.Value ?? string.Empty);
        var inline = (configuration[key] ?? string.Empty).Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return new CorsSettings { Origins = [.. inline, .. listed.Where(origin => origin.Length > 0)] };
    }

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext) => Origins
        .Where(origin => !AllowsAll && !IsOrigin(origin))
        .Select(origin => new ValidationResult($"'{origin}' is not an origin such as https://example.org.", [nameof(Origins)]));

    private static bool IsOrigin(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https"
        && uri.GetLeftPart(UriPartial.Authority).Equals(text, StringComparison.OrdinalIgnoreCase);
}
