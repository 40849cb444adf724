using System.Diagnostics;
using System.Runtime.InteropServices;
using CiMetrics.GitHubRunner.Simulator;

if (args is not [string folder])
{
    await Console.Error.WriteLineAsync("usage: FOLDER (of the simulated runner)");
    return 2;
}

using CancellationTokenSource stop = new();
using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
SimulatedRunner runner = new(folder, "simulated-runner");
using Process listener = SimulatedListener.Start(runner);
try
{
    await new SimulatedDay(runner).RunAsync(stop.Token);
}
finally
{
    listener.Kill();
}
return 0;

void Stop(PosixSignalContext signal)
{
    signal.Cancel = true;
    stop.Cancel();
}
