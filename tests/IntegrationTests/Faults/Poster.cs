using System.Net;
using IotBackend.IntegrationTests.Hosting;

namespace IotBackend.IntegrationTests.Faults;

/// <summary>
/// A client that posts as fast as it is answered, one measurement or a batch at a time, and goes to a new device every so often, so that
/// series are created all the while. It never repeats a request: what was not acknowledged may or may not be there.
/// </summary>
/// <param name="http">The client.</param>
/// <param name="ledger">Where it writes down what it sends.</param>
/// <param name="name">Tells its devices from those of other posters.</param>
/// <param name="batchSize">Measurements a request; 1 posts to <c>/measurement</c>.</param>
internal sealed class Poster(HttpClient http, Ledger ledger, string name, int batchSize)
{
    private const int RequestsOfADevice = 10;

    private int _requests;

    /// <summary>Requests that were answered 202: safe, but not in the database yet.</summary>
    public int Queued { get; private set; }

    /// <summary>Posts until <paramref name="isOver"/> or until the server is gone; returns the last answer that was no acknowledgement, if any.</summary>
    public async Task<HttpResponseMessage?> PostUntilAsync(Func<bool> isOver)
    {
        while (!isOver())
        {
            HttpResponseMessage response;
            try
            {
                response = await PostAsync();
            }
            catch (HttpRequestException)
            {
                return null;
            }

            if (!IsAcknowledged(response))
                return response;
            response.Dispose();
        }

        return null;
    }

    /// <summary>One request, written down as acknowledged when the answer is 201 or 202.</summary>
    public async Task<HttpResponseMessage> PostAsync()
    {
        var request = _requests++;
        var device = $"{name}-{request / RequestsOfADevice}";
        var numbers = Enumerable.Range(request % RequestsOfADevice * batchSize, batchSize).ToList();
        var measurements = numbers.ConvertAll(number => ledger.Send(device, number));
        var response = batchSize == 1
            ? await http.PostJsonAsync(Posting.One, measurements[0])
            : await http.PostJsonAsync(Posting.Many, $"[{string.Join(',', measurements)}]");
        if (IsAcknowledged(response))
            numbers.ForEach(number => ledger.Acknowledge(device, number));
        if (response.StatusCode == HttpStatusCode.Accepted)
            Queued++;
        return response;
    }

    private static bool IsAcknowledged(HttpResponseMessage response) => response.StatusCode is HttpStatusCode.Created or HttpStatusCode.Accepted;
}
