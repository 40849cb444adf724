using System.Text.Json;
using CiMetrics.Testing;

namespace CiMetrics.Images.Tests;

/// <summary>What holds for the image of every service; each service's own class adds how it runs.</summary>
[NonParallelizable]
public abstract class ImageTests(string name)
{
    internal ServiceImage Image { get; } = ServiceImage.Named(name);

    [OneTimeSetUp]
    public Task BuildAsync() => Workshop.BuildAsync(Image);

    [TearDown]
    public Task RemoveAsync() => Workshop.Engine.RemoveAllAsync();

    [Test]
    public async Task It_says_what_it_is_runs_as_1654_and_asks_itself_for_its_health()
    {
        using JsonDocument inspected = JsonDocument.Parse(await Workshop.Engine.DockerAsync("image", "inspect", "-f", "{{json .Config}}", Image.Name));
        JsonElement config = inspected.RootElement;
        Assert.That(config.GetProperty("User").GetString(), Is.EqualTo("1654"));
        string program = $"/usr/bin/{Image.Command}";
        Assert.That(config.GetProperty("Entrypoint")[0].GetString(), Is.EqualTo(program));
        Assert.That(config.GetProperty("Healthcheck").GetProperty("Test").EnumerateArray().Select(word => word.GetString()), Is.EqualTo(["CMD", program, "healthcheck"]));
        Dictionary<string, string> labels = config.GetProperty("Labels").EnumerateObject()
            .ToDictionary(label => label.Name, label => label.Value.GetString()!, StringComparer.Ordinal);
        Assert.That(labels["org.opencontainers.image.title"], Is.EqualTo(Image.Name));
        Assert.That(labels["org.opencontainers.image.description"], Is.Not.Empty);
        Assert.That(labels["org.opencontainers.image.licenses"], Is.EqualTo("MIT"));
        Assert.That(labels["org.opencontainers.image.version"], Is.EqualTo(Workshop.Version));
        Assert.That(labels["org.opencontainers.image.revision"], Is.EqualTo(Workshop.Revision));
        Assert.That(labels["org.opencontainers.image.source"], Is.EqualTo(Workshop.Source));
    }

    [Test]
    public async Task It_holds_one_program_and_no_shell()
    {
        IReadOnlyList<ImageFile> files = await ImageFiles.OfAsync(Image.Name);
        IEnumerable<string> programs = files
            .Where(file => file is { IsFile: true, IsExecutable: true } && Path.GetDirectoryName(file.Path) is "bin" or "sbin" or "usr/bin" or "usr/sbin" or "usr/local/bin")
            .Select(file => file.Path);
        Assert.That(programs, Is.EqualTo([$"usr/bin/{Image.Command}"]));
        // What a service must not come to need: the chiseled image has none of it.
        Assert.That(files.Select(file => file.Path), Has.None.Matches<string>(path => Path.GetFileName(path) is "sh" or "bash" or "dash" or "busybox" || path == "etc/services"));
        Assert.That(files.Select(file => file.Path), Has.None.Contains("libcrypt.so"));
        Assert.That(files.Select(file => file.Path), Has.Some.EqualTo("etc/ssl/certs/ca-certificates.crt"));
    }
}
