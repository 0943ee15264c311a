using System.Xml.Linq;
using IotBackend.ArchitectureTests.Rules;
using Xunit;

namespace IotBackend.ArchitectureTests;

public sealed class LayerTests
{
    [Fact]
    public void Domain_knows_only_the_runtime() => Verify(
        LayerRules.DomainKnowsOnlyTheRuntime,
        "Domain.Measurements.KnowsMediator uses MediatR.IMediator",
        "Domain.Measurements.KnowsApplication uses Application.Measurements.Port");

    [Fact]
    public void Application_knows_domain_and_its_few_packages() => Verify(
        LayerRules.ApplicationKnowsDomainAndItsFewPackages,
        "Application.Measurements.KnowsTheWeb uses Microsoft.AspNetCore.Http.HttpContext",
        "Application.Measurements.KnowsItsAdapter uses Infrastructure.Measurements.Embedded.Adapter");

    [Fact]
    public void Infrastructure_knows_neither_api_nor_the_http_server() => Verify(
        LayerRules.InfrastructureKnowsNeitherApiNorHttpServer,
        "Infrastructure.Measurements.KnowsTheEdge uses Api.Measurements.SendsController",
        "Infrastructure.Measurements.KnowsTheEdge uses Microsoft.AspNetCore.Http.HttpContext");

    [Fact]
    public void Api_knows_infrastructure_only_where_it_composes() => Verify(
        LayerRules.ApiKnowsInfrastructureOnlyWhereItComposes,
        "Api.Measurements.ComposesElsewhere uses Infrastructure.Measurements.Embedded.AdapterRegistration");

    [Fact]
    public void Domain_references_no_package()
    {
        var references = typeof(Domain.Results.Error).Assembly.GetReferencedAssemblies().Select(name => name.Name!);

        Assert.Empty(LayerRules.DomainReferencesOnlyTheRuntime(references));
        Assert.Equal(
            ["Domain references MediatR", "Domain references System.IO.Hashing"],
            LayerRules.DomainReferencesOnlyTheRuntime(["System.Runtime", "MediatR", "System.IO.Hashing"]));
    }

    [Fact]
    public void The_project_of_the_domain_names_no_package_and_no_project()
    {
        var project = XDocument.Load(Path.Combine(SourceFile.RepositoryRoot(), "src", "Domain", "Domain.csproj"));

        Assert.DoesNotContain(project.Descendants(), element => element.Name.LocalName is "PackageReference" or "ProjectReference" or "FrameworkReference");
    }

    private static void Verify(Func<IEnumerable<Dependency>, IEnumerable<string>> rule, params string[] broken)
    {
        Assert.Empty(rule(House.Product.Dependencies));
        Assert.Equal(broken.Order(), rule(House.Broken.Dependencies).Order());
    }
}
