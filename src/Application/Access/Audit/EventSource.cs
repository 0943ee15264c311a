namespace IotBackend.Application.Access.Audit;

/// <summary>Who can make security events happen. Each has a budget of its own, so that none can hide what another does.</summary>
internal enum EventSource
{
    /// <summary>Whoever reaches the program, without credentials.</summary>
    Anybody,

    /// <summary>The program, which blocks of itself.</summary>
    Rule,

    /// <summary>A recognised key.</summary>
    Actor,
}

internal static class EventSources
{
    public const int Count = 3;

    public static EventSource Of(SecurityEvent happened) => happened.Action switch
    {
        SecurityActions.AuthenticationFail or SecurityActions.CredentialsInUrl => EventSource.Anybody,
        _ => happened.ActorId is null ? EventSource.Rule : EventSource.Actor,
    };
}
