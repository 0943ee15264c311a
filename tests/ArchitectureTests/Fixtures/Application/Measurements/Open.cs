using MediatR;

namespace IotBackend.ArchitectureTests.Fixtures.Application.Measurements;

public class Open : IRequest<int>;

public class Inherited;

public sealed class Inheriting : Inherited;
