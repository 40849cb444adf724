using System.Globalization;
using CiMetrics.Testing;

namespace CiMetrics.Sidecar.Tests.EndToEnd;

/// <summary>
/// Jobs write files while sidecars, receivers and their database are killed and the network between them loses requests
/// and answers: at the end every event is counted exactly once.
/// </summary>
[NonParallelizable]
public sealed class CrashTests
{
    private const int Sidecars = 3;

    [Test]
    public Task Five_kills_lose_nothing_and_count_nothing_twice() => OnJournalAsync(kills: 5);

    [Test]
    [Category("Stress")]
    public Task Fifty_kills_lose_nothing_and_count_nothing_twice() => OnJournalAsync(kills: 50);

    [Test]
    public Task Five_kills_of_sidecars_replicas_and_PostgreSQL_lose_nothing_and_count_nothing_twice() => OnPostgresAsync(kills: 5);

    [Test]
    [Category("Stress")]
    public Task Fifty_kills_of_sidecars_replicas_and_PostgreSQL_lose_nothing_and_count_nothing_twice() => OnPostgresAsync(kills: 50);

    private static async Task OnJournalAsync(int kills)
    {
        await using CrashScene scene = new(Seed.Random(out _));
        int receiver = await scene.AddReceiverAsync("--data-dir", scene.Folder.PathOf("data"));
        await RunAsync(scene, [receiver, receiver, receiver], kills, "/metrics");
    }

    private static async Task OnPostgresAsync(int kills)
    {
        await using PostgresServer database = await PostgresServer.StartAsync();
        await using CrashScene scene = new(Seed.Random(out _));
        int[] replicas = [.. await Task.WhenAll(Enumerable.Range(0, Sidecars).Select(_ => scene.AddReceiverAsync("--store", database.Url)))];
        scene.AddVictim(async () =>
        {
            await database.KillAsync();
            await database.LaunchAsync();
        });
        await RunAsync(scene, replicas, kills, "/totals");
    }

    // Each sidecar sends to a receiver of its own, which may be the same.
    private static async Task RunAsync(CrashScene scene, int[] receivers, int kills, string path)
    {
        for (int sidecar = 0; sidecar < Sidecars; sidecar++) await scene.AddSidecarAsync($"{sidecar}", receivers[sidecar]);
        int events = 0;
        for (int kill = 0; kill < kills; kill++)
        {
            for (int file = 0; file < 20; file++) events += WriteJob(scene, kill, file);
            await Task.Delay(scene.Random.Next(400));
            await scene.KillOneAsync();
        }

        scene.Calm();
        await Eventually.TrueAsync(
            () => Enumerable.Range(0, Sidecars).All(sidecar =>
                scene.Files($"jobs{sidecar}", "*.json") == 0 && scene.Files($"spool{sidecar}/events", "*.json") == 0),
            "everything to be delivered",
            TimeSpan.FromMinutes(2));
        for (int sidecar = 0; sidecar < Sidecars; sidecar++)
            Assert.That(scene.Files($"spool{sidecar}/dead-letters", "*"), Is.Zero);
        using HttpClient client = new();
        foreach (int receiver in receivers.Distinct())
        {
            ScrapedText scraped = await ScrapedText.GetAsync(client, new Uri($"http://127.0.0.1:{receiver}{path}"));
            double counted = scraped.Samples.Where(sample => sample.Name.StartsWith("ci_crash_", StringComparison.Ordinal) && sample.Name.EndsWith("_total", StringComparison.Ordinal)).Sum(sample => sample.Value);
            Assert.That(counted, Is.EqualTo(events));
        }
    }

    /// <summary>Writes a file to one sidecar, and now and then the same event to another as well; gives the number of different events.</summary>
    private static int WriteJob(CrashScene scene, int kill, int file)
    {
        Random random = scene.Random;
        string name = string.Create(CultureInfo.InvariantCulture, $"{kill}-{file}");
        int count = random.Next(4) == 0 ? random.Next(2, 6) : 1;
        bool isRepeated = random.Next(5) == 0;
        string[] lines = [.. Enumerable.Range(0, count).Select(index =>
            $$"""{{{(isRepeated ? $"\"id\":\"{name}-{index}\"," : "")}}"started":"2026-01-01T00:00:00Z","status":"success","project":"p{{random.Next(3)}}","name":"crash {{(char)('a' + random.Next(3))}}","n":"{{name}}-{{index}}"}""")];
        string text = string.Join('\n', lines) + "\n";
        int sidecar = random.Next(Sidecars);
        scene.Folder.Write($"jobs{sidecar}/{name}.json", text);
        if (isRepeated) scene.Folder.Write($"jobs{(sidecar + 1) % Sidecars}/{name}.json", text);
        return count;
    }
}
