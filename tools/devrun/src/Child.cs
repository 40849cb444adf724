using System.Diagnostics;
using System.Runtime.InteropServices;

namespace CiMetrics.DevRun;

/// <summary>A started process whose lines are printed behind its name. Ended with SIGTERM, and with SIGKILL when that is not enough.</summary>
internal sealed class Child : IDisposable
{
    private const int Terminate = 15;
    private static readonly Lock ConsoleGate = new();
    private readonly Process _process;

    private Child(string name, Process process)
    {
        Name = name;
        _process = process;
    }

    public string Name { get; }

    public bool HasExited => _process.HasExited;

    public Task WaitAsync(CancellationToken cancel) => _process.WaitForExitAsync(cancel);

    public string Outcome => $"ended with exit code {_process.ExitCode}";

    public static Child Start(string name, string path, IEnumerable<string> arguments, IReadOnlyDictionary<string, string> environment)
    {
        ProcessStartInfo start = new(path, arguments)
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach ((string key, string value) in environment) start.Environment[key] = value;
        Process process = new() { StartInfo = start };
        process.OutputDataReceived += (_, line) => Print(name, line.Data);
        process.ErrorDataReceived += (_, line) => Print(name, line.Data);
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return new Child(name, process);
    }

    public async Task StopAsync(TimeSpan patience)
    {
        if (_process.HasExited) return;
        _ = SendSignal(_process.Id, Terminate);
        using CancellationTokenSource limit = new(patience);
        try
        {
            await _process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            Print(Name, $"did not stop within {patience.TotalSeconds:0} s: killed");
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync(CancellationToken.None);
        }
    }

    public static void Print(string name, string? line)
    {
        if (line is null) return;
        lock (ConsoleGate) Console.Error.WriteLine($"[{name}] {line}");
    }

    public void Dispose() => _process.Dispose();

    [DllImport("libc", EntryPoint = "kill", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int SendSignal(int pid, int signal);
}
