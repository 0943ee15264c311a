global using static IotBackend.Performance.Cultures;
