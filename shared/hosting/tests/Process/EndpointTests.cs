using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using CiMetrics.Testing;

namespace CiMetrics.Hosting.Tests;

[Parallelizable(ParallelScope.All)]
[FixtureLifeCycle(LifeCycle.SingleInstance)]
public sealed class EndpointTests
{
    private RunningSample _sample = null!;

    [OneTimeSetUp]
    public async Task Start() => _sample = await Sample.StartAsync();

    [OneTimeTearDown]
    public async Task Stop() => await _sample.DisposeAsync();

    [TestCase("/health", "OK\n")]
    [TestCase("/-/healthy", "OK\n")]
    [TestCase("/-/ready", "Ready\n")]
    public async Task A_health_path_says_its_state_and_nothing_else(string path, string text)
    {
        using var response = await _sample.SendAsync(HttpMethod.Get, path);
        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.OK));
        Assert.That(response.Content.Headers.ContentType!.ToString(), Is.EqualTo("text/plain; charset=utf-8"));
        Assert.That(await response.Content.ReadAsStringAsync(), Is.EqualTo(text));
    }

    [TestCase("/metrics")]
    [TestCase("/health")]
    [TestCase("/-/ready")]
    [TestCase("/")]
    [TestCase("/no/such/path")]
    public async Task Head_gives_the_length_and_no_body(string path)
    {
        using var get = await _sample.SendAsync(HttpMethod.Get, path);
        using var head = await _sample.SendAsync(HttpMethod.Head, path);
        Assert.That(head.StatusCode, Is.EqualTo(get.StatusCode));
        Assert.That(head.Content.Headers.ContentType, Is.EqualTo(get.Content.Headers.ContentType));
        // The numbers in the metrics may have grown by a digit in between.
        Assert.That(head.Content.Headers.ContentLength, Is.EqualTo(get.Content.Headers.ContentLength).Within(path == "/metrics" ? 100 : 0));
        Assert.That(await head.Content.ReadAsByteArrayAsync(), Is.Empty);
        // A client that reads the raw bytes sees no body either.
        Assert.That(await _sample.RawAsync($"HEAD {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"), Does.EndWith("\r\n\r\n"));
    }

    [TestCase("POST", "/metrics", "GET, HEAD")]
    [TestCase("PUT", "/metrics", "GET, HEAD")]
    [TestCase("DELETE", "/-/ready", "GET, HEAD")]
    [TestCase("POST", "/", "GET, HEAD")]
    [TestCase("OPTIONS", "/health", "GET, HEAD")]
    [TestCase("GET", "/echo", "POST")]
    public async Task Another_method_is_refused_with_the_allowed_ones(string method, string path, string allowed)
    {
        using var response = await _sample.SendAsync(new HttpMethod(method), path);
        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.MethodNotAllowed));
        Assert.That(string.Join(", ", response.Content.Headers.Allow), Is.EqualTo(allowed));
    }

    [TestCase("/metrics/")]
    [TestCase("/Metrics")]
    [TestCase("/favicon.ico")]
    [TestCase("/-/")]
    [TestCase("//")]
    public async Task Any_other_path_is_not_found(string path) =>
        Assert.That(await _sample.RawAsync($"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"), Does.StartWith("HTTP/1.1 404 "));

    [Test]
    public async Task The_landing_page_escapes_links_and_allows_nothing()
    {
        using var response = await _sample.SendAsync(HttpMethod.Get, "/");
        var page = await response.Content.ReadAsStringAsync();
        Assert.That(response.Content.Headers.ContentType!.ToString(), Is.EqualTo("text/html; charset=utf-8"));
        Assert.That(page, Does.Contain("<h1>Hosting &lt;sample&gt;</h1>").And.Contain("Watches &lt;nothing&gt;").And.Contain("Watches nothing &amp; says so"));
        Assert.That(page, Does.Contain("<a href=\"/metrics\">").And.Contain("<a href=\"/-/ready\">").And.Contain("<a href=\"/slow\">").And.Contain("1.2.3").And.Contain("abcdef0"));
        Assert.That(page, Does.Not.Contain("{{").And.Not.Contain("<script"));
        var style = page.Split("<style>")[1].Split("</style>")[0];
        var hash = Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(style)));
        Assert.That(response.Headers.GetValues("Content-Security-Policy").Single(), Does.StartWith($"default-src 'none'; style-src 'sha256-{hash}'; "));
        Assert.That(response.Headers.GetValues("X-Content-Type-Options").Single(), Is.EqualTo("nosniff"));
        Assert.That(response.Headers.Contains("Server"), Is.False);
    }

    [Test]
    public async Task A_scrape_is_whole_and_gzipped_on_request()
    {
        var plain = await _sample.GetTextAsync("/metrics");
        using var request = new HttpRequestMessage(HttpMethod.Get, "/metrics");
        request.Headers.Add("Accept-Encoding", "gzip");
        using var response = await _sample.Client.SendAsync(request);
        Assert.That(response.Content.Headers.ContentEncoding, Is.EqualTo(new[] { "gzip" }));
        Assert.That(response.Content.Headers.ContentLength, Is.LessThan(plain.Length / 2));
        await using var unzipped = new System.IO.Compression.GZipStream(await response.Content.ReadAsStreamAsync(), System.IO.Compression.CompressionMode.Decompress);
        using var reader = new StreamReader(unzipped);
        Assert.That(await reader.ReadToEndAsync(), Does.Contain("sample_workers{sample_id=\"a\"} 4\n"));
    }

    [Test]
    public async Task The_own_process_and_runtime_are_measured()
    {
        var metrics = await _sample.GetTextAsync("/metrics");
        Assert.That(metrics, Does.Contain($"exporter_build_info{{version=\"1.2.3\",revision=\"abcdef0\",dotnet_version=\"{Environment.Version}\"}} 1\n"));
        Assert.That(metrics, Does.Contain("exporter_loop_running{loop=\"watch\"} 1\n"));
        Assert.That(metrics, Does.Contain("exporter_collector_errors_total{collector=\"process\"} 0\n"));
        Assert.That(Value(metrics, "process_resident_memory_bytes"), Is.InRange(5e6, 1e9));
        Assert.That(Value(metrics, "process_virtual_memory_bytes"), Is.GreaterThan(Value(metrics, "process_resident_memory_bytes")));
        Assert.That(Value(metrics, "process_cpu_seconds_total"), Is.InRange(0, 600));
        Assert.That(Value(metrics, "process_threads"), Is.InRange(2, 1000));
        Assert.That(Value(metrics, "process_open_fds"), Is.InRange(3, Value(metrics, "process_max_fds")));
        Assert.That(DateTimeOffset.FromUnixTimeSeconds((long)Value(metrics, "process_start_time_seconds")), Is.EqualTo(DateTimeOffset.UtcNow).Within(TimeSpan.FromMinutes(10)));
        Assert.That(Value(metrics, "dotnet_gc_collections_total{generation=\"2\"}"), Is.GreaterThanOrEqualTo(0));
        Assert.That(Value(metrics, "dotnet_gc_heap_size_bytes"), Is.InRange(1e4, 1e9));
        Assert.That(Value(metrics, "dotnet_gc_allocated_bytes_total"), Is.GreaterThan(0));
        Assert.That(Value(metrics, "dotnet_threadpool_threads"), Is.InRange(1, 1000));
        Assert.That(await Promtool.CheckMetricsAsync(metrics), Is.EqualTo((0, "")));
    }

    [Test]
    public async Task An_endpoint_that_throws_gives_500_and_a_short_body()
    {
        using var response = await _sample.SendAsync(HttpMethod.Get, "/fail");
        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.InternalServerError));
        Assert.That(await response.Content.ReadAsStringAsync(), Is.EqualTo("500 internal error\n"));
        await _sample.Process.WaitForAsync(line => line.Contains("level=error msg=\"A request failed\" path=/fail", StringComparison.Ordinal));
    }

    [Test]
    public async Task Requests_beyond_the_limits_are_refused()
    {
        Assert.That(await _sample.RawAsync($"GET /{new string('x', 9000)} HTTP/1.1\r\nHost: x\r\n\r\n"), Does.StartWith("HTTP/1.1 414 "));
        Assert.That(await _sample.RawAsync($"GET / HTTP/1.1\r\nHost: x\r\nX: {new string('x', 20000)}\r\n\r\n"), Does.StartWith("HTTP/1.1 431 "));
        Assert.That(await _sample.RawAsync("nonsense\r\n\r\n"), Does.StartWith("HTTP/1.1 400 "));
        using var body = new ByteArrayContent(new byte[1024 * 1024 + 1]);
        using var response = await _sample.Client.PostAsync(new Uri("/echo", UriKind.Relative), body);
        Assert.That((int)response.StatusCode, Is.EqualTo(413));
    }

    [Test]
    public async Task OpenMetrics_is_given_only_where_it_is_enabled()
    {
        const string accept = "application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5";
        await using var enabled = await Sample.StartAsync("--web.enable-openmetrics", "--web.telemetry-path=/m");
        Assert.That(await ContentTypeAsync(enabled, "/m", accept), Does.StartWith("application/openmetrics-text; version=1.0.0"));
        Assert.That(await ContentTypeAsync(_sample, "/metrics", accept), Does.StartWith("text/plain; version=0.0.4"));
        using var notThere = await enabled.SendAsync(HttpMethod.Get, "/metrics");
        Assert.That(notThere.StatusCode, Is.EqualTo(HttpStatusCode.NotFound));
        Assert.That(await enabled.GetTextAsync("/"), Does.Contain("<a href=\"/m\">"));
    }

    [Test]
    public async Task The_own_process_and_runtime_are_left_out_on_request()
    {
        await using var bare = await Sample.StartAsync("--web.disable-exporter-metrics");
        var metrics = await bare.GetTextAsync("/metrics");
        Assert.That(metrics, Does.Not.Contain("process_").And.Not.Contain("dotnet_gc").And.Not.Contain("dotnet_threadpool"));
        Assert.That(metrics, Does.Contain("exporter_build_info{").And.Contain("exporter_loop_running{").And.Contain("sample_workers{"));
    }

    private static async Task<string> ContentTypeAsync(RunningSample sample, string path, string accept)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.TryAddWithoutValidation("Accept", accept);
        using var response = await sample.Client.SendAsync(request);
        return response.Content.Headers.ContentType!.ToString();
    }

    private static double Value(string metrics, string series) => double.Parse(
        metrics.Split('\n').Single(line => line.StartsWith(series + " ", StringComparison.Ordinal))[(series.Length + 1)..]);
}
