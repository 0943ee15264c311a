namespace IotBackend.Api.Influx;

/// <summary>How an InfluxDB answers: as 1.x does, or as 2.x.</summary>
internal enum InfluxDialect
{
    Version1,
    Version2,
}
