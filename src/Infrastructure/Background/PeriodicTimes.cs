namespace IotBackend.Infrastructure.Background;

/// <summary>When periodic work is done beside every so often.</summary>
[Flags]
internal enum PeriodicTimes
{
    None = 0,

    /// <summary>Before the program answers its first request, which waits for it.</summary>
    BeforeStart = 1,

    /// <summary>As soon as the program runs, and not only after the first interval, which a program that is often restarted might not reach.</summary>
    AtOnce = 2,

    /// <summary>At the end, after the last request was answered.</summary>
    AtEnd = 4,
}
