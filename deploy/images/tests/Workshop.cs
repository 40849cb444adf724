using System.Globalization;
using System.Text;
using CiMetrics.Images.Tests.Bases;
using CiMetrics.Testing;

namespace CiMetrics.Images.Tests;

/// <summary>
/// One engine for all images, with bases that stand in for those that cannot be pulled here. With <c>REAL_IMAGES=1</c> every
/// image is built by a real SDK, and by the public bases where they can be pulled; else the sidecar's alone is, and
/// the others get the program that is published already.
/// </summary>
[SetUpFixture]
public sealed class Workshop
{
    /// <summary>The labels' values of images that are built here.</summary>
    public const string Version = "7.8.9", Revision = "0123456789abcdef", Source = "https://example.com/ci-runner-metrics";

    private const string HandOver = "sdk-that-hands-over";
    private const string Real = "sdk-real";

    private static readonly bool AllReal = Environment.GetEnvironmentVariable("REAL_IMAGES") == "1";
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);
    private static readonly Dictionary<string, string> Built = new(StringComparer.Ordinal);
    private static readonly Dictionary<string, string> Memory = new(StringComparer.Ordinal);
    private static readonly TempFolder Folder = new();
    private static Dockerd? _engine;

    /// <summary>The engine.</summary>
    public static Dockerd Engine => _engine ?? throw new InvalidOperationException("the engine was not started");

    /// <summary>The base that every Dockerfile ends on.</summary>
    public static string Runtime => "mcr.microsoft.com/dotnet/runtime-deps:" + ServiceImage.All[0].Argument("RUNTIME");

    private static string Sdk => "mcr.microsoft.com/dotnet/sdk:" + Repository.PinnedSdk;

    /// <summary>Starts the engine.</summary>
    [OneTimeSetUp]
    public async Task StartAsync()
    {
        _engine = await Dockerd.StartAsync(storageDriver: null);
        if (AllReal && await CanPullAsync(Runtime)) return;
        string root = Directory.CreateDirectory(Folder.PathOf("runtime")).FullName;
        await RuntimeStandIn.UnpackAsync(root);
        await Tool.RunAsync("tar", "--numeric-owner", "-C", root, "-cf", Folder.PathOf("runtime.tar"), ".");
        await ImportAsync("runtime.tar", Runtime, "PATH=/usr/bin:/bin APP_UID=1654 ASPNETCORE_HTTP_PORTS=8080 DOTNET_RUNNING_IN_CONTAINER=true DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=true");
    }

    /// <summary>Prints the table and ends the engine.</summary>
    [OneTimeTearDown]
    public async Task EndAsync()
    {
        if (_engine is null) return;
        if (Built.Count > 0) await WriteTableAsync();
        await _engine.DisposeAsync();
        Folder.Dispose();
    }

    /// <summary>Builds an image from its Dockerfile as it is, once.</summary>
    public static async Task BuildAsync(ServiceImage image)
    {
        if (Built.ContainsKey(image.Name)) return;
        bool real = AllReal || image.Name == "ci-sidecar";
        await ProvideSdkAsync(real);
        await Engine.DockerAsync(
            Patience, "build", "--network", AllReal ? "host" : "none", "-f", image.Dockerfile, "-t", image.Name,
            "--build-arg", $"VERSION={Version}", "--build-arg", $"REVISION={Revision}", "--build-arg", $"SOURCE={Source}", Repository.Root);
        Built.Add(image.Name, real ? "published in the image" : "published before");
    }

    /// <summary>The bytes of an image with its base.</summary>
    public static async Task<long> SizeAsync(string image) =>
        long.Parse(await Engine.DockerAsync("image", "inspect", "-f", "{{.Size}}", image), CultureInfo.InvariantCulture);

    /// <summary>Keeps what the table says of a running image.</summary>
    public static void Remember(ServiceImage image, string memory) => Memory[image.Name] = memory;

    /// <summary>Gives the SDK's name to one of the stand-ins, or to the public image.</summary>
    /// <param name="real">Whether it publishes, or hands over what is published.</param>
    public static async Task ProvideSdkAsync(bool real)
    {
        string kind = real ? Real : HandOver;
        if ((await Engine.DockerAsync("image", "ls", "-q", kind)).Length == 0)
        {
            if (real && AllReal && await CanPullAsync(Sdk))
            {
                await Engine.DockerAsync("tag", Sdk, kind);
                return;
            }
            string root = Directory.CreateDirectory(Folder.PathOf(kind)).FullName;
            string archive = Folder.PathOf($"{kind}.tar");
            string environment = "PATH=/bin";
            if (real)
            {
                await RuntimeStandIn.UnpackAsync(root);
                environment = await SdkStandIn.ArchiveRealAsync(root, archive);
            }
            else await SdkStandIn.ArchiveHandOverAsync(root, archive);
            await ImportAsync($"{kind}.tar", kind, environment);
        }
        await Engine.DockerAsync("tag", kind, Sdk);
    }

    private static async Task ImportAsync(string archive, string name, string environment)
    {
        await Engine.DockerAsync(Patience, "import", "-c", $"ENV {environment}", Folder.PathOf(archive), name);
        File.Delete(Folder.PathOf(archive));
    }

    private static async Task<bool> CanPullAsync(string image)
    {
        try
        {
            await Engine.DockerAsync(Patience, "pull", image);
            return true;
        }
        catch (AssertionException exception)
        {
            TestContext.Progress.WriteLine($"a stand-in takes the place of {image}: {exception.Message.Split('\n')[^1]}");
            return false;
        }
    }

    private static async Task WriteTableAsync()
    {
        long ground = await SizeAsync(Runtime);
        StringBuilder table = new("| image | MB | of these its own | resident MB | program |\n|---|---|---|---|---|\n");
        foreach ((string name, string kind) in Built.OrderBy(image => image.Key, StringComparer.Ordinal))
        {
            long size = await SizeAsync(name);
            table.Append(CultureInfo.InvariantCulture, $"| `{name}` | {size / 1e6:0.0} | {(size - ground) / 1e6:0.0} | {Memory.GetValueOrDefault(name, "-")} | {kind} |\n");
        }
        Directory.CreateDirectory(Repository.PathOf("artifacts"));
        await File.WriteAllTextAsync(Repository.PathOf("artifacts", "images.md"), table.ToString());
        TestContext.Progress.WriteLine(table);
    }
}
