namespace IotBackend.Api.Http;

/// <summary>Marks an endpoint that is answered however much else is asked: it costs next to nothing, or bounds itself.</summary>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Method)]
internal sealed class AnsweredUnderOverloadAttribute : Attribute;
