using System.Runtime.InteropServices;
using CiMetrics.AlloyRunner.Simulator;

if (args is not [var folder])
{
    Console.Error.WriteLine("usage: CiMetrics.AlloyRunner.Simulator FOLDER");
    return 2;
}

using CancellationTokenSource stop = new();
using PosixSignalRegistration terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
using PosixSignalRegistration interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
Console.WriteLine($"a made-up runner writes {Path.Combine(Path.GetFullPath(folder), "runner.log")}");
await new RunnerStory(folder).RunAsync(stop.Token);
return 0;

void Stop(PosixSignalContext signal)
{
    signal.Cancel = true;
    stop.Cancel();
}
