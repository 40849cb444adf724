using System.Net;
using System.Net.Sockets;
using System.Text;
using CiMetrics.Testing;

namespace CiMetrics.Exposition.Tests;

/// <summary>A real Prometheus reads what the library writes.</summary>
public sealed class PrometheusTests
{
    [TestCase(false)]
    [TestCase(true)]
    public async Task A_real_Prometheus_scrapes_the_same_series_in_both_formats_and_answers_queries(bool openMetrics)
    {
        const string Strange = "quote \" backslash \\ newline \n brace } nul \0 smiley \ud83d\ude00";
        CollectorRegistry registry = BodyTests.Sample(out MetricFactory factory);
        factory.CreateGauge("strange", "A \" \\ \n help \0.", "value").WithLabels(Strange).Set(double.NegativeInfinity);
        factory.CreateGauge("empty_help", "").Set(double.Epsilon);
        await using var server = new TinyServer(registry, openMetrics);
        await using PrometheusServer prometheus = await PrometheusServer.StartAsync(server.Address);

        Assert.That((await prometheus.QueryUntilAsync("up == 1"))[0].Labels["instance"], Is.EqualTo(server.Address));
        Assert.That(server.AskedForOpenMetrics, Is.True, "Prometheus asks for OpenMetrics first");
        Assert.That((await prometheus.QueryAsync("ci_duration_seconds_bucket{le=\"60\"}")).Single().Value, Is.EqualTo(2));
        Assert.That((await prometheus.QueryAsync("ci_duration_seconds_bucket{le=\"+Inf\"} == on(stage) ci_duration_seconds_count")), Has.Count.EqualTo(1));
        Assert.That((await prometheus.QueryAsync("ci_jobs_total")).Single().Labels["result"], Is.EqualTo("failed \"\\\n"));
        Assert.That((await prometheus.QueryAsync("ci_docker_machines")).Single().Value, Is.EqualTo(3));
        Assert.That((await prometheus.QueryAsync("ci_build_info")).Single().Labels["version"], Is.EqualTo("1.2.3"));
        Assert.That((await prometheus.QueryAsync("empty_help")).Single().Value, Is.EqualTo(double.Epsilon));
        (Dictionary<string, string> labels, double value) = (await prometheus.QueryAsync("strange")).Single();
        Assert.That(labels["value"], Is.EqualTo(Strange));
        Assert.That(value, Is.EqualTo(double.NegativeInfinity));
    }

    /// <summary>Answers any request on a connection of its own with a scrape.</summary>
    private sealed class TinyServer : IAsyncDisposable
    {
        private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
        private readonly CollectorRegistry _registry;
        private readonly bool _openMetrics;
        private readonly Task _serving;

        public TinyServer(CollectorRegistry registry, bool openMetrics)
        {
            _registry = registry;
            _openMetrics = openMetrics;
            _listener.Start();
            _serving = ServeAsync();
        }

        public string Address => _listener.LocalEndpoint.ToString()!;

        public bool AskedForOpenMetrics { get; private set; }

        public async ValueTask DisposeAsync()
        {
            _listener.Stop();
            await _serving;
            _listener.Dispose();
        }

        private async Task ServeAsync()
        {
            while (true)
            {
                try
                {
                    using TcpClient client = await _listener.AcceptTcpClientAsync();
                    await AnswerAsync(client.GetStream());
                }
                catch (SocketException)
                {
                    // Stopped.
                    return;
                }
            }
        }

        private async Task AnswerAsync(NetworkStream stream)
        {
            using var reader = new StreamReader(stream, leaveOpen: true);
            var headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
            while (await reader.ReadLineAsync() is { Length: > 0 } line)
                headers[line.Split(':')[0]] = line[(line.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim();
            AskedForOpenMetrics |= ContentNegotiation.Choose(headers["Accept"], null, openMetricsEnabled: true).OpenMetrics;
            using Scrape scrape = await _registry.ScrapeAsync(ContentNegotiation.Choose(headers["Accept"], headers["Accept-Encoding"], _openMetrics));
            string head = $"HTTP/1.1 200 OK\r\nContent-Type: {scrape.ContentType}\r\nContent-Length: {scrape.Length}\r\n"
                + (scrape.ContentEncoding is { } encoding ? $"Content-Encoding: {encoding}\r\n" : "")
                + "Connection: close\r\n\r\n";
            await stream.WriteAsync(Encoding.ASCII.GetBytes(head));
            await stream.WriteAsync(scrape.Bytes());
        }
    }
}
