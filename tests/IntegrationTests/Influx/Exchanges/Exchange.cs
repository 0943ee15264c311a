using System.Net;

namespace IotBackend.IntegrationTests.Influx.Exchanges;

/// <summary>A request as it must come, and what is answered to it.</summary>
/// <param name="Method">Such as <c>POST</c>.</param>
/// <param name="Target">The path and the parameters, from the slash on.</param>
/// <param name="Request">Header and body that must come; a header of <see cref="ExchangeMatcher.Headers"/> that is not among them must not.</param>
/// <param name="Status">What is answered.</param>
/// <param name="Answer">Header and body of the answer.</param>
internal sealed record Exchange(string Method, string Target, ExchangeMessage Request, HttpStatusCode Status, ExchangeMessage Answer)
{
    public override string ToString() => $"{Method} {Target}";
}

/// <summary>The header and the body of a request or an answer.</summary>
internal sealed record ExchangeMessage(IReadOnlyDictionary<string, string> Headers, string Body);
