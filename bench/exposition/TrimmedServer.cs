using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace CiMetrics.Exposition.Bench;

/// <summary>This program, published trimmed into a temporary folder: its memory and speed are those of a shipped service.</summary>
internal sealed class TrimmedServer : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("cim-bench-");

    public string Path => System.IO.Path.Combine(_folder.FullName, "CiMetrics.Exposition.Bench");

    public static async Task<TrimmedServer> PublishAsync([CallerFilePath] string source = "")
    {
        var server = new TrimmedServer();
        string project = System.IO.Path.Combine(System.IO.Path.GetDirectoryName(source)!, "CiMetrics.Exposition.Bench.csproj");
        var start = new ProcessStartInfo("dotnet", ["publish", project, "-c", "Release", "-r", "linux-x64", "--self-contained", "-o", server._folder.FullName, "-v", "q"])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
        };
        using Process publish = Process.Start(start) ?? throw new InvalidOperationException("dotnet did not start");
        string output = await publish.StandardOutput.ReadToEndAsync();
        await publish.WaitForExitAsync();
        return publish.ExitCode == 0 ? server : throw new InvalidOperationException($"dotnet publish failed:\n{output}");
    }

    public void Dispose() => _folder.Delete(recursive: true);
}
