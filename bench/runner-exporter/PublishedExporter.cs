using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace CiMetrics.RunnerExporter.Bench;

/// <summary>The exporter, published as it is shipped into a folder that is removed in the end.</summary>
internal sealed class PublishedExporter : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("cim-bench-");

    public string Path => System.IO.Path.Combine(_folder.FullName, "bitbucket-runner-exporter");

    public long Bytes => new FileInfo(Path).Length;

    public static async Task<PublishedExporter> PublishAsync([CallerFilePath] string source = "")
    {
        PublishedExporter program = new();
        string project = System.IO.Path.Combine(System.IO.Path.GetDirectoryName(source)!, "..", "..", "services", "runner-exporter", "src", "CiMetrics.RunnerExporter.csproj");
        ProcessStartInfo start = new("dotnet", ["publish", project, "-c", "Release", "-r", "linux-x64", "--self-contained", "-o", program._folder.FullName, "-v", "q"])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
        };
        using Process publish = Process.Start(start) ?? throw new InvalidOperationException("dotnet did not start");
        string output = await publish.StandardOutput.ReadToEndAsync();
        await publish.WaitForExitAsync();
        if (publish.ExitCode == 0) return program;
        program.Dispose();
        throw new InvalidOperationException($"dotnet publish failed:\n{output}");
    }

    public void Dispose() => _folder.Delete(recursive: true);
}
