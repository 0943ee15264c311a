namespace IotBackend.ArchitectureTests;

/// <param name="Path">Relative to <c>src</c>, with <c>/</c>.</param>
/// <param name="Text">What it holds.</param>
internal sealed record SourceFile(string Path, string Text)
{
    /// <summary>All hand-written C# of the product.</summary>
    public static IReadOnlyList<SourceFile> Product { get; } = Read();

    public string Name => System.IO.Path.GetFileNameWithoutExtension(Path);

    public static string RepositoryRoot()
    {
        var directory = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(System.IO.Path.Combine(directory.FullName, "IotBackend.sln")))
            directory = directory.Parent ?? throw new InvalidOperationException("The tests run outside of the repository.");
        return directory.FullName;
    }

    private static IReadOnlyList<SourceFile> Read()
    {
        var sources = System.IO.Path.Combine(RepositoryRoot(), "src");
        return [.. Directory.EnumerateFiles(sources, "*.cs", SearchOption.AllDirectories)
            .Select(path => new SourceFile(System.IO.Path.GetRelativePath(sources, path).Replace('\\', '/'), File.ReadAllText(path)))
            .Where(file => !file.Path.Split('/').Any(part => part is "bin" or "obj" or "Migrations"))];
    }
}
