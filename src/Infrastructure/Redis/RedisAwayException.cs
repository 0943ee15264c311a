namespace IotBackend.Infrastructure.Redis;

/// <summary>Redis did not answer in time, refused, or is known to be away. Whoever asks it goes on without.</summary>
internal sealed class RedisAwayException(Exception? cause = null) : Exception("Redis does not answer.", cause);
