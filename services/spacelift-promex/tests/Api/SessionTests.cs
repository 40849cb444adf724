using CiMetrics.Exposition;
using CiMetrics.Spacelift.Api;
using CiMetrics.Spacelift.Simulator;
using CiMetrics.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace CiMetrics.Spacelift.Tests.Api;

/// <summary>When a token is asked for, and which one is used.</summary>
public sealed class SessionTests
{
    private static readonly Operation<UsageData> Usage = new("usage", ApiJson.Default.UsageData);

    [Test]
    public async Task A_renewal_that_fails_leaves_the_token_in_use_until_its_end()
    {
        await using FakeSpacelift api = await FakeSpacelift.StartAsync();
        api.TokenLife = TimeSpan.FromSeconds(100);
        ManualTime time = new(DateTimeOffset.UtcNow);
        using Parts parts = new(api, time);
        string? token = (await parts.Session.TokenAsync(null, CancellationToken.None)).Value;
        api.Plan = call => call.Operation == "apiKeyUser" ? new FakeAnswer(Status: 400) : null;
        time.Advance(TimeSpan.FromSeconds(80));
        Assert.That((await parts.Session.TokenAsync(null, CancellationToken.None)).Value, Is.EqualTo(token).And.Not.Null);
        Assert.That((await parts.Session.TokenAsync(rejected: token, CancellationToken.None)).Error?.Message, Does.Contain("HTTP 400"), "not one that was rejected");
        time.Advance(TimeSpan.FromSeconds(40));
        Assert.That((await parts.Session.TokenAsync(null, CancellationToken.None)).Error?.Message, Does.Contain("HTTP 400"));
    }

    [Test]
    public async Task Who_goes_away_does_not_end_the_exchange_for_the_others()
    {
        await using FakeSpacelift api = await FakeSpacelift.StartAsync();
        TaskCompletionSource<bool> asked = new(TaskCreationOptions.RunContinuationsAsynchronously);
        api.Plan = call =>
        {
            asked.TrySetResult(true);
            return new FakeAnswer(Delay: TimeSpan.FromSeconds(1));
        };
        using Parts parts = new(api, TimeProvider.System);
        using CancellationTokenSource impatient = new();
        Task<ApiResult<string>> first = parts.Session.TokenAsync(null, impatient.Token);
        await asked.Task;
        Task<ApiResult<string>> second = parts.Session.TokenAsync(null, CancellationToken.None);
        await impatient.CancelAsync();
        Assert.That(async () => await first, Throws.InstanceOf<OperationCanceledException>());
        Assert.That((await second).Value, Is.EqualTo(api.Token).And.Not.Null);
        Assert.That(api.Count("apiKeyUser"), Is.EqualTo(1));
    }

    [Test]
    public async Task The_token_from_before_is_not_shown_either()
    {
        await using FakeSpacelift api = await FakeSpacelift.StartAsync();
        using Parts parts = new(api, TimeProvider.System);
        string first = (await parts.Session.TokenAsync(null, CancellationToken.None)).Value!;
        string second = (await parts.Session.TokenAsync(rejected: first, CancellationToken.None)).Value!;
        Assert.That(parts.Session.Redact($"bad {first} and {second} of {api.Secret} by http://user:word@proxy:1/"), Is.EqualTo("bad [secret] and [secret] of [secret] by http://***@proxy:1/"));
    }

    [Test]
    public async Task A_token_that_could_not_be_sent_is_refused_and_not_quoted()
    {
        await using FakeSpacelift api = await FakeSpacelift.StartAsync();
        api.Plan = _ => new FakeAnswer(Body: """{"data":{"apiKeyUser":{"jwt":"tok\nen","validUntil":99999999999}}}""");
        using Parts parts = new(api, TimeProvider.System);
        ApiResult<UsageData> result = await parts.Api.QueryAsync(Usage, null, CancellationToken.None);
        Assert.That(result.Error?.Message, Is.EqualTo("login: the answer's token is none"));
    }

    [Test]
    public async Task A_token_that_is_good_for_nothing_is_renewed_after_a_while()
    {
        await using FakeSpacelift api = await FakeSpacelift.StartAsync();
        ManualTime time = new(DateTimeOffset.UtcNow);
        using Parts parts = new(api, time);
        api.Plan = call => call.Operation == "usage" ? FakeAnswer.Errors("unauthorized") : null;
        for (int i = 0; i < 3; i++) Assert.That((await parts.Api.QueryAsync(Usage, null, CancellationToken.None)).Error?.Kind, Is.EqualTo(ErrorKind.Unauthorized));
        Assert.That(api.Count("apiKeyUser"), Is.EqualTo(2), "not at every query");
        // The server forgets its tokens.
        api.Token = null;
        api.Plan = _ => null;
        time.Advance(TimeSpan.FromMinutes(6));
        Assert.That((await parts.Api.QueryAsync(Usage, null, CancellationToken.None)).Value, Is.Not.Null);
        Assert.That(api.Count("apiKeyUser"), Is.EqualTo(3));
    }

    [Test]
    public async Task An_answer_without_end_is_given_up_and_not_asked_for_again()
    {
        await using FakeSpacelift api = await FakeSpacelift.StartAsync();
        string endless = new(' ', 9 << 20);
        api.Plan = call => call.Operation == "usage" ? new FakeAnswer(Body: endless) : null;
        using Parts parts = new(api, TimeProvider.System);
        ApiError? error = (await parts.Api.QueryAsync(Usage, null, CancellationToken.None)).Error;
        Assert.That(error, Is.EqualTo(new ApiError(ErrorKind.Invalid, "the answer has more than 4 MiB")));
        Assert.That(api.Count("usage"), Is.EqualTo(1));
    }

    private sealed class Parts : IDisposable
    {
        private readonly HttpPost _post;

        public Parts(FakeSpacelift api, TimeProvider time)
        {
            ApiCounts counts = new(Exposition.Metrics.WithCustomRegistry(new CollectorRegistry()));
            _post = new HttpPost(ApiEndpoint.Parse(api.Url)!, TimeSpan.FromSeconds(30), null, time);
            ResilientPost post = new(_post, new CallBudget(0, time), counts, time);
            using TempFolder folder = new();
            SecretSource secret = SecretSource.OfFile(folder.Write("secret", api.Secret));
            secret.Read(out _);
            Session = new Session(post, "key", secret, counts, time, NullLogger.Instance);
            Api = new SpaceliftApi(post, Session, counts, time);
        }

        public Session Session { get; }

        public SpaceliftApi Api { get; }

        public void Dispose() => _post.Dispose();
    }
}
