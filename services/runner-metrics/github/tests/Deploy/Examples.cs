using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using CiMetrics.Testing;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace CiMetrics.GitHubRunner.Tests.Deploy;

/// <summary>The examples of a document: what stands between its fences.</summary>
internal static partial class Examples
{
    /// <summary>The examples in a language, in their order.</summary>
    public static IReadOnlyList<string> Of(string document, string language) =>
        [.. Fence().Matches(File.ReadAllText(Repository.PathOf("docs", document))).Where(match => match.Groups["language"].Value == language).Select(match => match.Groups["text"].Value)];

    /// <summary>The one example in a language that has a text in it.</summary>
    public static string With(string document, string language, string text) => Of(document, language).Single(example => example.Contains(text, StringComparison.Ordinal));

    /// <summary>YAML as JSON: plain scalars by YAML's core schema.</summary>
    public static JsonNode? Json(string yaml)
    {
        YamlStream stream = [];
        using StringReader reader = new(yaml);
        stream.Load(reader);
        return Json(stream.Documents.Single().RootNode);
    }

    private static JsonNode? Json(YamlNode node) => node switch
    {
        YamlMappingNode map => new JsonObject(map.Children.Select(pair => KeyValuePair.Create(((YamlScalarNode)pair.Key).Value!, Json(pair.Value)))),
        YamlSequenceNode list => new JsonArray([.. list.Children.Select(Json)]),
        YamlScalarNode { Style: ScalarStyle.Plain, Value: "true" or "false" } flag => JsonValue.Create(flag.Value == "true"),
        YamlScalarNode { Style: ScalarStyle.Plain, Value: "" or "~" or "null" } => null,
        YamlScalarNode { Style: ScalarStyle.Plain } number when long.TryParse(number.Value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long value) => JsonValue.Create(value),
        YamlScalarNode text => JsonValue.Create(text.Value),
        _ => throw new AssertionException($"{node} is no YAML that has a JSON"),
    };

    [GeneratedRegex(@"^```(?<language>\w+)\n(?<text>.*?)^```$", RegexOptions.ExplicitCapture | RegexOptions.Multiline | RegexOptions.Singleline, 5000)]
    private static partial Regex Fence();
}
