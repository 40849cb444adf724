using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;

namespace CiMetrics.Sidecar.Bench;

/// <summary>A published program whose log and figures are read. Killed at the end.</summary>
internal sealed class RunningProgram : IDisposable
{
    private readonly Process _process;
    private readonly BlockingCollection<(string Line, long Time)> _lines = [];
    private readonly long _started;

    private RunningProgram(Process process, long started)
    {
        _process = process;
        _started = started;
    }

    /// <summary>When the last line that was waited for came, after the start.</summary>
    public TimeSpan Age { get; private set; }

    public static RunningProgram Start(string path, IEnumerable<string> arguments)
    {
        Process process = new() { StartInfo = new ProcessStartInfo(path, arguments) { RedirectStandardError = true, UseShellExecute = false } };
        RunningProgram running = new(process, Stopwatch.GetTimestamp());
        process.ErrorDataReceived += (_, line) =>
        {
            if (line.Data is not null) running._lines.Add((line.Data, Stopwatch.GetTimestamp()));
        };
        process.Start();
        process.BeginErrorReadLine();
        return running;
    }

    /// <summary>Waits for a line that contains the text; gives when it came.</summary>
    public long WaitFor(string text)
    {
        while (_lines.TryTake(out (string Line, long Time) next, TimeSpan.FromSeconds(30)))
        {
            if (!next.Line.Contains(text, StringComparison.Ordinal)) continue;
            Age = Stopwatch.GetElapsedTime(_started, next.Time);
            return next.Time;
        }
        throw new TimeoutException($"{_process.StartInfo.FileName} does not say: {text}");
    }

    public double ResidentMegabytes() => double.Parse(
        File.ReadLines($"/proc/{_process.Id}/status").First(line => line.StartsWith("VmRSS:", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[1],
        CultureInfo.InvariantCulture) / 1024;

    /// <summary>The CPU time that it uses while nothing happens, in percent of one core.</summary>
    public async Task<double> CpuPercentAsync(TimeSpan duration)
    {
        double before = CpuSeconds();
        await Task.Delay(duration);
        return (CpuSeconds() - before) / duration.TotalSeconds * 100;
    }

    public void Dispose()
    {
        _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
        _lines.Dispose();
    }

    // The first figure of each thread's schedstat: nanoseconds on a processor.
    private double CpuSeconds() =>
        Directory.EnumerateDirectories($"/proc/{_process.Id}/task").Sum(thread => double.Parse(File.ReadAllText($"{thread}/schedstat").Split(' ')[0], CultureInfo.InvariantCulture)) / 1e9;
}
