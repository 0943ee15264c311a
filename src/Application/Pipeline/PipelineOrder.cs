namespace IotBackend.Application.Pipeline;

/// <summary>
/// The way of every request through the pipeline, outermost first. A behaviour applies to the requests that carry its declaration,
/// the type constraint of its TRequest; a test asserts for each request type exactly which ones it gets.
/// </summary>
public static class PipelineOrder
{
    public static IReadOnlyList<Type> Behaviors { get; } =
    [
        // Sees everything, refusals too: what is not measured can not be watched.
        typeof(TracingBehavior<,>),

        // Before anything that costs: what is refused later has cost something too. The key is known since the edge.
        typeof(RateLimitBehavior<,>),

        // Before validation, so that nobody learns about a request's content from an endpoint that is closed to him.
        typeof(AuthorizationBehavior<,>),

        // Before the cache, so that its keys are made of sane values only.
        typeof(ValidationBehavior<,>),

        // After validation, so that the log holds acts and not typing errors; before the handler, so that no act goes without an entry.
        typeof(AuditBehavior<,>),

        // Next to the handler: a hit has passed all of the above.
        typeof(CachingBehavior<,>),
        typeof(AnswerCachingBehavior<,>),
    ];
}
