namespace IotBackend.Application.Caching;

/// <summary>A lasting answer in the level of the cache that nodes share. Nodes of neighbouring versions read each other's: members are only added.</summary>
/// <param name="Body">As it is sent.</param>
/// <param name="MediaType">As <c>Content-Type</c> has it.</param>
/// <param name="StartedAt">When its reading began.</param>
public sealed record SharedAnswer(byte[] Body, string MediaType, DateTimeOffset StartedAt);
