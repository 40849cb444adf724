using System.Globalization;
using CiMetrics.Testing;

namespace CiMetrics.Sidecar.Tests.EndToEnd;

/// <summary>
/// Jobs write files while sidecars and the receiver are killed and the network between them loses requests and answers:
/// at the end every event is counted exactly once.
/// </summary>
public sealed class CrashTests
{
    private const int Sidecars = 2;

    [Test]
    public Task Five_kills_lose_nothing_and_count_nothing_twice() => RunAsync(kills: 5);

    [Test]
    [Category("Stress")]
    public Task Fifty_kills_lose_nothing_and_count_nothing_twice() => RunAsync(kills: 50);

    private static async Task RunAsync(int kills)
    {
        Random random = Seed.Random(out _);
        using TempFolder folder = new();
        int port = FreePort.Next();
        await using HttpFaultProxy network = HttpFaultProxy.Start(new Uri($"http://127.0.0.1:{port}"));
        Lock gate = new();
        network.Plan = _ =>
        {
            lock (gate)
            {
                return random.Next(10) switch { 0 => HttpFault.LoseRequest, 1 => HttpFault.LoseAnswer, 2 => HttpFault.Respond(503, ""), _ => HttpFault.None };
            }
        };

        List<(ServiceProcess Process, Func<Task<ServiceProcess>> Start)> victims = [];
        Task<ServiceProcess> StartReceiver() => ServiceProcess.StartAsync(
            Published.Binary("receiver"),
            [$"--web.listen-address=127.0.0.1:{port}", "--data-dir", folder.PathOf("data")],
            line => line.Contains("msg=\"Listening\"", StringComparison.Ordinal));
        victims.Add((await StartReceiver(), StartReceiver));
        for (int sidecar = 0; sidecar < Sidecars; sidecar++)
        {
            string name = $"{sidecar}";
            Directory.CreateDirectory(folder.PathOf("jobs" + name));
            Task<ServiceProcess> StartSidecar() => ServiceProcess.StartAsync(
                RunningSidecar.Binary,
                [folder.PathOf("jobs" + name), network.Address.Authority, "--spool-dir", folder.PathOf("spool" + name), "--request-timeout", "2s"],
                line => line.Contains("Taking the files", StringComparison.Ordinal));
            victims.Add((await StartSidecar(), StartSidecar));
        }

        int events = 0;
        try
        {
            for (int kill = 0; kill < kills; kill++)
            {
                for (int file = 0; file < 20; file++)
                    events += WriteJob(folder, random, kill, file);
                await Task.Delay(random.Next(400));
                int victim = random.Next(victims.Count);
                (ServiceProcess process, Func<Task<ServiceProcess>> start) = victims[victim];
                process.Signal(Signals.Kill);
                await process.WaitForExitAsync();
                await process.DisposeAsync();
                victims[victim] = (await start(), start);
            }

            network.Plan = _ => HttpFault.None;
            await Eventually.TrueAsync(
                () => Enumerable.Range(0, Sidecars).All(sidecar =>
                    Directory.GetFiles(folder.PathOf($"jobs{sidecar}"), "*.json").Length == 0 && Directory.GetFiles(folder.PathOf($"spool{sidecar}", "events"), "*.json").Length == 0),
                "everything to be delivered",
                TimeSpan.FromMinutes(2));
            for (int sidecar = 0; sidecar < Sidecars; sidecar++)
                Assert.That(Directory.GetFileSystemEntries(folder.PathOf($"spool{sidecar}", "dead-letters")), Is.Empty);
            using HttpClient client = new();
            ScrapedText scraped = new(await client.GetStringAsync(new Uri($"http://127.0.0.1:{port}/metrics")));
            double counted = scraped.Samples.Where(sample => sample.Name.StartsWith("ci_crash_", StringComparison.Ordinal) && sample.Name.EndsWith("_total", StringComparison.Ordinal)).Sum(sample => sample.Value);
            Assert.That(counted, Is.EqualTo(events));
        }
        finally
        {
            foreach ((ServiceProcess process, _) in victims)
                await process.DisposeAsync();
        }
    }

    /// <summary>Writes a file to one sidecar, and now and then the same event to the other as well; gives the number of different events.</summary>
    private static int WriteJob(TempFolder folder, Random random, int kill, int file)
    {
        string name = string.Create(CultureInfo.InvariantCulture, $"{kill}-{file}");
        int count = random.Next(4) == 0 ? random.Next(2, 6) : 1;
        bool isRepeated = random.Next(5) == 0;
        string[] lines = [.. Enumerable.Range(0, count).Select(index =>
            $$"""{{{(isRepeated ? $"\"id\":\"{name}-{index}\"," : "")}}"started":"2026-01-01T00:00:00Z","status":"success","project":"p{{random.Next(3)}}","name":"crash {{(char)('a' + random.Next(3))}}","n":"{{name}}-{{index}}"}""")];
        string text = string.Join('\n', lines) + "\n";
        int sidecar = random.Next(Sidecars);
        folder.Write($"jobs{sidecar}/{name}.json", text);
        if (isRepeated) folder.Write($"jobs{(sidecar + 1) % Sidecars}/{name}.json", text);
        return count;
    }
}
