namespace IotBackend.Infrastructure.RateLimiting;

/// <summary>
/// The arithmetic of one sliding window, in integers. Windows are aligned to the epoch. What is used of a window's quota is the count of the
/// current window, and of the previous one the part by which the sliding window still reaches into it. Quota that past windows left over is
/// saved up to the burst, and is taken when the quota does not suffice. Everything follows from the time, the limit and the four numbers
/// (index of the window, previous, current, saved), so that several nodes can share them.
/// </summary>
internal static class SlidingWindow
{
    public static WindowCount New(WindowLimit limit) => new() { Saved = (int)limit.Burst };

    /// <summary>Moves the numbers on to a later window.</summary>
    /// <param name="count">The numbers.</param>
    /// <param name="windows">How many windows later; from 1.</param>
    /// <param name="limit">The limit that held meanwhile.</param>
    public static void Advance(ref WindowCount count, long windows, WindowLimit limit)
    {
        // A million windows fill every burst; the product stays small.
        var unused = (limit.Quota - count.Current) + (Math.Min(windows - 1, Domain.Access.Tier.MaxPerWindow) * limit.Quota);
        count.Saved = (int)Math.Min(limit.Burst, count.Saved + unused);
        count.Previous = windows == 1 ? count.Current : 0;
        count.Current = 0;
    }

    /// <summary>Bends the numbers to a limit that may have become smaller.</summary>
    public static void Clamp(ref WindowCount count, WindowLimit limit)
    {
        count.Previous = (int)Math.Min(count.Previous, limit.Quota);
        count.Current = (int)Math.Min(count.Current, limit.Quota);
        count.Saved = (int)Math.Min(count.Saved, limit.Burst);
    }

    /// <summary>What is used of the quota now.</summary>
    public static long Used(WindowCount count, WindowTime time) => (count.Previous * (time.Length - time.Elapsed) / time.Length) + count.Current;

    /// <summary>What can be taken now: the rest of the quota and what is saved.</summary>
    public static long Remaining(WindowCount count, WindowTime time, WindowLimit limit) => Math.Max(0, limit.Quota - Used(count, time)) + count.Saved;

    /// <summary>Takes a cost that <see cref="Remaining"/> covers. What comes from the saved does not count in the window.</summary>
    public static void Take(ref WindowCount count, WindowTime time, WindowLimit limit, long cost)
    {
        var fromQuota = Math.Min(cost, Math.Max(0, limit.Quota - Used(count, time)));
        count.Current += (int)fromQuota;
        count.Saved -= (int)(cost - fromQuota);
    }

    /// <summary>Milliseconds until the cost can be taken if nobody takes anything meanwhile, to the very millisecond; 0: now.</summary>
    /// <param name="count">The numbers, clamped to the limit.</param>
    /// <param name="time">Now.</param>
    /// <param name="limit">The limit.</param>
    /// <param name="cost">At most the quota and the burst together.</param>
    public static long Wait(WindowCount count, WindowTime time, WindowLimit limit, long cost)
    {
        if (Remaining(count, time, limit) >= cost)
            return 0;

        // In this window the previous one's share goes down.
        var toNext = time.Length - time.Elapsed;
        var spare = limit.Quota + count.Saved - count.Current - cost;
        if (spare >= 0)
            return Math.Min(time.Length, Until(count.Previous, spare, time.Length)) - time.Elapsed;

        // In the next one this window's share does, and what it left over is saved.
        var saved = Math.Min(limit.Burst, count.Saved + limit.Quota - count.Current);
        spare = limit.Quota + saved - cost;
        if (spare >= 0)
            return toNext + Until(count.Current, spare, time.Length);

        // From then on every window saves a whole quota.
        return toNext + ((((cost - limit.Quota - saved) + limit.Quota - 1) / limit.Quota) * time.Length);
    }

    /// <summary>Milliseconds until nothing is used of the quota any more if nobody takes anything meanwhile.</summary>
    public static long UntilUnused(WindowCount count, WindowTime time) => count.Current > 0
        ? time.Length - time.Elapsed + Until(count.Current, 0, time.Length)
        : Math.Max(0, Until(count.Previous, 0, time.Length) - time.Elapsed);

    // When in a window so much of the window before it weighs no more than the spare: floor(previous * (length - elapsed) / length) <= spare.
    private static long Until(long previous, long spare, long length) =>
        spare >= previous ? 0 : length - ((((spare + 1) * length) - 1) / previous);
}

/// <summary>What one limit of a key has counted.</summary>
internal struct WindowCount
{
    public int Previous;
    public int Current;
    public int Saved;
}

/// <param name="Quota">What a window allows; from 1.</param>
/// <param name="Burst">The most that can be saved.</param>
internal readonly record struct WindowLimit(long Quota, long Burst);

/// <param name="Index">Number of the window since the epoch.</param>
/// <param name="Elapsed">Milliseconds since the window began.</param>
/// <param name="Length">Milliseconds of the window.</param>
internal readonly record struct WindowTime(long Index, long Elapsed, long Length)
{
    public static WindowTime At(long unixMilliseconds, int windowSeconds)
    {
        var length = windowSeconds * 1000L;
        var index = unixMilliseconds / length;
        return new WindowTime(index, unixMilliseconds - (index * length), length);
    }
}
