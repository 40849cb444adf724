using System.Runtime.CompilerServices;
using CiMetrics.Testing;

namespace CiMetrics.Hosting.Tests;

/// <summary>One tiny file per rule; its first line says which message the rule gives.</summary>
[Parallelizable(ParallelScope.All)]
public sealed class BadFileTests
{
    private static string Folder([CallerFilePath] string here = "") => Path.Combine(Path.GetDirectoryName(here)!, "..", "BadFiles");

    private static IEnumerable<string> Files => Directory.GetFiles(Folder(), "*.yml").Select(path => Path.GetFileNameWithoutExtension(path)!).Order(StringComparer.Ordinal);

    [Test]
    public async Task A_bad_file_is_refused_with_place_key_value_and_rule([ValueSource(nameof(Files))] string name)
    {
        var path = Path.GetFullPath(Path.Combine(Folder(), name + ".yml"));
        var expected = (await File.ReadAllLinesAsync(path))[0][2..];
        var (exitCode, output) = await Sample.RunAsync("--config-file", path);
        Assert.That(output, Does.Contain(char.IsAsciiDigit(expected[0]) ? path + ":" + expected : expected));
        Assert.That(output, Does.StartWith("hosting-sample: 1 mistake in the settings\n"));
        Assert.That(output, Does.Not.Contain("hunter2"));
        Assert.That(output, Does.EndWith("'hosting-sample --help' shows what is allowed."));
        Assert.That(exitCode, Is.EqualTo(2));
    }

    [Test]
    public async Task Every_mistake_is_listed_at_once()
    {
        using var folder = new TempFolder();
        var path = folder.Write("bad.yml", "port: x\nbnid: y\nlabels:\n  le: z\n");
        await using var process = ServiceProcess.Start(
            Sample.Program,
            ["--config-file", path, "--workers", "0", "--nothing", "-extra-label", "oops"],
            new Dictionary<string, string>(StringComparer.Ordinal) { ["HOSTING_SAMPLE__MODE"] = "fly" });
        Assert.That(await process.WaitForExitAsync(), Is.EqualTo(2));
        Assert.That(process.StandardOutput, Is.Empty);
        var output = string.Join('\n', process.Log);
        Assert.That(output, Does.Contain("7 mistakes in the settings")
            .And.Contain("bad.yml:1:7: port: must be").And.Contain("bad.yml:2:1: \"bnid\": is not known").And.Contain("bad.yml:4:7: labels.le: ")
            .And.Contain("flag --workers: must be").And.Contain("flag \"--nothing\": is not known")
            .And.Contain("flag --extra-label: must be name=value (got \"oops\")")
            .And.Contain("environment variable HOSTING_SAMPLE__MODE (--mode): must be one of"));
    }
}
