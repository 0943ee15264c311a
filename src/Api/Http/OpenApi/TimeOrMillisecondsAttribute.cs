namespace IotBackend.Api.Http.OpenApi;

/// <summary>A time that is taken as RFC 3339 or as an integer of Unix milliseconds, for the OpenAPI document.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class TimeOrMillisecondsAttribute : Attribute;
