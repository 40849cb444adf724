using System.Globalization;

namespace CiMetrics.Sidecar.Simulator;

/// <summary>
/// Jobs that write their file at the end the way scripts do: most with echo, which leaves some names unexpanded, some in
/// pieces, and now and then one that is no JSON at all.
/// </summary>
internal sealed class JobScripts(string folder)
{
    private static readonly string[] Names = ["dotnet_build", "helm_restore", "docker build: [linux, amd64]", "unit tests 1/3"];
    private readonly Random _random = new();
    private int _job;

    /// <summary>Writes files until it is told to stop.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        Directory.CreateDirectory(folder);
        try
        {
            while (true)
            {
                await WriteAsync(Path.Combine(folder, $"{++_job}.json"), stop);
                await Task.Delay(_random.Next(500, 2500), stop);
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // Told to stop.
        }
    }

    private async Task WriteAsync(string path, CancellationToken stop)
    {
        string text = Text();
        int first = _random.Next(4) == 0 ? _random.Next(text.Length) : text.Length;
        await File.WriteAllTextAsync(path, text[..first], stop);
        if (first == text.Length) return;
        await Task.Delay(30, stop);
        await File.AppendAllTextAsync(path, text[first..], stop);
    }

    private string Text()
    {
        if (_random.Next(40) == 0) return "{\"name\":\"a \"quote\" too many\"}\n";
        string started = DateTime.UtcNow.AddSeconds(-_random.Next(20, 900)).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
        string status = _random.Next(10) switch { 0 => "failed", 1 => "CI_JOB_STATUS", _ => "success" };
        return $$"""{"started":"{{started}}","status":"{{status}}","project":"shop/web","name":"{{Names[_random.Next(Names.Length)]}}"}""" + "\n";
    }
}
