using System.Globalization;
using System.Runtime.CompilerServices;
using IotBackend.Application.Access.RateLimits;
using IotBackend.Application.Access.SeriesLimits;
using IotBackend.Domain.Access;
using Microsoft.Extensions.Primitives;

namespace IotBackend.Api.Security;

/// <summary>
/// Tells the client how its key stands, in the headers of the IETF's draft and in those of old; one a request. Written when the pipeline has
/// decided, which is before any answer begins; for what never gets that far, when the refusal is written.
/// </summary>
internal sealed class RateLimitHeaders : IRateLimitObserver, ISeriesLimitObserver
{
    private const int MillisecondsPerSecond = 1000;

    private static readonly ConditionalWeakTable<Tier, TierTexts> Texts = [];

    private HttpResponse? _response;
    private RateLimitDecision? _decision;

    /// <summary>What is known of the key at the edge, null when its tier has no limits; a decision of the pipeline replaces it.</summary>
    public void Attach(HttpResponse response, RateLimitDecision? look) => (_response, _decision) = (response, look);

    public void Observe(RateLimitDecision decision)
    {
        _decision = decision;
        Write();
    }

    public void Observe(SeriesUse use)
    {
        if (_response is { HasStarted: false } response)
            response.Headers[SeriesLimitHeader.Name] = SeriesLimitHeader.ValueOf(use);
    }

    /// <summary>Writes the headers; nothing when no key was recognised, its tier has no limits, or the answer has begun.</summary>
    public void Write()
    {
        if (_response is not { HasStarted: false } response || _decision is not { } decision)
            return;
        var texts = Texts.GetValue(decision.Tier, static tier => new TierTexts(tier));
        var isMeasurements = decision.IsMeasurementsTighter;
        var tighter = isMeasurements ? decision.Measurements : decision.Requests;
        var headers = response.Headers;
        headers["RateLimit-Policy"] = texts.Policy;
        headers["RateLimit"] = LimitsOf(decision, texts);
        headers["X-RateLimit-Limit"] = isMeasurements ? texts.Measurements : texts.Requests;
        headers["X-RateLimit-Remaining"] = tighter.Remaining.ToString(CultureInfo.InvariantCulture);
        headers["X-RateLimit-Reset"] = (Seconds(decision.At) + Seconds(tighter.Reset)).ToString(CultureInfo.InvariantCulture);
        headers["X-RateLimit-Tier"] = texts.Name;
    }

    private static string LimitsOf(RateLimitDecision decision, TierTexts texts)
    {
        var (requests, measurements) = (decision.Requests, decision.Measurements);
        return decision.Tier switch
        {
            { Measurements: null } => string.Create(CultureInfo.InvariantCulture, $"{texts.RequestsName};r={requests.Remaining};t={Seconds(requests.Reset)}"),
            { Requests: null } => string.Create(CultureInfo.InvariantCulture, $"{texts.MeasurementsName};r={measurements.Remaining};t={Seconds(measurements.Reset)}"),
            _ => string.Create(
                CultureInfo.InvariantCulture,
                $"{texts.RequestsName};r={requests.Remaining};t={Seconds(requests.Reset)}, {texts.MeasurementsName};r={measurements.Remaining};t={Seconds(measurements.Reset)}"),
        };
    }

    // Rounded up, so that whoever waits so long has waited long enough.
    private static long Seconds(long milliseconds) => (milliseconds + MillisecondsPerSecond - 1) / MillisecondsPerSecond;

    /// <summary>What stays the same as long as the tier does.</summary>
    private sealed class TierTexts
    {
        public TierTexts(Tier tier)
        {
            Name = tier.Name;
            RequestsName = $"\"{RateLimitDecision.PolicyName(tier, isMeasurements: false)}\"";
            MeasurementsName = $"\"{RateLimitDecision.PolicyName(tier, isMeasurements: true)}\"";
            var requests = tier.Requests?.ToString(CultureInfo.InvariantCulture);
            var measurements = tier.Measurements?.ToString(CultureInfo.InvariantCulture);
            (Requests, Measurements) = (requests, measurements);
            var window = tier.WindowSeconds.ToString(CultureInfo.InvariantCulture);
            string[] policies =
            [
                .. requests is null ? (string[])[] : [$"{RequestsName};q={requests};w={window}"],
                .. measurements is null ? (string[])[] : [$"{MeasurementsName};q={measurements};w={window};qu=\"measurements\""],
            ];
            Policy = string.Join(", ", policies);
        }

        public StringValues Name { get; }

        public string RequestsName { get; }

        public string MeasurementsName { get; }

        public StringValues Requests { get; }

        public StringValues Measurements { get; }

        public StringValues Policy { get; }
    }
}
