using System.Diagnostics;

namespace CiMetrics.GitHubRunner.Simulator;

/// <summary>A process of the name and the command line of a runner's listener, which waits until it is killed.</summary>
public static class SimulatedListener
{
    /// <summary>The program and the arguments to start it with; the program is put into the runner's folder.</summary>
    public static (string Program, string[] Arguments) Prepare(SimulatedRunner runner)
    {
        ArgumentNullException.ThrowIfNull(runner);
        string bin = Path.Combine(runner.Folder, "bin");
        Directory.CreateDirectory(bin);
        string program = Path.Combine(bin, "Runner.Listener");
        if (!File.Exists(program)) File.Copy("/bin/bash", program);
        // It reads from a pipe that it holds open itself: it never ends, and has no child.
        return (program, ["-c", "[ -p \"$1\" ] || mkfifo \"$1\"; exec 3<>\"$1\"; read -r line <&3", "run", Path.Combine(bin, "pipe")]);
    }

    /// <summary>Starts it.</summary>
    public static Process Start(SimulatedRunner runner)
    {
        (string program, string[] arguments) = Prepare(runner);
        return Process.Start(new ProcessStartInfo(program, arguments) { UseShellExecute = false }) ?? throw new InvalidOperationException($"{program} did not start");
    }
}
