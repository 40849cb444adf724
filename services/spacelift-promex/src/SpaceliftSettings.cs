using System.Security.Cryptography.X509Certificates;
using CiMetrics.Hosting;
using CiMetrics.Spacelift.Api;
using CiMetrics.Spacelift.State;

namespace CiMetrics.Spacelift;

/// <summary>What users can set. The first six are those of the users' document.</summary>
internal sealed class SpaceliftSettings
{
    private readonly Setting<string> _endpoint;
    private readonly Setting<string> _keyId;
    private readonly Setting<string> _authorities;
    private readonly Setting<TimeSpan> _scrapeTimeout;
    private readonly Setting<TimeSpan> _minRefresh;
    private readonly Setting<TimeSpan> _stacksRefresh;
    private readonly Setting<TimeSpan> _driftRefresh;
    private readonly Setting<long> _stacksPages;
    private readonly Setting<long> _driftPages;
    private readonly Setting<long> _callsPerHour;
    private readonly Setting<bool> _noFailScrape;
    private readonly Setting<bool> _noStackLabel;
    private readonly Setting<IReadOnlyList<string>> _spaces;
    private readonly Setting<IReadOnlyList<string>> _stacks;

    public SpaceliftSettings(ServiceSettings settings)
    {
        settings.ReserveLabels("space", "stack", "state", "worker_pool_id", "worker_pool_name", "commit", "operation", "kind", "result", "status", "type");
        _endpoint = settings.Text("api-endpoint", "Your spacelift API endpoint (e.g. https://myaccount.app.spacelift.io)", placeholder: "url").Alias("e")
            .Must(text => text.Length == 0 || ApiEndpoint.Parse(text) is not null ? null : ApiEndpoint.Rule);
        _keyId = settings.Text("api-key-id", "Your spacelift API key ID").Alias("k");
        Secret = settings.Secret("api-key-secret", "Your spacelift API key secret");
        Secret.Text.Alias("s");
        settings.Log.Talkative = settings.Switch("is-development", "Uses settings appropriate during local development").Alias("d");
        settings.ListenOn(settings.Text("listen-address", "The address to listen on for HTTP requests", ":9953", "address").Alias("l"));
        _scrapeTimeout = settings.Duration(
            "scrape-timeout", "The maximum duration to wait for a response from the Spacelift API during scraping",
            TimeSpan.FromSeconds(5), TimeSpan.FromMilliseconds(1), TimeSpan.FromHours(1)).Alias("t");
        _authorities = settings.Text("ca-cert-path", "PEM file of authorities to trust besides those of the system", placeholder: "file")
            .Must(path => path.Length == 0 || ExtraAuthorities.Read(path, out string? rule) is not null ? null : rule);
        _minRefresh = settings.Duration("min-refresh", "How long what was fetched for a scrape serves further ones", TimeSpan.FromSeconds(10), TimeSpan.Zero, TimeSpan.FromHours(1));
        _stacksRefresh = settings.Duration("stacks-refresh", "How often the stacks are listed", TimeSpan.FromMinutes(5), TimeSpan.FromSeconds(1), TimeSpan.FromDays(1));
        _driftRefresh = settings.Duration("drift-refresh", "How often the managed resources are listed", TimeSpan.FromMinutes(30), TimeSpan.FromSeconds(1), TimeSpan.FromDays(1));
        _stacksPages = settings.Number("stacks-max-pages", "Pages of 50 stacks that are read at most", 100, 1, 10_000);
        _driftPages = settings.Number("drift-max-pages", "Pages of 50 resources that are read at most", 400, 1, 100_000);
        _callsPerHour = settings.Number("max-calls-per-hour", "Calls to the API within any 60 minutes at most (0 no limit)", 6000, 0, 1_000_000);
        _noFailScrape = settings.Switch("no-fail-scrape", "Answer 200 with spacelift_up 0 where nothing can be fetched, and not 503");
        _noStackLabel = settings.Switch("no-stack-label", "Leave the label stack empty: one series per space and state");
        _spaces = settings.Repeated("space", "Space whose stacks are shown, with * for anything (default all)", "name");
        _stacks = settings.Repeated("stack", "Stack that is shown, with * for anything (default all)", "name");
        WebhookSecret = settings.Secret("webhook-secret", "Secret of the webhook that sends run events to /webhook (default: there is no such path)");
        Accounts = new Accounts(settings);
        settings.AddCheck(() => _endpoint.Value.Length > 0 || !HasAccount ? [] : ["--api-endpoint must be given: the URL of your account"], _endpoint);
        settings.AddCheck(() => _keyId.Value.Length > 0 || !HasAccount ? [] : ["--api-key-id must be given"], _keyId);
        settings.AddCheck(() => WebhookSecret.Value is { } webhook && webhook.Trim().Length == 0 ? ["--webhook-secret must not be empty"] : [], WebhookSecret.Text, WebhookSecret.File);
        settings.AddCheck(() => !HasAccount ? [] : Secret.Value is null ? ["--api-key-secret or --api-key-secret-file must be given"] : Secret.Value.Trim().Length == 0 ? ["--api-key-secret must not be empty"] : [], Secret.Text, Secret.File);
    }

    /// <summary>The account of <c>/metrics</c>; null where only those of the config file are watched.</summary>
    public AccountKey? Main => _endpoint.Value.Length == 0 ? null : new AccountKey(ApiEndpoint.Parse(_endpoint.Value)!, _keyId.Value, SecretSource.Of(Secret));

    /// <summary>The accounts of the config file.</summary>
    public Accounts Accounts { get; }

    /// <summary>The secret of the webhook; null: none is received.</summary>
    public SecretSource? Webhook => WebhookSecret.Value is null ? null : SecretSource.Of(WebhookSecret);

    /// <summary>How long the API has for a scrape.</summary>
    public TimeSpan ScrapeTimeout => _scrapeTimeout.Value;

    /// <summary>How long what was fetched serves further scrapes.</summary>
    public TimeSpan MinRefresh => _minRefresh.Value;

    /// <summary>How often stacks are listed.</summary>
    public TimeSpan StacksRefresh => _stacksRefresh.Value;

    /// <summary>How often managed resources are listed.</summary>
    public TimeSpan DriftRefresh => _driftRefresh.Value;

    /// <summary>The most pages of stacks.</summary>
    public long StacksPages => _stacksPages.Value;

    /// <summary>The most pages of managed resources.</summary>
    public long DriftPages => _driftPages.Value;

    /// <summary>The calls within 60 minutes; 0: no limit.</summary>
    public long CallsPerHour => _callsPerHour.Value;

    /// <summary>Whether a scrape for which nothing could be fetched fails.</summary>
    public bool FailsScrapes => !_noFailScrape.Value;

    /// <summary>Which stacks get series.</summary>
    public ShownStacks Shown => new(_spaces.Value, _stacks.Value, !_noStackLabel.Value);

    private Secret Secret { get; }

    private Secret WebhookSecret { get; }

    // Where accounts are named in the config file the one of the command line may be left out, but not given by half.
    private bool HasAccount => !Accounts.Any || _endpoint.Value.Length > 0 || _keyId.Value.Length > 0 || Secret.Value is not null;

    /// <summary>The authorities of <c>--ca-cert-path</c>; null without it.</summary>
    public X509Certificate2Collection? Authorities() => _authorities.Value.Length == 0 ? null : ExtraAuthorities.Read(_authorities.Value, out _);
}
