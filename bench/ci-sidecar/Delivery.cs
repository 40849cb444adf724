using System.Diagnostics;

namespace CiMetrics.Sidecar.Bench;

/// <summary>The way of single files, one after the other.</summary>
internal static class Delivery
{
    /// <summary>Milliseconds from the moment at which a file was written to the receiver's answer, sorted.</summary>
    public static double[] Measure(RunningProgram sidecar, string folder, string name, int files)
    {
        Directory.CreateDirectory(folder);
        double[] milliseconds = new double[files];
        for (int file = 0; file < files; file++)
        {
            File.WriteAllText(Path.Combine(folder, $"{name}-{file}.json"), $$"""{"id":"{{name}}-{{file}}","started":"2026-01-01T00:00:00Z","status":"success","project":"p","name":"build"}""");
            long written = Stopwatch.GetTimestamp();
            milliseconds[file] = Stopwatch.GetElapsedTime(written, sidecar.WaitFor($"key={name}-{file} ")).TotalMilliseconds;
        }
        Array.Sort(milliseconds);
        return milliseconds;
    }
}
