using StackExchange.Redis;

namespace IotBackend.Infrastructure.Redis;

/// <summary>Tells what Redis and the way to it do wrong from bugs of this program.</summary>
internal static class RedisFailure
{
    public static bool Is(Exception exception) => exception is
        TimeoutException or RedisException or RedisCommandException or RedisAwayException or ObjectDisposedException or OperationCanceledException;
}
