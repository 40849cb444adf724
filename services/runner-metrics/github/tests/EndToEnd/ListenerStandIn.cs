using CiMetrics.GitHubRunner.Simulator;
using CiMetrics.Testing;

namespace CiMetrics.GitHubRunner.Tests.EndToEnd;

/// <summary>The simulated listener as a process of the test's.</summary>
internal static class ListenerStandIn
{
    public static ServiceProcess Start(SimulatedRunner runner)
    {
        (string program, string[] arguments) = SimulatedListener.Prepare(runner);
        return ServiceProcess.Start(program, arguments);
    }
}
