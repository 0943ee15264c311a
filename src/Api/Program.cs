using IotBackend.Api.Composition;

try
{
    if (args is ["--help" or "-h"] or ["--version"])
        return IotBackendApp.Describe(args[0], Console.Out);
    if (TransferCommand.IsMeant(args))
        return await TransferCommand.RunAsync(args, Console.Error);
    if (args is [KeyCopyCommand.Name, ..])
        return await KeyCopyCommand.RunAsync(args, Console.Out, CancellationToken.None);
    await using var app = IotBackendApp.Build(args);
    if (args is [AdminKeyCommand.Name, ..])
        return await AdminKeyCommand.RunAsync(app.Services, args, Console.Out, CancellationToken.None);
    await app.StartAsync();
    IotBackendApp.Announce(app, Console.Out);
    StartupMemory.GiveBack();
    await IotBackendApp.WaitForShutdownAsync(app, Console.Error);
    return 0;
}
catch (OperationCanceledException)
{
    await Console.Error.WriteLineAsync("Asked to stop before it had started.");
    return 0;
}
catch (Exception exception) when (StartFailure.Describe(exception) is { } line)
{
    await Console.Error.WriteLineAsync(line);
    return 1;
}
