using System.Net;
using System.Net.Sockets;
using System.Text;
using CiMetrics.Testing;

namespace CiMetrics.Hosting.Tests;

/// <summary>Clients that are slow, idle, many or wrong harm neither scrapes nor health.</summary>
[Parallelizable(ParallelScope.All)]
public sealed class LimitTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    [Test]
    public async Task Headers_that_do_not_come_to_an_end_are_408()
    {
        await using var sample = await Sample.StartAsync();
        using var slow = await ConnectAsync(sample);
        await SendAsync(slow, "GET /metrics HTTP/1.1\r\nHost: x\r\n");
        var answer = AnswerAsync(slow);
        // A header now and then does not win time.
        for (var i = 0; !answer.IsCompleted; i++)
        {
            await TrySendAsync(slow, $"X-{i}: y\r\n");
            await AssertServesAsync(sample);
            await Task.WhenAny(answer, Task.Delay(500));
        }
        Assert.That(await answer, Does.StartWith("HTTP/1.1 408 "));
    }

    [Test]
    public async Task A_body_that_does_not_come_is_408()
    {
        await using var sample = await Sample.StartAsync();
        using var slow = await ConnectAsync(sample);
        await SendAsync(slow, "POST /count HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nx");
        await AssertServesAsync(sample);
        Assert.That(await AnswerAsync(slow), Does.StartWith("HTTP/1.1 408 "));
        using var whole = new StringContent(new string('x', 1000));
        using var response = await sample.Client.PostAsync(new Uri("/count", UriKind.Relative), whole);
        Assert.That(await response.Content.ReadAsStringAsync(), Is.EqualTo("1000 bytes\n"));
    }

    [Test]
    public async Task A_client_that_does_not_read_its_answer_loses_its_place()
    {
        // 7 MB, more than the system buffers for a client that reads nothing.
        await using var sample = await Sample.StartAsync("--series", "50000", "--web.max-requests", "1");
        using var idle = await ConnectAsync(sample, receiveBuffer: 4096);
        await SendAsync(idle, "GET /metrics HTTP/1.1\r\nHost: x\r\nX-Prometheus-Scrape-Timeout-Seconds: 10\r\n\r\n");
        var begin = new byte["HTTP/1.1 200".Length];
        await idle.ReceiveAsync(begin);
        Assert.That(Encoding.ASCII.GetString(begin), Is.EqualTo("HTTP/1.1 200"));
        using (var busy = await sample.SendAsync(HttpMethod.Get, "/metrics"))
            Assert.That(busy.StatusCode, Is.EqualTo(HttpStatusCode.ServiceUnavailable));
        Assert.That(await sample.GetTextAsync("/-/healthy"), Is.EqualTo("OK\n"));
        await Eventually.TrueAsync(
            async () => (await sample.GetTextAsync("/metrics")).Length > 0,
            "the place of the one that reads nothing is free",
            Patience);
    }

    [Test]
    public async Task A_connection_without_a_request_is_closed()
    {
        await using var sample = await Sample.StartAsync("--web.idle-timeout", "1s");
        using var silent = await ConnectAsync(sample);
        using var used = await ConnectAsync(sample);
        await SendAsync(used, "GET /-/healthy HTTP/1.1\r\nHost: x\r\n\r\n");
        Assert.That(await AnswerAsync(used), Does.StartWith("HTTP/1.1 200 ").And.EndWith("OK\n"));
        Assert.That(await AnswerAsync(silent), Is.Empty);
    }

    [Test]
    public async Task Ten_thousand_connections_harm_no_scrape()
    {
        const int Most = 200;
        await using var sample = await Sample.StartAsync("--web.max-connections", $"{Most}");
        using var late = await ConnectAsync(sample);
        await SendAsync(late, "GET /slow?ms=8000 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
        var lateAnswer = AnswerAsync(late);
        await sample.Process.WaitForAsync(line => line.Contains("what=\"late answer\"", StringComparison.Ordinal));

        var many = new List<Socket>();
        try
        {
            for (var i = 0; i < 10_000; i++)
            {
                many.Add(await ConnectAsync(sample));
                // Some begin a request that never ends.
                if (i % 2 == 0)
                    await TrySendAsync(many[^1], "GET /metrics HTTP/1.1\r\n");
                if (i % 1000 == 999)
                    await AssertServesAsync(sample);
            }
            var metrics = await NewClientTextAsync(sample, "/metrics");
            Assert.That(Value(metrics, "exporter_connections_open"), Is.InRange(Most / 2, Most));
            Assert.That(Value(metrics, "exporter_connections_crowded_out_total"), Is.GreaterThan(5_000));
            Assert.That(Value(metrics, "process_open_fds"), Is.LessThan(Most + 300));
            Assert.That(await AnswerAsync(many[1]), Is.Empty);
            Assert.That(await lateAnswer, Does.StartWith("HTTP/1.1 200 ").And.Contain("late\n"));
        }
        finally
        {
            many.ForEach(socket => socket.Dispose());
        }
    }

    [Test]
    public async Task When_all_are_busy_the_one_that_takes_longest_gives_way()
    {
        await using var sample = await Sample.StartAsync("--web.max-connections", "2");
        using var first = await ConnectAsync(sample);
        await SendAsync(first, "GET /slow?ms=60000 HTTP/1.1\r\nHost: x\r\n\r\n");
        await LateAnswersAsync(sample, 1);
        using var second = await ConnectAsync(sample);
        await SendAsync(second, "GET /slow?ms=60000 HTTP/1.1\r\nHost: x\r\n\r\n");
        await LateAnswersAsync(sample, 2);
        Assert.That(await NewClientTextAsync(sample, "/-/healthy"), Is.EqualTo("OK\n"));
        Assert.That(await AnswerAsync(first), Is.Empty);
        Assert.That(await NewClientTextAsync(sample, "/metrics"), Does.Contain("exporter_connections_open 2\n"));
    }

    [TestCase("GET /metrics HTTP/9.9\r\nHost: x\r\n\r\n", "505")]
    [TestCase("GET  /metrics HTTP/1.1\r\nHost: x\r\n\r\n", "400")]
    [TestCase("GET /metrics\r\nHost: x\r\n\r\n", "400")]
    [TestCase("GET /metrics HTTP/1.1\r\n\r\n", "400")]
    [TestCase("GET /metrics HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n", "400")]
    [TestCase("GET /metrics HTTP/1.1\r\nHost: x\r\nno colon\r\n\r\n", "400")]
    [TestCase("GET /metrics HTTP/1.1\r\nHost: x\r\nX : y\r\n\r\n", "400")]
    [TestCase("GET /metrics HTTP/1.1\r\nHost: x\r\nX: a\0b\r\n\r\n", "400")]
    [TestCase("GET /%00 HTTP/1.1\r\nHost: x\r\n\r\n", "400")]
    [TestCase("POST /count HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n", "400")]
    [TestCase("POST /count HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", "400")]
    [TestCase("POST /count HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n", "400")]
    [TestCase("POST /count HTTP/1.1\r\nHost: x\r\nContent-Length: 1048577\r\n\r\n", "413")]
    [TestCase("\x16\x03\x01\x02\r\n\r\n", "400")]
    public async Task A_malformed_request_is_refused(string request, string status)
    {
        await using var sample = await Sample.StartAsync();
        using var client = await ConnectAsync(sample);
        await SendAsync(client, request);
        Assert.That(await AnswerAsync(client), Does.StartWith($"HTTP/1.1 {status} "));
        await AssertServesAsync(sample);
    }

    private static async Task LateAnswersAsync(RunningSample sample, int count) => await Eventually.TrueAsync(
        () => sample.Process.Log.Count(line => line.Contains("what=\"late answer\"", StringComparison.Ordinal)) == count, $"{count} late answers began");

    private static async Task AssertServesAsync(RunningSample sample)
    {
        Assert.That(await NewClientTextAsync(sample, "/-/healthy"), Is.EqualTo("OK\n"));
        Assert.That(await NewClientTextAsync(sample, "/metrics"), Does.Contain("sample_workers{"));
    }

    private static async Task<string> NewClientTextAsync(RunningSample sample, string path)
    {
        using var client = new HttpClient { BaseAddress = sample.Client.BaseAddress, Timeout = Patience };
        return await client.GetStringAsync(new Uri(path, UriKind.Relative));
    }

    private static double Value(string metrics, string series) => double.Parse(
        metrics.Split('\n').Single(line => line.StartsWith(series + " ", StringComparison.Ordinal))[(series.Length + 1)..]);

    private static async Task<Socket> ConnectAsync(RunningSample sample, int? receiveBuffer = null)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        if (receiveBuffer is { } size)
            socket.ReceiveBufferSize = size;
        await socket.ConnectAsync(IPAddress.Loopback, sample.Port);
        return socket;
    }

    private static async Task SendAsync(Socket socket, string text) => await socket.SendAsync(Encoding.Latin1.GetBytes(text));

    private static async Task TrySendAsync(Socket socket, string text)
    {
        try
        {
            await SendAsync(socket, text);
        }
        catch (SocketException)
        {
            // The server has closed the connection, which is what the caller waits for.
        }
    }

    /// <summary>All that comes until the server closes the connection.</summary>
    private static async Task<string> AnswerAsync(Socket socket)
    {
        using var limit = new CancellationTokenSource(Patience);
        var answer = new MemoryStream();
        var buffer = new byte[4096];
        try
        {
            while (await socket.ReceiveAsync(buffer, limit.Token) is > 0 and var count)
                answer.Write(buffer, 0, count);
        }
        catch (SocketException)
        {
            // A reset ends the connection as well.
        }
        return Encoding.Latin1.GetString(answer.ToArray());
    }
}
