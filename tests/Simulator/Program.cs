using System.CommandLine;
using IotBackend.Simulator.Commands;

var root = new RootCommand("Posts fleets of devices, real ones from files or made-up ones, to a server that speaks the IotBackend contract.")
{
    CsvCommand.Create(),
    FleetCommand.Create(),
};
return await root.Parse(args).InvokeAsync();
