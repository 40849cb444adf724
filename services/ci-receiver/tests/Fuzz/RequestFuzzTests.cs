using System.Globalization;
using System.Net.Http.Headers;
using System.Text.Json;
using CiMetrics.Receiver.Tests.EndToEnd;
using CiMetrics.Testing;

namespace CiMetrics.Receiver.Tests.Fuzz;

/// <summary>Random requests to the published program.</summary>
public sealed class RequestFuzzTests
{
    [Test]
    public Task What_is_answered_as_counted_is_counted_and_nothing_else_whatever_is_sent() => RunAsync(3_000);

    [Test]
    [Category("Stress")]
    public Task The_same_with_many_more_requests() => RunAsync(300_000);

    private static async Task RunAsync(int requests)
    {
        Random random = Seed.Random(out _);
        RandomRequests source = new(random);
        using TempFolder folder = new();
        await using ReceiverProcess receiver = await ReceiverProcess.StartAsync(folder.PathOf("data"), "--max-names=50", "--max-projects=20", "--max-series=200");
        using HttpClient client = new() { Timeout = TimeSpan.FromSeconds(20) };
        long counted = 0;
        Dictionary<int, int> statuses = [];
        for (int i = 0; i < requests; i++)
        {
            using HttpRequestMessage request = Next(random, source, receiver);
            using HttpResponseMessage answer = await client.SendAsync(request);
            string body = await answer.Content.ReadAsStringAsync();
            statuses[(int)answer.StatusCode] = statuses.GetValueOrDefault((int)answer.StatusCode) + 1;
            if (answer.IsSuccessStatusCode)
            {
                counted += CountedIn(body);
                continue;
            }

            Assert.That((int)answer.StatusCode, Is.EqualTo(400), body);
            Assert.That(answer.Content.Headers.ContentType?.MediaType, Is.EqualTo("application/problem+json"), body);
            Assert.That(JsonDocument.Parse(body).RootElement.GetProperty("detail").GetString(), Is.Not.Empty);
        }

        await TestContext.Out.WriteLineAsync(string.Join(", ", statuses.Select(status => $"{status.Key}: {status.Value}")));
        Assert.That(statuses.Keys, Is.EquivalentTo(new[] { 200, 400 }));
        ScrapedText scrape = await receiver.ScrapeAsync();
        double total = scrape.Samples.Where(sample => sample.Name.StartsWith("ci_", StringComparison.Ordinal) && sample.Name.EndsWith("_total", StringComparison.Ordinal)).Sum(sample => sample.Value);
        Assert.That(total, Is.EqualTo(counted));
        Assert.That(scrape.Value("receiver_names"), Is.LessThanOrEqualTo(51));
        Assert.That(receiver.Log, Has.None.Contains("level=error"));
        Assert.That((await PythonParser.TextAsync(scrape.Text)).Error, Is.Null);
    }

    private static HttpRequestMessage Next(Random random, RandomRequests source, ReceiverProcess receiver)
    {
        if (random.Next(3) == 0)
        {
            // A query goes through the client's own URL rules: what they refuse cannot be sent this way.
            string query = string.Concat(source.Form().Select(c => c is > 32 and < 127 and not (byte)'#' ? ((char)c).ToString(CultureInfo.InvariantCulture) : $"%{c:X2}"));
            return new HttpRequestMessage(HttpMethod.Get, new Uri($"http://{receiver.Target}/steps?{query}"));
        }

        bool json = random.Next(3) > 0;
        ByteArrayContent content = new(json ? source.Json() : source.Form());
        content.Headers.ContentType = MediaTypeHeaderValue.Parse(json ? "application/json" : "application/x-www-form-urlencoded");
        return new HttpRequestMessage(HttpMethod.Post, receiver.Url("/steps")) { Content = content };
    }

    private static long CountedIn(string body)
    {
        using JsonDocument answer = JsonDocument.Parse(body);
        return answer.RootElement.TryGetProperty("counted", out JsonElement counted)
            ? counted.GetInt64()
            : answer.RootElement.GetProperty("result").GetString() == "counted" ? 1 : 0;
    }
}
