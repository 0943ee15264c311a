namespace IotBackend.Api.Security;

/// <summary>How much of something may happen in a sliding window.</summary>
public sealed class LimitInWindow
{
    public const string Ranges = "The value has a Limit from 0, which is none, to 100000, and WindowSeconds from 1 to 86400.";

    /// <summary>0: there is no limit.</summary>
    public int Limit { get; set; }

    public int WindowSeconds { get; set; }

    public bool IsValid => Limit is >= 0 and <= 100_000 && WindowSeconds is >= 1 and <= 86_400;
}
