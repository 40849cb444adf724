using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace CiMetrics.Receiver.Tests.EndToEnd;

/// <summary>
/// Clients that send events with keys, alone and in arrays, until each is answered with success, and some again after
/// that. What must be counted is known: every key once.
/// </summary>
internal sealed class CrashLoad(IReadOnlyList<Uri> receivers, Random random) : IDisposable
{
    private static readonly string[] Statuses = ["success", "failed", "canceled"];

    private readonly HttpClient _client = new() { Timeout = TimeSpan.FromSeconds(10) };
    private readonly ConcurrentBag<JobToSend> _answered = [];
    private readonly string _run = Guid.NewGuid().ToString("n")[..8];
    private long _next;
    private long _counted;
    private long _duplicates;

    /// <summary>Keys that were answered with success at least once.</summary>
    public IReadOnlyCollection<JobToSend> Answered => _answered;

    /// <summary>Answers <c>counted</c>; fewer than keys where a receiver was killed between storing and answering.</summary>
    public long Counted => Interlocked.Read(ref _counted);

    /// <summary>Answers <c>duplicate</c>.</summary>
    public long Duplicates => Interlocked.Read(ref _duplicates);

    /// <summary>Sends until told to stop; ends once everything that was sent is answered.</summary>
    public Task RunAsync(int clients, CancellationToken stop)
    {
        int[] seeds = [.. Enumerable.Range(0, clients).Select(_ => random.Next())];
        return Task.WhenAll(seeds.Select(seed => Task.Run(() => ClientAsync(new Random(seed), stop), CancellationToken.None)));
    }

    /// <summary>What the counters must be: by name, project and status.</summary>
    public IReadOnlyDictionary<(string Name, string Project, string Status), long> Expected() =>
        _answered.GroupBy(job => (job.Name, job.Project, job.Status)).ToDictionary(group => group.Key, group => group.LongCount());

    public void Dispose() => _client.Dispose();

    private async Task ClientAsync(Random own, CancellationToken stop)
    {
        List<JobToSend> sent = [];
        while (!stop.IsCancellationRequested)
        {
            JobToSend[] jobs = [.. Enumerable.Range(0, own.Next(10) == 0 ? own.Next(2, 20) : 1).Select(_ => New(own))];
            // Repeats travel in the same array as new ones.
            JobToSend[] repeated = sent.Count > 0 && own.Next(4) == 0 ? [sent[own.Next(sent.Count)]] : [];
            await SendAsync([.. jobs, .. repeated], own);
            sent.AddRange(jobs);
            foreach (JobToSend job in jobs) _answered.Add(job);
        }
    }

    private JobToSend New(Random own) => new(
        $"{_run}-{Interlocked.Increment(ref _next)}", $"job_{own.Next(5)}", $"project-{own.Next(4)}", Statuses[own.Next(Statuses.Length)], own.Next(0, 2000));

    private async Task SendAsync(JobToSend[] jobs, Random own)
    {
        string body = jobs.Length == 1 ? jobs[0].Json : $"[{string.Join(',', jobs.Select(job => job.Json))}]";
        while (true)
        {
            try
            {
                using StringContent content = new(body, Encoding.UTF8, "application/json");
                using HttpResponseMessage answer = await _client.PostAsync(receivers[own.Next(receivers.Count)], content);
                string text = await answer.Content.ReadAsStringAsync();
                if (answer.IsSuccessStatusCode)
                {
                    Count(text);
                    return;
                }

                if ((int)answer.StatusCode is not (429 or 503)) throw new AssertionException($"{(int)answer.StatusCode}: {text}");
            }
            catch (Exception exception) when (exception is HttpRequestException or TaskCanceledException or IOException)
            {
                // Killed, before or after it stored the event: nobody knows, so it is sent again.
            }

            await Task.Delay(own.Next(5, 50));
        }
    }

    private void Count(string text)
    {
        using JsonDocument answer = JsonDocument.Parse(text);
        JsonElement[] events = answer.RootElement.TryGetProperty("events", out JsonElement all) ? [.. all.EnumerateArray()] : [answer.RootElement];
        int counted = events.Count(one => one.GetProperty("result").GetString() == "counted");
        Interlocked.Add(ref _counted, counted);
        Interlocked.Add(ref _duplicates, events.Length - counted);
    }
}

/// <summary>An event with its key.</summary>
internal sealed record JobToSend(string Id, string Name, string Project, string Status, int Seconds)
{
    private static readonly DateTimeOffset Start = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    public string Json =>
        $$"""{"id":"{{Id}}","name":"{{Name}}","project":"{{Project}}","status":"{{Status}}","started":"{{Text(Start)}}","finished":"{{Text(Start.AddSeconds(Seconds))}}"}""";

    private static string Text(DateTimeOffset time) => time.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
