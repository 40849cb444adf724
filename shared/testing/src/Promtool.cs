using System.Diagnostics;

namespace CiMetrics.Testing;

/// <summary>Prometheus's own checker.</summary>
public static class Promtool
{
    /// <summary>Runs <c>promtool check metrics</c> over a text body; exit code 0 means that it parses.</summary>
    public static Task<(int ExitCode, string Output)> CheckMetricsAsync(string body) =>
        Piped.RunAsync(Requires.Program("promtool", "prometheus"), ["check", "metrics"], body);
}

/// <summary>A program that is given a text on standard input.</summary>
internal static class Piped
{
    public static async Task<(int ExitCode, string Output)> RunAsync(string path, IEnumerable<string> arguments, string input)
    {
        ProcessStartInfo start = new(path, arguments)
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardInputEncoding = new System.Text.UTF8Encoding(encoderShouldEmitUTF8Identifier: false),
            StandardOutputEncoding = System.Text.Encoding.UTF8,
        };
        using Process process = Process.Start(start) ?? throw new InvalidOperationException($"{path} did not start");
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        Task<string> error = process.StandardError.ReadToEndAsync();
        await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
        await process.WaitForExitAsync();
        return (process.ExitCode, await output + await error);
    }
}
