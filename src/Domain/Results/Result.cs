using System.Diagnostics.CodeAnalysis;

namespace IotBackend.Domain.Results;

/// <summary>What every <see cref="Result{T}"/> offers to code that does not know T: whether it failed, and how to make a failed one.</summary>
public interface IResult<TSelf>
    where TSelf : IResult<TSelf>
{
    Error? Error { get; }

    static abstract TSelf Failure(Error error);
}

/// <summary>A value or an <see cref="Results.Error"/>: expected outcomes are returned, bugs and outages of our own throw.</summary>
public sealed class Result<T> : IResult<Result<T>>
{
    private readonly T? _value;

    private Result(T? value, Error? error) => (_value, Error) = (value, error);

    public Error? Error { get; }

    [MemberNotNullWhen(false, nameof(Error))]
    public bool IsSuccess => Error is null;

    /// <exception cref="InvalidOperationException">The result is a failure.</exception>
    public T Value => Error is null ? _value! : throw new InvalidOperationException($"A failed result has no value: {Error.Code}.");

    public static Result<T> Success(T value) => new(value, null);

    public static Result<T> Failure(Error error) => new(default, error);

    public static implicit operator Result<T>(T value) => Success(value);

    public static implicit operator Result<T>(Error error) => Failure(error);

    public TOut Match<TOut>(Func<T, TOut> success, Func<Error, TOut> failure) => Error is null ? success(_value!) : failure(Error);
}
