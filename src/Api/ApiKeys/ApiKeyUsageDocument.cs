using System.ComponentModel;

namespace IotBackend.Api.ApiKeys;

// These types describe the contract's JSON for the OpenAPI document; the bytes are written by Formats.

/// <summary>What a key used, the newest first. Hours and days of UTC without use are left out.</summary>
public sealed record ApiKeyUsageDocument(IReadOnlyList<UsagePeriodDocument> Hours, IReadOnlyList<UsagePeriodDocument> Days);

/// <summary>What a key used in an hour or a day.</summary>
public sealed record UsagePeriodDocument(
    DateTimeOffset From,
    [property: Description("Requests, whatever became of them.")] long Requests,
    [property: Description("Measurements that were accepted.")] long Measurements,
    [property: Description("Bodies of requests, as they were received.")] long Bytes,
    [property: Description("Requests that were answered with a status from 400 on.")] long Rejected);
