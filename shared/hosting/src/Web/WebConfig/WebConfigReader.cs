using System.Globalization;

namespace CiMetrics.Hosting;

/// <summary>
/// Reads a web configuration file in the format of Prometheus's exporter-toolkit. Stricter where a file would let more
/// in than its author meant: unknown keys, empty values and contradictions are refused, all of them at once.
/// </summary>
internal sealed class WebConfigReader(string file, FilesRead files, IReadOnlyCollection<string> otherUsers, List<Problem> problems)
{
    private const int LargestHeader = 4096;
    private const int MostUsers = 1000;

    // The names that the toolkit allows, and their values where there are only a few.
    private static readonly Dictionary<string, string[]> KnownHeaders = new(StringComparer.Ordinal)
    {
        ["Content-Security-Policy"] = [],
        ["Strict-Transport-Security"] = [],
        ["X-Content-Type-Options"] = ["nosniff"],
        ["X-Frame-Options"] = ["deny", "sameorigin"],
        ["X-XSS-Protection"] = [],
    };

    /// <summary>Reads a text that stands for the file; null after a mistake, which is added to the list.</summary>
    public WebConfig? Read(string text)
    {
        var before = problems.Count;
        if (YamlReader.Read(file, text, problems) is not { } mapping)
            return null;
        var top = new YamlSection(file, "", mapping, problems);
        var tls = top.Section("tls_server_config") is { } section ? new TlsConfigReader(section, files).Read() : null;
        var (http2, headers) = Http(top.Section("http_server_config"));
        var users = Users(top.Section("basic_auth_users"));
        var rate = Rate(top.Section("rate_limit"));
        top.RefuseOthers();
        return problems.Count == before ? new WebConfig(tls, http2, headers, users, rate) : null;
    }

    private static (bool Http2, List<KeyValuePair<string, string>> Headers) Http(YamlSection? section)
    {
        var headers = new List<KeyValuePair<string, string>>();
        if (section is null)
            return (true, headers);
        var http2 = section.Boolean("http2", true);
        if (section.Section("headers") is { } given)
        {
            foreach (var entry in given.Entries)
            {
                if (!KnownHeaders.TryGetValue(entry.Key, out var values))
                    given.Refuse(entry, "is not a header that can be set" + Nearest.Hint(entry.Key, KnownHeaders.Keys) + "; allowed: " + string.Join(", ", KnownHeaders.Keys));
                else if (entry.Value is YamlScalar { Text.Length: 0 } or YamlScalar { IsNull: true })
                    continue; // A header with a blank value is one that is not set.
                else if (given.Scalar(entry.Value, entry.Key) is not { } value)
                    continue;
                else if (values.Length > 0 && !values.Contains(value.Text, StringComparer.Ordinal))
                    given.Refuse(value, entry.Key, "must be " + string.Join(" or ", values), value.Text);
                else if (value.Text.Length > LargestHeader || value.Text.Any(c => c is < ' ' or > '~'))
                    given.Refuse(value, entry.Key, $"must be at most {LargestHeader} printable ASCII characters on one line", value.Text);
                else
                    headers.Add(new(entry.Key, value.Text));
            }
        }
        section.RefuseOthers();
        return (http2, headers);
    }

    private Dictionary<string, IPassword> Users(YamlSection? section)
    {
        var users = new Dictionary<string, IPassword>(StringComparer.Ordinal);
        foreach (var entry in section?.Entries ?? [])
        {
            if (entry.Key.Length == 0 || entry.Key.Contains(':', StringComparison.Ordinal))
                section!.Refuse(entry, "is no user name: it must not be empty or contain a colon, which HTTP cannot carry");
            else if (otherUsers.Contains(entry.Key, StringComparer.Ordinal))
                section!.Refuse(entry, "is given by a flag or an environment variable too");
            else if (section!.Scalar(entry.Value, entry.Key) is not { } text)
                continue;
            else if (BcryptHash.Parse(text.Text) is { } hash)
                users[entry.Key] = hash;
            else
                section.Refuse(text, entry.Key, BcryptHash.Rule);
        }
        if (users.Count > MostUsers)
            section!.Refuse($"must be at most {MostUsers} users");
        return users;
    }

    private static RateLimit? Rate(YamlSection? section)
    {
        if (section is null)
            return null;
        var interval = TimeSpan.Zero;
        var burst = 0;
        if (section.Text("interval") is { } text && Readers.Duration(TimeSpan.Zero, TimeSpan.FromDays(1))(text, out interval) is { } rule)
            section.Refuse("interval", rule, text);
        if (section.Text("burst") is { } number
            && (!int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out burst) || burst < 1))
        {
            section.Refuse("burst", "must be a whole number, at least 1", number);
        }
        else if (interval > TimeSpan.Zero && !section.Has("burst"))
        {
            section.Refuse("needs a burst of at least 1 beside the interval: without it no request would be let in");
        }
        section.RefuseOthers();
        return interval > TimeSpan.Zero ? new RateLimit(interval, burst) : null;
    }
}
