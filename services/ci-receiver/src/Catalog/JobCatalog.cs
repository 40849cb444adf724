using System.Text.Json;
using CiMetrics.Receiver.Events;
using CiMetrics.Receiver.Ledger;
using CiMetrics.Receiver.Naming;

namespace CiMetrics.Receiver.Catalog;

/// <summary>
/// Series that are there, at 0, before their first job: a JSON array of
/// <c>{"names":[...],"projects":[...],"statuses":[...]}</c>, each standing for all combinations. Without statuses it is
/// success and failed.
/// </summary>
internal static class JobCatalog
{
    private const int LargestFile = 4 << 20;
    private static readonly string[] UsualStatuses = ["success", "failed"];

    /// <summary>Reads a file; null and the rule that it breaks.</summary>
    /// <param name="path">The file.</param>
    /// <param name="most">The most series.</param>
    /// <param name="rule">What is wrong.</param>
    public static IReadOnlyList<(SeriesKey Key, string Original)>? Read(string path, long most, out string? rule)
    {
        try
        {
            FileInfo file = new(path);
            if (file.Length <= LargestFile) return Parse(File.ReadAllBytes(path), most, out rule);
            rule = $"must name a file of at most {LargestFile >> 20} MiB";
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            rule = $"must name a readable file: {exception.Message}";
        }

        return null;
    }

    /// <summary>Reads a catalog; null and the rule that it breaks.</summary>
    public static IReadOnlyList<(SeriesKey Key, string Original)>? Parse(ReadOnlyMemory<byte> json, long most, out string? rule)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(json);
            List<(SeriesKey, string)> series = [];
            rule = document.RootElement.ValueKind == JsonValueKind.Array ? null : "must be a JSON array of objects with names, projects and statuses";
            int number = 0;
            foreach (JsonElement entry in rule is null ? document.RootElement.EnumerateArray().ToArray() : [])
            {
                rule = AddTo(series, entry, $"[{number++}]", most);
                if (rule is not null) break;
            }

            return rule is null ? series : null;
        }
        catch (JsonException exception)
        {
            rule = $"must be JSON: line {exception.LineNumber + 1}, byte {exception.BytePositionInLine + 1} is not";
            return null;
        }
        catch (InvalidOperationException)
        {
            // What System.Text.Json throws where a text is asked for.
            rule = "must be valid Unicode (UTF-8, without halves of surrogate pairs)";
            return null;
        }
    }

    private static string? AddTo(List<(SeriesKey, string)> series, JsonElement entry, string place, long most)
    {
        if (entry.ValueKind != JsonValueKind.Object) return $"{place} must be an object with names, projects and statuses";
        (string[] names, string[] projects, string[] statuses) = ([], [], UsualStatuses);
        foreach (JsonProperty property in entry.EnumerateObject())
        {
            if (Texts(property.Value) is not { } texts) return $"{place}.{property.Name} must be an array of texts that are not empty";
            switch (property.Name)
            {
                case "names":
                    names = texts;
                    break;
                case "projects":
                    projects = texts;
                    break;
                case "statuses":
                    statuses = texts;
                    break;
                default:
                    return $"{place}.{property.Name} must be names, projects or statuses";
            }
        }

        if (names.Length == 0 || projects.Length == 0) return $"{place} must have names and projects";
        if (Broken(names, $"{place}.names", FieldRule.LongestName) is { } name) return name;
        if (Broken(projects, $"{place}.projects", FieldRule.LongestProject) is { } project) return project;
        if (series.Count + ((long)names.Length * projects.Length * statuses.Length) > most) return $"must stand for at most {most} series (--max-series)";
        foreach (string text in statuses)
        {
            if (JobStatus.Find(text) is not { } status) return $"{place}.statuses must be of {string.Join(", ", JobStatus.All)}; \"{Shown.Short(text)}\" is not";
            series.AddRange(
                from job in names.Select(JobName.Of)
                from owner in projects
                select (new SeriesKey(job.Value, owner, status), job.Original));
        }

        return null;
    }

    // The rules of events: a series that no event can be counted in would stay at 0 for ever.
    private static string? Broken(string[] texts, string place, int longest)
    {
        foreach (string text in texts)
        {
            string? rule = FieldRule.BrokenBy(text, longest) ?? (Unexpanded.VariableIn(text) is null ? null : "must not be the name of a variable, which is counted as unknown");
            if (rule is not null) return $"{place} {rule}; \"{Shown.Short(text)}\" is in it";
        }

        return null;
    }

    private static string[]? Texts(JsonElement array)
    {
        if (array.ValueKind != JsonValueKind.Array) return null;
        string[] texts = [.. array.EnumerateArray().Select(element => element.ValueKind == JsonValueKind.String ? element.GetString()!.Trim() : "")];
        return Array.Exists(texts, text => text.Length == 0) ? null : texts;
    }
}
