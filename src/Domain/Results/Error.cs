namespace IotBackend.Domain.Results;

/// <summary>What kind of failure an <see cref="Error"/> is; the edge maps each kind to one status.</summary>
public enum ErrorKind
{
    Invalid,
    Unauthenticated,
    Forbidden,
    NotFound,
    Conflict,
    PreconditionFailed,
    TooLarge,
    UnsupportedMediaType,
    MethodNotAllowed,
    NotAcceptable,
    SlowRequest,
    Unprocessable,
    RateLimited,
    HeadersTooLarge,
    Internal,
    Unavailable,
    Timeout,
}

/// <summary>An expected failure: a kind, a stable snake_case code (listed in docs/errors.md) and a sentence for a person.</summary>
public sealed record Error(ErrorKind Kind, string Code, string Message)
{
    /// <summary>Faults of the request's body or parameters, all at once; empty when there are none to name.</summary>
    public IReadOnlyList<Fault> Faults { get; init; } = [];

    /// <summary>Further members of the answer's <c>details</c>, by camelCase name; values are numbers, strings or booleans.</summary>
    public IReadOnlyDictionary<string, object> Details { get; init; } = EmptyDetails;

    /// <summary>How long a caller should wait before it tries again; null when trying again will not help.</summary>
    public TimeSpan? RetryAfter { get; init; }

    private static readonly Dictionary<string, object> EmptyDetails = [];

    public static Error Invalid(IReadOnlyList<Fault> faults) =>
        new(ErrorKind.Invalid, CodeOf(faults), Describe(faults)) { Faults = faults };

    // Faults of parameters alone are a code of their own, whoever found them.
    private static string CodeOf(IReadOnlyList<Fault> faults) =>
        faults.Count > 0 && faults.All(fault => fault.Code == ErrorCodes.InvalidParameter) ? ErrorCodes.InvalidParameter : ErrorCodes.InvalidRequest;

    private static string Describe(IReadOnlyList<Fault> faults) => faults switch
    {
        [] => "The request is not valid.",
        [var only] => only.Message,
        _ => $"The request has {faults.Count} faults; the first: {faults[0].Message}",
    };
}

/// <summary>One fault of a request: where (a path such as <c>fields.temperature</c>, or a parameter's name), its code and what is wrong.</summary>
/// <param name="Field">Path of the member or name of the parameter; empty when the fault is of the whole.</param>
/// <param name="Code">Stable snake_case code, listed in docs/errors.md.</param>
/// <param name="Message">A sentence for a person.</param>
/// <param name="Index">Position of the item in a batch, from 0; null outside batches.</param>
/// <param name="Line">Line of the body at which the item begins, from 1, in the formats of lines; null in all others.</param>
public sealed record Fault(string Field, string Code, string Message, int? Index = null, int? Line = null);
