using CiMetrics.Testing;

namespace CiMetrics.Hosting.Tests;

public sealed class LayoutTests
{
    [Test]
    public void The_options_know_nothing_of_the_web_server()
    {
        var folder = Path.Combine(Repository.Root, "shared", "hosting", "src", "Options");
        var files = Directory.GetFiles(folder, "*.cs", SearchOption.AllDirectories);
        Assert.That(files, Is.Not.Empty);
        Assert.That(files.Where(file => File.ReadAllText(file).Contains("AspNetCore", StringComparison.Ordinal)), Is.Empty);
    }
}
