using CiMetrics.Testing;

namespace CiMetrics.Images.Tests.Bases;

/// <summary>The machine's own tools.</summary>
internal static class Tool
{
    /// <summary>Runs one to its end and gives what it printed; fails the test when it fails.</summary>
    public static async Task<string> RunAsync(string name, params string[] arguments)
    {
        (int exitCode, string output) = await ServiceProcess.RunAsync(Requires.Program(name, name), arguments, patience: TimeSpan.FromMinutes(5));
        return exitCode == 0 ? output.Trim() : throw new AssertionException($"{name} {string.Join(' ', arguments)}: {output}");
    }
}
