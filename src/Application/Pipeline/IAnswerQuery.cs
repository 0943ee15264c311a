using IotBackend.Application.Caching;
using IotBackend.Domain.Access;

namespace IotBackend.Application.Pipeline;

/// <summary>
/// A query whose answer is sent as it is made, and may be reused. Its handler may be asked after the request has ended, for others who wait: it must not
/// hold what ends with the request. Read by <see cref="AnswerCachingBehavior{TRequest,TResponse}"/>.
/// </summary>
public interface IAnswerQuery
{
    /// <summary>What the answer depends on, for this caller.</summary>
    AnswerDeclaration Declare(Caller caller);
}
