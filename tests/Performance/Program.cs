using IotBackend.Performance;
using IotBackend.Performance.Load;
using IotBackend.Performance.Servers;

return args switch
{
    [BareHost.Name, .. var rest] => await BareHost.RunAsync(rest),
    [JsonWalk.Name, .. var rest] => JsonWalk.Run(rest),
    _ => await Cores.RerunPinnedAsync(args) ?? await Commands.RunAsync(args),
};
