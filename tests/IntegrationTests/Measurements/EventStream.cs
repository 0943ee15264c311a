using System.Net;
using System.Net.ServerSentEvents;
using System.Text.Json.Nodes;
using IotBackend.IntegrationTests.Hosting;
using Xunit;

namespace IotBackend.IntegrationTests.Measurements;

/// <summary>A stream of Server-Sent Events, read as a browser would: heartbeats are not told, and move the id to come back with.</summary>
internal sealed class EventStream : IAsyncDisposable
{
    private readonly HttpResponseMessage _response;
    private readonly SseParser<string> _parser;
    private readonly IAsyncEnumerator<SseItem<string>> _events;

    private EventStream(HttpResponseMessage response, Stream body)
    {
        _response = response;
        _parser = SseParser.Create(body);
        _events = _parser.EnumerateAsync(Cancel).GetAsyncEnumerator(Cancel);
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public HttpResponseMessage Response => _response;

    /// <summary>The id that was told last.</summary>
    public string LastEventId => _parser.LastEventId;

    public static async Task<EventStream> OpenAsync(HttpClient client, string query = "", string? lastEventId = null)
    {
        var response = await SendAsync(client, query, lastEventId);
        Assert.True(response.StatusCode == HttpStatusCode.OK, $"The stream was refused: {response.StatusCode}.");
        return new EventStream(response, await response.Content.ReadAsStreamAsync(Cancel));
    }

    public static async Task<HttpResponseMessage> SendAsync(HttpClient client, string query = "", string? lastEventId = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/measurements/stream" + query);
        request.Headers.Accept.ParseAdd("text/event-stream");
        if (lastEventId is not null)
            request.Headers.TryAddWithoutValidation("Last-Event-ID", lastEventId);
        return await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Cancel);
    }

    /// <summary>The next event; null when the stream has ended.</summary>
    public async Task<SseItem<string>?> NextAsync() =>
        await _events.MoveNextAsync().AsTask().WaitAsync(Eventually.Patience, TimeProvider.System, Cancel) ? _events.Current : null;

    /// <summary>The next event, which is a measurement.</summary>
    public async Task<JsonNode> NextMeasurementAsync()
    {
        var next = await NextAsync();
        Assert.Equal("measurement", next?.EventType);
        return JsonNode.Parse(next!.Value.Data)!;
    }

    /// <summary>Fails unless the server ends the stream with the reason.</summary>
    public async Task AssertEndsAsync(string reason)
    {
        var last = await NextAsync();
        Assert.Equal(("end", $$"""{"reason":"{{reason}}"}"""), (last?.EventType, last?.Data));
        Assert.Null(await NextAsync());
    }

    public ValueTask DisposeAsync()
    {
        _response.Dispose();
        return ValueTask.CompletedTask;
    }
}
