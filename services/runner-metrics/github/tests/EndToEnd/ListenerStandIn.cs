using CiMetrics.GitHubRunner.Simulator;
using CiMetrics.Testing;

namespace CiMetrics.GitHubRunner.Tests.EndToEnd;

/// <summary>A real process of the name and the command line of a runner's listener, which waits until it is killed.</summary>
internal static class ListenerStandIn
{
    public static ServiceProcess Start(SimulatedRunner runner)
    {
        string bin = Path.Combine(runner.Folder, "bin");
        Directory.CreateDirectory(bin);
        string program = Path.Combine(bin, "Runner.Listener");
        if (!File.Exists(program)) File.Copy("/bin/bash", program);
        string pipe = Path.Combine(bin, "pipe");
        // It reads from a pipe that it holds open itself: it never ends, and has no child.
        return ServiceProcess.Start(program, ["-c", "[ -p \"$1\" ] || mkfifo \"$1\"; exec 3<>\"$1\"; read -r line <&3", "run", pipe]);
    }
}
