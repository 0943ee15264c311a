using IotBackend.ArchitectureTests.Rules;
using Xunit;

namespace IotBackend.ArchitectureTests;

public sealed class ModuleTests
{
    [Fact]
    public void Folders_are_the_modules()
    {
        Assert.Empty(ModuleRules.FoldersAreTheModules(House.Product.Types));
        Assert.Equal(
            ["Application.Stray stands in no module", "Application.Widgets.Widget stands in no module"],
            ModuleRules.FoldersAreTheModules(House.Broken.Types).Order());
    }

    [Fact]
    public void Technologies_stay_in_their_folders() => Verify(
        ModuleRules.TechnologiesStayInTheirFolders,
        "Application.Measurements.KnowsTheWeb uses Microsoft.AspNetCore.Http.HttpContext",
        "Infrastructure.Measurements.Embedded.KnowsEntityFramework uses Microsoft.EntityFrameworkCore.DbContext",
        "Infrastructure.Measurements.KnowsSqlite uses Microsoft.Data.Sqlite.SqliteConnection",
        "Infrastructure.Measurements.KnowsTheEdge uses Microsoft.AspNetCore.Http.HttpContext");

    [Fact]
    public void Adapters_are_known_by_their_registration() => Verify(
        ModuleRules.AdaptersAreKnownByTheirRegistration,
        "Application.Measurements.KnowsItsAdapter uses Infrastructure.Measurements.Embedded.Adapter");

    private static void Verify(Func<IEnumerable<Dependency>, IEnumerable<string>> rule, params string[] broken)
    {
        Assert.Empty(rule(House.Product.Dependencies));
        Assert.Equal(broken.Order(), rule(House.Broken.Dependencies).Order());
    }
}
