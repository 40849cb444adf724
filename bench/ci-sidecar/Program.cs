using CiMetrics.Sidecar.Bench;

// Both programs as users run them: ./build.sh publish comes first.
string root = Directory.GetCurrentDirectory();
using DisposableFolder folder = new();
using RunningProgram receiver = RunningProgram.Start(
    Path.Combine(root, "artifacts/publish/receiver/receiver"),
    ["--web.listen-address=127.0.0.1:18099", "--data-dir", folder.PathOf("data")]);
receiver.WaitFor("msg=\"Listening\"");

using RunningProgram sidecar = RunningProgram.Start(
    Path.Combine(root, "artifacts/publish/exporter/exporter"),
    [folder.PathOf("jobs") + "/", "127.0.0.1:18099", "--spool-dir", folder.PathOf("spool")]);
sidecar.WaitFor("Taking the files");
double start = sidecar.Age.TotalMilliseconds;
await Task.Delay(2000);
double idleMemory = sidecar.ResidentMegabytes();

Delivery.Measure(sidecar, folder.PathOf("jobs"), "first", files: 1);
double firstMemory = sidecar.ResidentMegabytes();
double[] latencies = Delivery.Measure(sidecar, folder.PathOf("jobs"), "job", files: 200);
double busyMemory = sidecar.ResidentMegabytes();
// Half a minute later the methods of the waiting loop have been compiled for good.
await Task.Delay(40_000);
double cpu = await sidecar.CpuPercentAsync(TimeSpan.FromSeconds(30));

Console.WriteLine("| sidecar, published                                       |     value |      aim |");
Console.WriteLine("|----------------------------------------------------------|----------:|---------:|");
Console.WriteLine($"| start to ready                                           | {start,6:0} ms | < 300 ms |");
Console.WriteLine($"| file appears to counted by the receiver, median          | {latencies[latencies.Length / 2],6:0} ms |          |");
Console.WriteLine($"| file appears to counted by the receiver, p99 of {latencies.Length,3}      | {latencies[latencies.Length * 99 / 100],6:0} ms | < 300 ms |");
Console.WriteLine($"| CPU while idle, of one core                              | {cpu,7:0.000}% |  < 0.1 % |");
Console.WriteLine($"| RSS while waiting for the first file                     | {idleMemory,6:0.0} MB |  < 35 MB |");
Console.WriteLine($"| RSS after the first file                                 | {firstMemory,6:0.0} MB |  < 35 MB |");
Console.WriteLine($"| RSS after {latencies.Length,3} files                                      | {busyMemory,6:0.0} MB |          |");
return 0;
