namespace IotBackend.Application.Caching;

/// <summary>How an answer is written, as the edge knows it. Used after the request has ended too, when an answer is made anew for others.</summary>
/// <typeparam name="TQuery">The query, of which a cursor may be made.</typeparam>
/// <typeparam name="TPage">What the store answered.</typeparam>
public interface IAnswerFormat<in TQuery, in TPage>
{
    /// <summary>As <c>Content-Type</c> has it; a part of what tells one answer in the cache from another.</summary>
    string MediaType { get; }

    /// <summary>The bytes, which become the caller's.</summary>
    byte[] Render(TQuery query, TPage page);
}
