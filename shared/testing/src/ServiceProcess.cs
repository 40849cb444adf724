using System.Collections.Concurrent;
using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.InteropServices;

namespace CiMetrics.Testing;

/// <summary>A real process under test: its output line by line, its signals, its exit code. Killed when disposed.</summary>
public sealed class ServiceProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly ConcurrentQueue<string> _lines = new();
    private readonly ConcurrentQueue<string> _output = new();

    private ServiceProcess(Process process) => _process = process;

    private static bool IgnoresInterrupt { get; } = File.ReadLines("/proc/self/status")
        .Where(line => line.StartsWith("SigIgn:", StringComparison.Ordinal))
        .Any(line => (Convert.ToUInt64(line["SigIgn:".Length..].Trim(), 16) & (1UL << (Signals.Interrupt - 1))) != 0);

    /// <summary>The process id.</summary>
    public int Pid => _process.Id;

    /// <summary>True once it has ended.</summary>
    public bool HasExited => _process.HasExited;

    /// <summary>Standard output and error so far, in order of arrival.</summary>
    public IReadOnlyList<string> Log => [.. _lines];

    /// <summary>Standard output so far, as one text.</summary>
    public string StandardOutput => string.Join('\n', _output);

    /// <summary>Starts a program. The environment is the test's own without the variables that configure services, plus <paramref name="environment"/>.</summary>
    public static ServiceProcess Start(string path, IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment = null)
    {
        // A shell's background job ignores SIGINT, and so would everything below it.
        string[] command = IgnoresInterrupt ? ["/usr/bin/env", "--default-signal=INT", path, .. arguments] : [path, .. arguments];
        ProcessStartInfo start = new(command[0], command[1..])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
            UseShellExecute = false,
        };
        foreach (string name in start.Environment.Keys.Where(name => name.StartsWith("DOCKER_", StringComparison.Ordinal) || name.Contains("__", StringComparison.Ordinal)).ToArray())
            start.Environment.Remove(name);
        foreach ((string name, string value) in environment ?? new Dictionary<string, string>(StringComparer.Ordinal))
            start.Environment[name] = value;

        Process process = new() { StartInfo = start };
        ServiceProcess service = new(process);
        process.OutputDataReceived += (_, line) => service.Add(line.Data, service._output);
        process.ErrorDataReceived += (_, line) => service.Add(line.Data, output: null);
        process.Start();
        process.StandardInput.Close();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return service;
    }

    /// <summary>Starts a program and waits until a line of its output fulfils <paramref name="ready"/>.</summary>
    public static async Task<ServiceProcess> StartAsync(
        string path, IEnumerable<string> arguments, Func<string, bool> ready, IReadOnlyDictionary<string, string>? environment = null)
    {
        ServiceProcess service = Start(path, arguments, environment);
        try
        {
            await service.WaitForAsync(ready);
            return service;
        }
        catch
        {
            await service.DisposeAsync();
            throw;
        }
    }

    /// <summary>Runs a program to its end and gives the exit code and everything it printed.</summary>
    public static async Task<(int ExitCode, string Output)> RunAsync(
        string path, IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment = null, TimeSpan? patience = null)
    {
        await using ServiceProcess process = Start(path, arguments, environment);
        int exitCode = await process.WaitForExitAsync(patience);
        return (exitCode, string.Join('\n', process.Log));
    }

    /// <summary>Waits for a line; fails with the whole log when the process ends first or nothing comes.</summary>
    public async Task<string> WaitForAsync(Func<string, bool> line, TimeSpan? patience = null)
    {
        Stopwatch watch = Stopwatch.StartNew();
        while (true)
        {
            bool ended = _process.HasExited;
            if (_lines.FirstOrDefault(line) is { } found) return found;
            if (ended || watch.Elapsed > (patience ?? Eventually.Patience))
            {
                string state = ended ? $"ended with {_process.ExitCode}" : "said nothing of the kind";
                throw new AssertionException($"{_process.StartInfo.FileName} {state}:\n{string.Join('\n', _lines)}");
            }

            await Task.Delay(20);
        }
    }

    /// <summary>Waits for the end and gives the exit code (128 + signal where a signal ended it).</summary>
    public async Task<int> WaitForExitAsync(TimeSpan? patience = null)
    {
        using CancellationTokenSource limit = new(patience ?? Eventually.Patience);
        try
        {
            await _process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException exception)
        {
            throw new AssertionException($"{_process.StartInfo.FileName} did not end:\n{string.Join('\n', _lines)}", exception);
        }

        return _process.ExitCode;
    }

    /// <summary>Sends a signal by number: 2 INT, 9 KILL, 15 TERM, 18 CONT, 19 STOP, 1 HUP.</summary>
    public void Signal(int number) => Signals.Send(Pid, number);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
    }

    private void Add(string? line, ConcurrentQueue<string>? output)
    {
        if (line is null) return;
        _lines.Enqueue(line);
        output?.Enqueue(line);
    }
}

/// <summary>Signals by number, as kill(2) sends them.</summary>
public static class Signals
{
    /// <summary>SIGHUP: read the configuration again.</summary>
    public const int HangUp = 1;

    /// <summary>SIGINT: Ctrl-C.</summary>
    public const int Interrupt = 2;

    /// <summary>SIGKILL: a crash.</summary>
    public const int Kill = 9;

    /// <summary>SIGTERM: stop in order.</summary>
    public const int Terminate = 15;

    /// <summary>SIGCONT: go on after SIGSTOP.</summary>
    public const int Continue = 18;

    /// <summary>SIGSTOP: hang.</summary>
    public const int Stop = 19;

    /// <summary>Sends a signal; throws when there is no such process.</summary>
    public static void Send(int pid, int signal)
    {
        if (!TrySend(pid, signal)) throw new Win32Exception(Marshal.GetLastPInvokeError());
    }

    /// <summary>Sends a signal; false when there is no such process.</summary>
    public static bool TrySend(int pid, int signal) => SendSignal(pid, signal) == 0;

    [DllImport("libc", EntryPoint = "kill", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int SendSignal(int pid, int signal);
}
