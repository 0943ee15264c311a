namespace IotBackend.Api.Http.OpenApi;

/// <summary>The query parameters that choose measurements, shared by the endpoints that read or delete them.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class MeasurementFilterParametersAttribute : Attribute
{
    public static IReadOnlyList<QueryParameterAttribute> Parameters { get; } =
    [
        new("bucket", "The bucket; by default the key's only one, else 'default'."),
        new("device", "Exact name; repeatable, up to 50. Default: all that the key may read.") { IsRepeatable = true },
        new("name", "Exact name of the measurement; repeatable. Default: all.") { IsRepeatable = true },
        new("field", "Exact name of a field; repeatable. Default: all.") { IsRepeatable = true },
        new("tag.<key>", "Value that the tag must have; <key> is the tag's key."),
    ];
}
