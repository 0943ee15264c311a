using System.Runtime.CompilerServices;
using IotBackend.Application.Access.RateLimits;
using IotBackend.Application.Buckets;
using IotBackend.Application.Measurements;
using IotBackend.Application.Pipeline;
using IotBackend.Domain.Access;
using IotBackend.Domain.Buckets;
using Xunit;

namespace IotBackend.UnitTests.Access.Audit;

public sealed class AuditDocumentTests
{
    [Fact]
    public void Every_act_that_is_audited_stands_in_the_table_of_acts()
    {
        var text = File.ReadAllText(Path.Combine(RepositoryRoot(), "docs", "audit-log.md"));
        var acts = text[text.IndexOf("## Acts", StringComparison.Ordinal)..text.IndexOf("## Security events", StringComparison.Ordinal)];
        var actions = typeof(IAudited).Assembly.GetTypes().Where(type => type.IsClass && type.IsAssignableTo(typeof(IAudited))).Select(ActionOf).ToList();

        Assert.Contains("tier.save", actions);
        Assert.All(actions, action => Assert.Contains($"`{action}`", acts, StringComparison.Ordinal));
    }

    // The action does not depend on what a command is about; only what it is asked for has to be there.
    private static string ActionOf(Type type)
    {
        var command = (IAudited)RuntimeHelpers.GetUninitializedObject(type);
        command = command switch
        {
            SaveBucket save => save with { Name = BucketName.Default },
            DeleteBucket delete => delete with { Name = BucketName.Default },
            SaveTier save => save with { Tier = new Tier("some", null, null, 60, 0) },
            DeleteMeasurements delete => delete with { What = new Deletion(MeasurementTarget.All, Deletion.AllTime) },
            _ => command,
        };
        return command.Subject.Action;
    }

    private static string RepositoryRoot()
    {
        var directory = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(directory.FullName, "IotBackend.sln")))
            directory = directory.Parent ?? throw new InvalidOperationException("The tests run outside of the repository.");
        return directory.FullName;
    }
}
