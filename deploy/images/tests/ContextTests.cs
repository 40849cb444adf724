using CiMetrics.Testing;

namespace CiMetrics.Images.Tests;

/// <summary>What .dockerignore lets the engine have.</summary>
[NonParallelizable]
public sealed class ContextTests
{
    private const long Most = 5_000_000;

    [Test]
    public async Task The_context_is_what_ships_and_nothing_that_was_built()
    {
        using TempFolder folder = new();
        string dockerfile = folder.Write("Dockerfile", "FROM scratch\nCOPY . /\n");
        await Workshop.Engine.DockerAsync("build", "-f", dockerfile, "-t", "context", Repository.Root);
        IReadOnlyList<ImageFile> files = await ImageFiles.OfAsync("context");
        string[] paths = [.. files.Where(file => file.IsFile).Select(file => file.Path)];

        Assert.That(paths.Where(path => path.Split('/').Any(part => part is "bin" or "obj" or "artifacts" or "tests" or "sim" or ".git")), Is.Empty);
        Assert.That(files.Sum(file => file.Length), Is.LessThan(Most));
        foreach (ServiceImage image in ServiceImage.All) Assert.That(paths, Has.Some.StartsWith(image.Folder + "/src/"));
        // A runner's image is built from the same root.
        Assert.That(paths, Has.Some.EqualTo("deploy/compose/github-runner/entrypoint.sh"));
    }
}
