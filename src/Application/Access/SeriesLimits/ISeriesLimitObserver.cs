namespace IotBackend.Application.Access.SeriesLimits;

/// <summary>Is told when the key of the current request comes near its limit; the edge tells it to the client.</summary>
public interface ISeriesLimitObserver
{
    void Observe(SeriesUse use);
}
