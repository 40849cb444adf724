using System.Globalization;
using CiMetrics.Durable;
using CiMetrics.Exposition;
using CiMetrics.Hosting;
using CiMetrics.Receiver.Catalog;
using CiMetrics.Receiver.Ledger;
using CiMetrics.Receiver.Storage.Postgres;
using Npgsql;

namespace CiMetrics.Receiver;

/// <summary>What users can set.</summary>
internal sealed class ReceiverSettings
{
    private const string Journal = "journal";
    private const string BucketsRule = "must be numbers of seconds in rising order between commas, such as 60,120,300";

    private readonly Setting<string> _buckets;
    private readonly Setting<long> _maxNames;
    private readonly Setting<long> _maxProjects;
    private readonly Setting<long> _maxSeries;
    private readonly Setting<long> _maxKeys;
    private readonly Setting<long> _journalLimit;
    private readonly Setting<TimeSpan> _keyRetention;
    private readonly Setting<bool> _zeroFirst;
    private readonly Setting<TimeSpan> _zeroFirstHold;
    private readonly Setting<bool> _created;
    private readonly Setting<string> _tokenFile;
    private readonly Setting<string> _catalog;
    private readonly string _defaultFolder = StateHome.Of("ci-receiver") ?? "";

    public ReceiverSettings(ServiceSettings settings)
    {
        settings.ReserveLabels("project", "status", "code", "field", "limit", "reason", "result");
        DataFolder = settings.Text("data-dir", "Folder of the ledger (default: ci-receiver in the user's state folder)", placeholder: "folder");
        Store = settings.Secret("store", "journal (files in --data-dir), or the address of a PostgreSQL database that replicas share: postgres://user@host/database");
        Store.Text.Must(StoreProblem);
        Store.File.Must(StoreProblem);
        settings.AddCheck(() => DataFolder.Value.Length + _defaultFolder.Length > 0 ? [] : ["--data-dir must be given: there is no HOME to find a folder in"], DataFolder);
        _keyRetention = settings.Duration(
            "dedup-retention", "How long the key of an event is remembered", TimeSpan.FromDays(14), TimeSpan.FromMinutes(1), TimeSpan.FromDays(366));
        _maxKeys = settings.Number("dedup-max-keys", "Keys remembered at most (up to 31 bytes each); the oldest go", 2_000_000, 1, 100_000_000);
        _journalLimit = settings.Number(
            "journal-max-bytes", "Length of the journal from which on a snapshot takes its place", 64 << 20, 4096, 1L << 40);
        _buckets = settings.Text("buckets", "Bounds of the durations' buckets in seconds", "60,120,300,600,900,1200", "seconds,...")
            .Must(text => ParseBuckets(text) is null ? BucketsRule : null);
        _maxNames = settings.Number("max-names", "Names counted by themselves; further ones are counted as other", 500, 1, 100_000);
        _maxProjects = settings.Number("max-projects", "Projects counted by themselves; further ones are counted as other", 10_000, 1, 1_000_000);
        _maxSeries = settings.Number("max-series", "Counters at most; further ones are counted in their name's project other", 50_000, 1, 1_000_000);
        _zeroFirst = settings.Switch("zero-first", "Show a new series as 0 first, so that increase() sees its first job");
        _zeroFirstHold = settings.Duration(
            "zero-first-hold", "How long a new series is shown as 0; longer than two scrape intervals", TimeSpan.FromSeconds(60), TimeSpan.FromSeconds(1), TimeSpan.FromHours(1));
        _catalog = settings.Text("catalog", "JSON file of series that are there at 0 before their first job", placeholder: "file");
        settings.AddCheck(() => CatalogProblem() is { } rule ? [$"--catalog {rule}; it is \"{_catalog.Value}\""] : [], _catalog, _maxSeries);
        _created = settings.Switch("created-timestamps", "Show in OpenMetrics when each series began to count");
        settings.Web.CreatedTimestamps = _created;
        settings.AddCheck(
            () => _created.Value && !settings.Web.EnableOpenMetrics.Value ? ["--created-timestamps needs --web.enable-openmetrics"] : [], _created, settings.Web.EnableOpenMetrics);
        _tokenFile = settings.Text("token-file", "File of tokens that senders must have: a token and, optionally, its project on each line", placeholder: "file")
            .Must(path => path.Length == 0 || Access.TokenFile.Read(path, out string? rule) is not null ? null : rule);
    }

    private Setting<string> DataFolder { get; }

    private Secret Store { get; }

    /// <summary>The database that replicas share; null: the ledger is in the folder.</summary>
    public NpgsqlConnectionStringBuilder? Database => Store.Value is null or Journal ? null : PostgresAddress.Parse(Store.Value, out _);

    /// <summary>The folder of the ledger.</summary>
    public string Folder => DataFolder.Value.Length > 0 ? DataFolder.Value : _defaultFolder;

    /// <summary>What bounds the ledger.</summary>
    public LedgerLimits Limits() => new((int)_maxNames.Value, (int)_maxProjects.Value, (int)_maxSeries.Value, (int)_maxKeys.Value, _keyRetention.Value);

    /// <summary>The histograms' buckets.</summary>
    public BucketBounds Bounds() => ParseBuckets(_buckets.Value)!;

    /// <summary>The length of the journal, in bytes, from which on a snapshot takes its place.</summary>
    public long JournalLimit => _journalLimit.Value;

    /// <summary>How long a new series is 0; zero: never.</summary>
    public TimeSpan ZeroFirst => _zeroFirst.Value ? _zeroFirstHold.Value : TimeSpan.Zero;

    /// <summary>Whether OpenMetrics shows when each series began to count.</summary>
    public bool CreatedTimestamps => _created.Value;

    /// <summary>The file of tokens; empty: everybody may send.</summary>
    public string TokenFile => _tokenFile.Value;

    /// <summary>The series that are there before their first job.</summary>
    public IReadOnlyList<(SeriesKey Key, string Original)> Catalog() =>
        _catalog.Value.Length == 0 ? [] : JobCatalog.Read(_catalog.Value, _maxSeries.Value, out _) ?? [];

    private string? CatalogProblem()
    {
        if (_catalog.Value.Length == 0) return null;
        _ = JobCatalog.Read(_catalog.Value, _maxSeries.Value, out string? rule);
        return rule;
    }

    private static string? StoreProblem(string? address)
    {
        if (address is null or Journal) return null;
        _ = PostgresAddress.Parse(address, out string? rule);
        return rule;
    }

    private static BucketBounds? ParseBuckets(string text)
    {
        string[] parts = text.Split(',');
        double[] bounds = new double[parts.Length];
        for (int i = 0; i < parts.Length; i++)
        {
            if (!double.TryParse(parts[i], NumberStyles.AllowDecimalPoint | NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture, out bounds[i])) return null;
        }

        try
        {
            return parts.Length > 100 ? null : new BucketBounds(bounds);
        }
        catch (ArgumentException)
        {
            return null;
        }
    }
}
