using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace CiMetrics.Kubernetes.Tests;

/// <summary>
/// A key of values.yaml with what its comment says: <c># -- (type) description</c>. The type is left out where the
/// value shows it; below a key with a type nothing is described any more.
/// </summary>
/// <param name="Path">The key with those above it, joined by dots.</param>
/// <param name="Type">A name in value-types.json, or <c>string integer boolean texts group</c>.</param>
/// <param name="Description">The comment's text.</param>
/// <param name="Default">The value in the file.</param>
/// <param name="Children">The keys below, of a group.</param>
internal sealed partial record ValueEntry(string Path, string Type, string Description, JsonNode? Default, IReadOnlyList<ValueEntry> Children)
{
    public string Name => Path.Split('.')[^1];

    /// <summary>All keys of values.yaml, in its order. Its form is narrow on purpose: two spaces, one key a line.</summary>
    public static async Task<IReadOnlyList<ValueEntry>> ReadAsync()
    {
        string file = System.IO.Path.Combine(Renderer.Chart, "values.yaml");
        JsonObject values = (await Renderer.ReadAsync(file)).Single()!.AsObject();
        Queue<(int Depth, string Key, string Comment)> lines = new(Lines(await File.ReadAllLinesAsync(file)));
        return Level(lines, 0, "", values);
    }

    private static List<ValueEntry> Level(Queue<(int Depth, string Key, string Comment)> lines, int depth, string prefix, JsonObject values)
    {
        List<ValueEntry> entries = [];
        while (lines.TryPeek(out (int Depth, string Key, string Comment) line) && line.Depth >= depth)
        {
            lines.Dequeue();
            JsonNode? value = values[line.Key];
            Match comment = CommentForm().Match(line.Comment);
            string type = comment.Groups["type"].Value;
            string path = prefix + line.Key;
            if (type.Length == 0 && value is JsonObject { Count: > 0 } group)
            {
                entries.Add(new ValueEntry(path, "group", comment.Groups["text"].Value, value, Level(lines, depth + 1, $"{path}.", group)));
                continue;
            }

            entries.Add(new ValueEntry(path, type.Length > 0 ? type : TypeOf(path, value), comment.Groups["text"].Value, value, []));
            while (lines.TryPeek(out (int Depth, string Key, string Comment) below) && below.Depth > depth) lines.Dequeue();
        }

        return entries;
    }

    private static string TypeOf(string path, JsonNode? value) => value?.GetValueKind() switch
    {
        JsonValueKind.String => "string",
        JsonValueKind.Number => "integer",
        JsonValueKind.True or JsonValueKind.False => "boolean",
        JsonValueKind.Array => "texts",
        _ => throw new AssertionException($"values.yaml: {path} needs a type: '# -- (type) ...'"),
    };

    private static IEnumerable<(int Depth, string Key, string Comment)> Lines(string[] lines)
    {
        string comment = "";
        foreach (string line in lines)
        {
            if (line.TrimStart().StartsWith("# --", StringComparison.Ordinal)) comment = line.Trim();
            else if (KeyForm().Match(line) is { Success: true } key)
            {
                yield return (key.Groups["indent"].Length / 2, key.Groups["key"].Value, comment);
                comment = "";
            }
        }
    }

    [GeneratedRegex(@"^(?<indent> *)(?<key>[\w/.-]+):( |$)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex KeyForm();

    [GeneratedRegex(@"^# -- (\((?<type>\w+)\) )?(?<text>.*)$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex CommentForm();
}
