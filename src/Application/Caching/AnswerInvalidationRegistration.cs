using IotBackend.Application.Buckets;
using IotBackend.Application.Measurements;
using Microsoft.Extensions.DependencyInjection;

namespace IotBackend.Application.Caching;

/// <summary>Puts the invalidation of answers before the stores.</summary>
public static class AnswerInvalidationRegistration
{
    /// <summary>After the stores have been registered.</summary>
    public static IServiceCollection AddAnswerInvalidation(this IServiceCollection services)
    {
        services.Decorate<IMeasurementStore, InvalidatingMeasurementStore>();
        services.Decorate<IBucketStore, InvalidatingBucketStore>();
        return services;
    }
}
