using System.Net;
using System.Net.Http.Headers;

namespace IotBackend.Simulator.Sending;

/// <summary>
/// Posts batches as a good device does: waits and repeats what passes by itself, with the same timestamps, halves what is too large,
/// and lets go of what the server refuses for good. Safe for concurrent use.
/// </summary>
internal sealed class MeasurementSender(HttpClient http, SendTarget target, RetryPolicy retries, TimeProvider clock)
{
    public SendReport Report { get; } = new();

    /// <summary>Sends until all is accepted, refused or given up; the outcome is in <see cref="Report"/>.</summary>
    public async Task SendAsync(ReadOnlyMemory<Sample> batch, CancellationToken cancellationToken)
    {
        var began = clock.GetTimestamp();
        for (var failures = 1; ; failures++)
        {
            using var response = await TryPostAsync(batch, cancellationToken);
            if (response is not null && !RetryPolicy.IsTransient(response.StatusCode))
            {
                await TakeAnswerAsync(response, batch, cancellationToken);
                return;
            }

            if (retries.NextDelay(failures, response?.Headers.RetryAfter, clock.GetElapsedTime(began)) is not { } delay)
            {
                Report.CountRejected(batch.Length, [new(ItemError.GaveUp, Describe(response, failures))]);
                return;
            }

            Report.CountRetry();
            await Task.Delay(delay, clock, cancellationToken);
        }
    }

    private async Task TakeAnswerAsync(HttpResponseMessage response, ReadOnlyMemory<Sample> batch, CancellationToken cancellationToken)
    {
        if (response.StatusCode == HttpStatusCode.RequestEntityTooLarge && batch.Length > 1)
        {
            await SendAsync(batch[..(batch.Length / 2)], cancellationToken);
            await SendAsync(batch[(batch.Length / 2)..], cancellationToken);
            return;
        }

        var answer = ServerAnswer.Read(response.StatusCode, await response.Content.ReadAsByteArrayAsync(cancellationToken), batch.Length);
        if (answer.Accepted > 0)
            Report.CountAccepted(answer.Accepted);
        if (answer.Rejected > 0)
            Report.CountRejected(answer.Rejected, answer.Errors);
    }

    /// <summary>Null when the network failed before the whole answer was there: whether it was stored is unknown, so it is sent again.</summary>
    private async Task<HttpResponseMessage?> TryPostAsync(ReadOnlyMemory<Sample> batch, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, target.Endpoint) { Content = Encode(batch.Span) };
        request.Headers.Add("X-API-Key", target.ApiKey);
        var began = clock.GetTimestamp();
        try
        {
            return await http.SendAsync(request, HttpCompletionOption.ResponseContentRead, cancellationToken);
        }
        catch (Exception e) when (e is HttpRequestException || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return null;
        }
        finally
        {
            Report.CountRequest(clock.GetElapsedTime(began));
        }
    }

    private ByteArrayContent Encode(ReadOnlySpan<Sample> batch)
    {
        var content = new ByteArrayContent(target.Single ? SampleEncoder.EncodeSingle(batch[0]) : SampleEncoder.EncodeBatch(batch));
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        return content;
    }

    private static string Describe(HttpResponseMessage? response, int attempts) =>
        $"{(response is null ? "no answer" : $"status {(int)response.StatusCode}")} at the last of {attempts} attempts.";
}
