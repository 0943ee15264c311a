namespace IotBackend.Application.Access.Blocks;

/// <summary>How often blocks are stored and refreshed.</summary>
public sealed record BlockRefreshing(TimeSpan Interval);
