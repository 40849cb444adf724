using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using CiMetrics.Testing;

namespace CiMetrics.AlloyRunner.Tests.EndToEnd;

/// <summary>Profiles of the published, trimmed program.</summary>
public sealed class PprofTests
{
    [Test]
    public async Task A_profile_does_not_hold_up_the_end_of_the_service()
    {
        using TempFolder folder = new();
        await using Observer observer = await Observer.StartAsync(folder);
        using HttpClient client = new() { BaseAddress = new Uri($"http://127.0.0.1:{observer.Port}") };
        Task<HttpResponseMessage> taking = client.GetAsync(new Uri("/debug/pprof/profile?seconds=60", UriKind.Relative));
        await observer.Process.WaitForAsync(line => line.Contains("Taking a profile", StringComparison.Ordinal));
        Assert.That(await observer.StopAsync(), Is.Zero);
        // It was told, and not cut off when patience ended.
        using HttpResponseMessage answer = await taking;
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.ServiceUnavailable));
    }

    [Test]
    public async Task Every_profile_is_given_and_read()
    {
        using TempFolder folder = new();
        folder.Write("runner.log", "");
        await using Observer observer = await Observer.StartAsync(folder);
        using HttpClient client = Client(observer);
        // Something to be seen: scrapes take processor time and memory.
        using CancellationTokenSource stop = new();
        Task load = Task.Run(async () =>
        {
            while (!stop.IsCancellationRequested) await observer.ScrapeAsync();
        });
        PprofDecoder cpu = new(await client.GetByteArrayAsync(Uri("profile?seconds=3")));
        PprofDecoder heap = new(await client.GetByteArrayAsync(Uri("heap")));
        PprofDecoder allocs = new(await client.GetByteArrayAsync(Uri("allocs?seconds=1")));
        PprofDecoder threads = new(await client.GetByteArrayAsync(Uri("goroutine")));
        PprofDecoder mutex = new(await client.GetByteArrayAsync(Uri("mutex?seconds=0.3")));
        PprofDecoder block = new(await client.GetByteArrayAsync(Uri("block?seconds=0.3")));
        byte[] trace = await client.GetByteArrayAsync(Uri("trace?seconds=0.3"));
        await stop.CancelAsync();
        await load;
        Assert.Multiple(() =>
        {
            Assert.That(cpu.Total("cpu"), Is.GreaterThan(100_000_000));
            Assert.That(cpu.Samples.Any(sample => sample.Stack.Any(function => function.StartsWith("CiMetrics.", StringComparison.Ordinal))), "methods of ours have their names");
            Assert.That(heap.Total("inuse_space"), Is.GreaterThan(100_000));
            Assert.That(heap.Samples.Any(sample => sample.Stack.Any(function => function.Contains("CiMetrics", StringComparison.Ordinal))), "types of ours have their names");
            Assert.That(allocs.Total("alloc_space"), Is.GreaterThan(0));
            Assert.That(threads.Total("goroutine"), Is.GreaterThan(0));
            Assert.That(mutex.SampleTypes[0].Type, Is.EqualTo("contentions"));
            Assert.That(block.SampleTypes[1].Type, Is.EqualTo("delay"));
            Assert.That(trace.AsSpan(0, 8).SequenceEqual("Nettrace"u8));
        });
        string index = await client.GetStringAsync(Uri(""));
        foreach (string name in (string[])["allocs", "block", "cmdline", "goroutine", "heap", "mutex", "profile", "trace"]) Assert.That(index, Does.Contain($"href=\"{name}\""));
        string command = await client.GetStringAsync(Uri("cmdline"));
        Assert.That(command, Does.StartWith("alloy-runner-metrics").And.Not.Contain(folder.Path));
    }

    [Test]
    public async Task Gos_own_tool_reads_every_profile()
    {
        string go = Requires.Program("go", "golang-go");
        using TempFolder folder = new();
        folder.Write("runner.log", "");
        await using Observer observer = await Observer.StartAsync(folder);
        using HttpClient client = Client(observer);
        foreach ((string path, string type) in ((string, string)[])[
            ("profile?seconds=1", "cpu/nanoseconds"), ("heap", "inuse_space/bytes"), ("allocs?seconds=1", "alloc_space/bytes"),
            ("goroutine", "goroutine/count"), ("mutex?seconds=0.3", "delay/nanoseconds"), ("block?seconds=0.3", "delay/nanoseconds")])
        {
            Task load = observer.ScrapeAsync();
            string file = folder.PathOf("profile.pb.gz");
            await File.WriteAllBytesAsync(file, await client.GetByteArrayAsync(Uri(path)));
            await load;
            Assert.That(await GoAsync(go, folder, "-raw", file), Does.Contain(type), path);
            Assert.That(await GoAsync(go, folder, "-top", file), Does.Contain("flat%"), path);
        }
    }

    [Test]
    public async Task The_total_is_the_kernels_figure()
    {
        string go = Requires.Program("go", "golang-go");
        using TempFolder folder = new();
        folder.Write("runner.log", "");
        await using Observer observer = await Observer.StartAsync(folder);
        using HttpClient client = Client(observer);
        using CancellationTokenSource stop = new();
        Task load = Task.Run(async () =>
        {
            while (!stop.IsCancellationRequested) await observer.ScrapeAsync();
        });
        // The first profile loads and compiles what takes profiles.
        await client.GetByteArrayAsync(Uri("profile?seconds=0.5"));
        // The kernel is asked over a time that is not quite the same: on a busy machine its rate may be another one then.
        List<string> differences = [];
        while (differences.Count < 5)
        {
            (double Cpu, long At) before = (Kernel(observer), Stopwatch.GetTimestamp());
            Task<double> kernel = Task.Run(async () =>
            {
                await Task.Delay(5000);
                return (Kernel(observer) - before.Cpu) / Stopwatch.GetElapsedTime(before.At).TotalSeconds;
            });
            string file = folder.PathOf("cpu.pb.gz");
            await File.WriteAllBytesAsync(file, await client.GetByteArrayAsync(Uri("profile?seconds=5")));
            PprofDecoder profile = new(await File.ReadAllBytesAsync(file));
            double told = profile.Total("cpu") / (double)profile.DurationNanoseconds;
            // "Duration: 5s, Total samples = 4.80s (96.00%)"
            string top = await GoAsync(go, folder, "-top", file);
            double read = double.Parse(top.Split("Total samples = ")[1].Split('(', '%')[1], CultureInfo.InvariantCulture) / 100;
            Assert.That(read, Is.EqualTo(told).Within(1).Percent, top);
            double used = await kernel;
            if (Math.Abs(told - used) <= 0.1 * used) break;
            differences.Add($"{told:0.000} of a core in the profile, {used:0.000} in /proc");
        }
        await stop.CancelAsync();
        await load;
        Assert.That(differences, Has.Count.LessThan(5), string.Join('\n', differences));
    }

    [Test]
    public async Task One_at_a_time_bounded_and_with_words_for_mistakes()
    {
        using TempFolder folder = new();
        await using Observer observer = await Observer.StartAsync(folder, null, "--pprof-longest", "2s");
        using HttpClient client = Client(observer);
        Task<byte[]> first = client.GetByteArrayAsync(Uri("profile?seconds=100000"));
        await observer.Process.WaitForAsync(line => line.Contains("Taking a profile", StringComparison.Ordinal));
        using HttpResponseMessage second = await client.GetAsync(Uri("heap"));
        Assert.That((second.StatusCode, string.Join(',', second.Headers.GetValues("X-Go-Pprof"))), Is.EqualTo((HttpStatusCode.ServiceUnavailable, "1")));
        Assert.That(new PprofDecoder(await first).DurationNanoseconds, Is.EqualTo(2_000_000_000));
        foreach (string seconds in (string[])["x", "-1", "0", "NaN", "1e3"])
        {
            using HttpResponseMessage refused = await client.GetAsync(Uri($"profile?seconds={seconds}"));
            Assert.That(refused.StatusCode, Is.EqualTo(HttpStatusCode.BadRequest), seconds);
        }
    }

    [Test]
    public async Task Only_this_machine_is_let_in_and_nobody_through_a_proxy()
    {
        using TempFolder folder = new();
        await using Observer observer = await Observer.StartAsync(folder);
        using HttpClient client = Client(observer);
        using HttpRequestMessage passedOn = new(HttpMethod.Get, Uri("cmdline")) { Headers = { { "X-Forwarded-For", "203.0.113.7" } } };
        using HttpResponseMessage refused = await client.SendAsync(passedOn);
        Assert.That(refused.StatusCode, Is.EqualTo(HttpStatusCode.Forbidden));
        Assert.That(await client.GetStringAsync(Uri("cmdline")), Is.Not.Empty);
    }

    [Test]
    public async Task From_another_address_of_this_machine_nobody_is_let_in()
    {
        (int exitCode, string addresses) = await ServiceProcess.RunAsync("/bin/sh", ["-c", "hostname -I"]);
        string? other = exitCode == 0 ? addresses.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).FirstOrDefault(address => address.Contains('.', StringComparison.Ordinal)) : null;
        if (other is null) Requires.Missing("this machine has no address but loopback");
        using TempFolder folder = new();
        int port = FreePort.Next();
        await using ServiceProcess process = await ServiceProcess.StartAsync(
            Observer.Binary, ["run", "--metrics-server", $":{port}", "--config", folder.PathOf("config.toml"), "--log-file", folder.PathOf("log"), "--state-dir", folder.PathOf("state"), "--process-name", "no-such-runner"],
            line => line.Contains("Listening", StringComparison.Ordinal));
        using HttpClient client = new();
        using HttpResponseMessage answer = await client.GetAsync(new Uri($"http://{other}:{port}/debug/pprof/"));
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.Forbidden));
        using HttpResponseMessage near = await client.GetAsync(new Uri($"http://127.0.0.1:{port}/debug/pprof/"));
        Assert.That(near.StatusCode, Is.EqualTo(HttpStatusCode.OK));
    }

    [Test]
    public async Task With_a_token_it_decides_alone()
    {
        using TempFolder folder = new();
        await using Observer observer = await Observer.StartAsync(folder, null, "--pprof", "token", "--pprof-token-file", folder.Write("token", "t0ken-of-ops\n"));
        using HttpClient client = Client(observer);
        using HttpResponseMessage without = await client.GetAsync(Uri("cmdline"));
        Assert.That(without.StatusCode, Is.EqualTo(HttpStatusCode.Unauthorized));
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", "wrong");
        using HttpResponseMessage wrong = await client.GetAsync(Uri("cmdline"));
        Assert.That(wrong.StatusCode, Is.EqualTo(HttpStatusCode.Unauthorized));
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", "t0ken-of-ops");
        Assert.That(await client.GetStringAsync(Uri("cmdline")), Is.Not.Empty);
        Assert.That(string.Join('\n', observer.Process.Log), Does.Not.Contain("t0ken"));
    }

    [Test]
    public async Task Off_is_off()
    {
        using TempFolder folder = new();
        await using Observer observer = await Observer.StartAsync(folder, null, "--pprof=off");
        using HttpClient client = Client(observer);
        using HttpResponseMessage answer = await client.GetAsync(Uri(""));
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.NotFound));
        Assert.That(Encoding.UTF8.GetString(await client.GetByteArrayAsync(new Uri("/", UriKind.Relative))), Does.Not.Contain("pprof"));
    }

    private static async Task<string> GoAsync(string go, TempFolder folder, string form, string profile)
    {
        (int exitCode, string output) = await ServiceProcess.RunAsync(
            go, ["tool", "pprof", form, profile], new Dictionary<string, string>(StringComparer.Ordinal) { ["HOME"] = folder.Path }, TimeSpan.FromMinutes(1));
        Assert.That(exitCode, Is.Zero, output);
        return output;
    }

    private static double Kernel(Observer observer)
    {
        string line = File.ReadAllText($"/proc/{observer.Process.Pid}/stat");
        string[] fields = line[(line.LastIndexOf(')') + 2)..].Split(' ');
        return (long.Parse(fields[11]) + long.Parse(fields[12])) / 100d;
    }

    private static Uri Uri(string name) => new("/debug/pprof/" + name, UriKind.Relative);

    private static HttpClient Client(Observer observer) => new() { BaseAddress = new Uri($"http://127.0.0.1:{observer.Port}"), Timeout = TimeSpan.FromMinutes(2) };
}
