using System.Net.Http.Headers;
using System.Text;
using IotBackend.IntegrationTests.Influx.Strict;
using Xunit;

namespace IotBackend.IntegrationTests.Influx.Exchanges;

/// <summary>Plays exchanges at the place of the network, one after the other; whatever else is asked is a deviation.</summary>
internal sealed class RecordedInflux(IReadOnlyList<Exchange> exchanges) : HttpMessageHandler
{
    private readonly List<string> _deviations = [];
    private int _played;

    /// <summary>Fails unless all has been asked, and nothing else.</summary>
    public void AssertPlayed()
    {
        Assert.Empty(_deviations);
        Assert.Empty(exchanges.Skip(_played).Select(exchange => $"never asked: {exchange}"));
    }

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (_played == exchanges.Count)
            throw Deviate($"after all that was recorded: {request.Method} {request.RequestUri}");
        var exchange = exchanges[_played++];
        if (await ExchangeMatcher.FindDeviationAsync(exchange, request) is { } deviation)
            throw Deviate($"{exchange}, but {deviation}");
        return Answer(exchange);
    }

    private static HttpResponseMessage Answer(Exchange exchange)
    {
        var response = new HttpResponseMessage(exchange.Status) { Content = new ByteArrayContent(Encoding.UTF8.GetBytes(exchange.Answer.Body)) };
        foreach (var (name, value) in exchange.Answer.Headers)
        {
            if (name == "Content-Type")
                response.Content.Headers.ContentType = MediaTypeHeaderValue.Parse(value);
            else
                response.Headers.Add(name, value);
        }

        return response;
    }

    private DeviationException Deviate(string what)
    {
        _deviations.Add(what);
        return new DeviationException(what);
    }
}
