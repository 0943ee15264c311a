using IotBackend.Api.Caching;
using IotBackend.Api.Http;
using IotBackend.Api.Http.OpenApi;
using IotBackend.Api.Influx;
using IotBackend.Api.Measurements;
using IotBackend.Api.Mqtt;
using IotBackend.Api.Security;
using IotBackend.Api.SystemStatus;
using IotBackend.Application;
using IotBackend.Application.Access.Blocks;
using IotBackend.Application.Caching;
using IotBackend.Application.Measurements.Live;
using IotBackend.Application.Measurements.Transfer;
using IotBackend.Application.SystemStatus;
using IotBackend.Domain.Measurements;
using IotBackend.Infrastructure.Measurements.Exports;
using Microsoft.AspNetCore.Mvc.ModelBinding;
using Microsoft.Extensions.Options;

namespace IotBackend.Api.Composition;

/// <summary>Puts the program together: what it is made of, and the way of a request through it.</summary>
public static class IotBackendApp
{
    /// <summary>Builds the program from <c>appsettings.json</c> beside it, the environment and the command line.</summary>
    public static WebApplication Build(string[] arguments)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions
        {
            Args = AdminKeyCommand.SettingsIn(arguments),

            // The controllers are found by it, also when another program than this one, such as a test, is running it.
            ApplicationName = typeof(IotBackendApp).Assembly.GetName().Name,
            ContentRootPath = AppContext.BaseDirectory,
        });
        if (arguments is not [AdminKeyCommand.Name, ..])
            CommandLine.Check(arguments);
        CommandLine.Check(builder.Configuration);
        AddServices(builder);
        var app = builder.Build();
        UsePipeline(app);
        return app;
    }

    /// <summary>Builds what <c>export</c> and <c>import</c> need, from the same settings as the server; nothing is started.</summary>
    /// <param name="settings">The arguments that are settings.</param>
    /// <param name="mustExist">Whether there must be measurements already.</param>
    internal static WebApplication BuildTransfer(string[] settings, bool mustExist)
    {
        CommandLine.Check(settings);
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions
        {
            Args = settings,
            ApplicationName = typeof(IotBackendApp).Assembly.GetName().Name,
            ContentRootPath = AppContext.BaseDirectory,
        });
        CommandLine.Check(builder.Configuration);
        if (mustExist)
            AdapterSetup.RequireData(builder.Configuration);

        // The standard output may be the file; what is wrong is told by the commands themselves, unless somebody asks for more.
        builder.Logging.ClearProviders();
        if (settings.Any(setting => setting.StartsWith("--Logging", StringComparison.OrdinalIgnoreCase)))
            builder.Logging.AddConsole(options => options.LogToStandardErrorThreshold = LogLevel.Trace);
        builder.Services.AddSettings<DataOptions>(builder.Configuration, DataOptions.Section);
        builder.Services.AddSingleton(TimeProvider.System);
        builder.Services.AddMeasurementStore(builder.Configuration);
        builder.Services.AddExportFiles();
        builder.Services.AddMeasurementTransfer();
        return builder.Build();
    }

    /// <summary>Answers <c>--help</c> and <c>--version</c>.</summary>
    internal static int Describe(string argument, TextWriter output)
    {
        output.WriteLine(argument == "--version" ? BuildInformationReader.Read(string.Empty).Version.ToString(3) : CommandLine.Usage);
        return 0;
    }

    /// <summary>Waits for the end. What is not done in time is cut off and told; by then all that was acknowledged is on disk.</summary>
    internal static async Task WaitForShutdownAsync(WebApplication app, TextWriter errors)
    {
        try
        {
            await app.WaitForShutdownAsync();
        }
        catch (OperationCanceledException)
        {
            await errors.WriteLineAsync("Requests that were not done within Shutdown:TimeoutSeconds were cut off.");
        }
    }

    /// <summary>Tells a person where the started program is and how to use it.</summary>
    internal static void Announce(WebApplication app, TextWriter output) => StartupBanner.Print(
        output,
        app.Services.GetRequiredService<BuildInformation>(),
        app.Urls,
        AdapterSetup.Describe(app.Configuration),
        app.Services.GetRequiredService<IOptions<ApiReferenceOptions>>().Value.Enabled,
        app.Services.GetRequiredService<FirstAdminKey>().Notice);

    private static void AddServices(WebApplicationBuilder builder)
    {
        var services = builder.Services;
        var configuration = builder.Configuration;
        services.AddSettings<DataOptions>(configuration, DataOptions.Section);
        services.AddSettings<MeasurementLimits>(configuration, MeasurementLimits.Section);
        services.AddSettings<ApiReferenceOptions>(configuration, ApiReferenceOptions.Section);
        services.AddSettings<BlockOptions>(configuration, BlockOptions.Section);
        services.AddSettings<AuditOptions>(configuration, AuditOptions.Section);
        services.AddSettings<LiveFeedOptions>(configuration, LiveFeedOptions.Section);
        services.AddSettings<IdempotencyOptions>(configuration, IdempotencyOptions.Section);
        services.AddSettings<SeriesLimitOptions>(configuration, SeriesLimitOptions.Section);
        services.AddSingleton(TimeProvider.System);
        services.AddSingleton(BuildInformationReader.Read(builder.Environment.EnvironmentName));
        services.AddApplication();
        services.AddAdapters(configuration);
        services.AddApiKeyAuthentication();
        services.AddFirstAdminKey();
        services.AddHttps(configuration);
        services.AddForwardedAddresses(configuration);
        services.AddOverloadProtection(configuration);
        services.AddClosedCors(configuration);
        services.AddApiReference();
        services.AddSingleton<IErrorDialect, InfluxErrorDialect>();
        services.AddSingleton<ErrorWriter>();
        services.AddSingleton<IQueryRunner, QueryRunner>();
        services.AddSingleton<ReceiptSequence>();
        services.AddSingleton<MeasurementReceiver>();
        services.AddMeasurementStreams();
        services.AddMqtt(configuration);
        services.AddSingleton<KnownQueries>();
        services.AddSingleton(provider => provider.GetRequiredService<IOptions<MeasurementLimits>>().Value.ToTimestampLimits());
        services.AddSingleton(provider => provider.GetRequiredService<IOptions<BlockOptions>>().Value.ToRules());
        services.AddSingleton(provider => new BlockRefreshing(TimeSpan.FromSeconds(provider.GetRequiredService<IOptions<BlockOptions>>().Value.RefreshSeconds)));
        services.AddSingleton(provider => provider.GetRequiredService<IOptions<AuditOptions>>().Value.ToKeeping());
        services.AddSingleton(provider => provider.GetRequiredService<IOptions<LiveFeedOptions>>().Value.ToSettings());
        services.AddSingleton(provider => provider.GetRequiredService<IOptions<IdempotencyOptions>>().Value.ToRules());
        services.AddSingleton(provider => provider.GetRequiredService<IOptions<SeriesLimitOptions>>().Value.ToRules());
        services.AddSingleton<Readiness>();
        services.AddMvcCore(options =>
            {
                // The framework's own filter tells of media types that no model binder takes, and nothing is bound here.
                options.Filters.Clear();

                // Forms are not taken anywhere; looking for one would read the body.
                options.ValueProviderFactories.RemoveType<FormValueProviderFactory>();
                options.ValueProviderFactories.RemoveType<FormFileValueProviderFactory>();
                options.ValueProviderFactories.RemoveType<JQueryFormValueProviderFactory>();
            })
            .ConfigureApiBehaviorOptions(options =>
            {
                // Nothing is bound to models: bodies and parameters have parsers of their own.
                options.SuppressModelStateInvalidFilter = true;
                options.SuppressMapClientErrors = true;
            })
            .AddApiExplorer();

        // Whether a key is there is asked by KeyRequired, everything else by the pipeline.
        services.Configure<RouteOptions>(options => options.SuppressCheckForUnhandledSecurityMetadata = true);
        builder.ConfigureServer();
    }

    private static void UsePipeline(WebApplication app)
    {
        app.UseForwardedAddresses();
        app.UseMiddleware<UsageCounting>();
        app.UseMiddleware<EdgeMiddleware>();
        app.UseRouting();

        // Who sends no Origin is no page of a browser, and not to be weighed as one (benchmark P14).
        app.UseWhen(context => context.Request.Headers.Origin.Count > 0, pages => pages.UseCors());
        app.UseMiddleware<Admission>();
        app.UseMiddleware<CredentialsInUrl>();
        app.UseMiddleware<Authentication>();
        app.UseMiddleware<RateLimitGate>();
        app.UseMiddleware<KeyRequired>();
        app.MapControllers().RequireAuthorization();
        app.MapApiReference();
        app.Services.GetRequiredService<Readiness>();

        // From the start on, to hear on which other nodes somebody watches.
        app.Services.GetRequiredService<ILiveFeed>();
    }
}
