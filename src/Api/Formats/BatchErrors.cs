using IotBackend.Domain.Results;

namespace IotBackend.Api.Formats;

/// <summary>What the formats of batches refuse a body with as a whole.</summary>
internal static class BatchErrors
{
    public static Error TooMany(int maxItems) =>
        new(ErrorKind.TooLarge, ErrorCodes.BatchTooLarge, $"A batch holds at most {maxItems} measurements; nothing was stored.")
        {
            Details = new Dictionary<string, object> { ["limit"] = maxItems },
        };
}
