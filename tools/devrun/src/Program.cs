using System.Runtime.InteropServices;
using CiMetrics.DevRun;

using CancellationTokenSource stop = new();
void Stop(PosixSignalContext context)
{
    context.Cancel = true;
    stop.Cancel();
}

using PosixSignalRegistration interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
using PosixSignalRegistration terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
using PosixSignalRegistration hangUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, Stop);

DirectoryInfo work = Directory.CreateTempSubdirectory("ci-runner-metrics-");
try
{
    return await new Run(Directory.GetCurrentDirectory(), work.FullName).ExecuteAsync(stop.Token);
}
finally
{
    work.Delete(recursive: true);
}
