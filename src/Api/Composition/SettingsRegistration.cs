namespace IotBackend.Api.Composition;

/// <summary>Binds sections of the configuration to options that are checked when the program starts.</summary>
internal static class SettingsRegistration
{
    /// <summary>A value out of its range, of the wrong type, or under a name that does not exist stops the start.</summary>
    public static void AddSettings<T>(this IServiceCollection services, IConfiguration configuration, string section)
        where T : class =>
        services.AddOptions<T>()
            .Bind(configuration.GetSection(section), binder => binder.ErrorOnUnknownConfiguration = true)
            .ValidateDataAnnotations()
            .ValidateOnStart();
}
