using CiMetrics.GitHubRunner.Simulator;

// github simulator FOLDER: a runner with a job every few seconds, until it is stopped.
if (args is not [string folder])
{
    await Console.Error.WriteLineAsync("usage: simulator <runner folder>");
    return 2;
}
using CancellationTokenSource stop = new();
Console.CancelKeyPress += (_, pressed) => (pressed.Cancel, _) = (true, stop.CancelAsync());
using System.Runtime.InteropServices.PosixSignalRegistration terminate =
    System.Runtime.InteropServices.PosixSignalRegistration.Create(System.Runtime.InteropServices.PosixSignal.SIGTERM, signal => (signal.Cancel, _) = (true, stop.CancelAsync()));
await new SimulatedDay(new SimulatedRunner(folder, "simulated-runner")).RunAsync(stop.Token);
return 0;
