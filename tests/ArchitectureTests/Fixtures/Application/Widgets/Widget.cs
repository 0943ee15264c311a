namespace IotBackend.ArchitectureTests.Fixtures.Application.Widgets;

internal static class Widget;
