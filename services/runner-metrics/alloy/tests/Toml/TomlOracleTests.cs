using System.Text;
using System.Text.Json.Nodes;
using CiMetrics.AlloyRunner.Toml;
using CiMetrics.Testing;

namespace CiMetrics.AlloyRunner.Tests.Toml;

/// <summary>Random texts, most of them broken a little, against Python's own reader of TOML 1.0.</summary>
public sealed class TomlOracleTests
{
    private const string Oracle = """
        import sys, json, tomllib, datetime, math
        def plain(v):
            if isinstance(v, dict): return {k: plain(x) for k, x in v.items()}
            if isinstance(v, list): return [plain(x) for x in v]
            if isinstance(v, float): return "float"
            if isinstance(v, (datetime.datetime, datetime.date, datetime.time)): return "time"
            return v
        for line in sys.stdin:
            try: print(json.dumps(plain(tomllib.loads(json.loads(line)))))
            except Exception: print("invalid")
        """;

    private static readonly string[] Pieces =
    [
        "a = 1", "b = \"x\"", "c.d = true", "c.e = 2.5", "[t]", "[t.u]", "[[l]]", "[l.m]", "[[l.n]]", "x = [1, \"y\", {z = 3}]", "y = { p = 1, q.r = 2 }", "s = '''a\nb'''",
        "s2 = \"\"\"a\\\n  b\"\"\"", "d = 1979-05-27T07:32:00Z", "d2 = 07:32:00", "# comment", "", "\"q k\" = 'v'", "n = 0x_1", "n2 = 1_000", "f = 1e3", "h = -0x1", "a.b = 2", "t.v = 1",
    ];

    [Test]
    public async Task Both_readers_agree()
    {
        string python = Requires.Program("python3", "python3");
        Random random = Seed.Random(out _);
        List<string> texts = [.. Enumerable.Range(0, 4000).Select(_ => Make(random))];
        using TempFolder folder = new();
        string input = folder.Write("input", string.Concat(texts.Select(text => JsonValue.Create(text).ToJsonString() + "\n")));
        string script = folder.Write("oracle.py", Oracle);
        (int exitCode, string output) = await ServiceProcess.RunAsync("/bin/sh", ["-c", $"exec {python} {script} < {input}"]);
        if (exitCode != 0 && output.Contains("tomllib", StringComparison.Ordinal)) Requires.Missing("Python before 3.11 has no tomllib");
        string[] answers = output.Split('\n');
        Assert.That(answers, Has.Length.EqualTo(texts.Count), output[..Math.Min(output.Length, 500)]);
        int valid = 0;
        for (int i = 0; i < texts.Count; i++)
        {
            string ours = Ours(texts[i]);
            string theirs = answers[i] == "invalid" ? answers[i] : JsonNode.Parse(answers[i])!.ToJsonString();
            Assert.That(ours, Is.EqualTo(theirs), texts[i]);
            if (theirs != "invalid") valid++;
        }
        // Of both kinds there must be many, or nothing was compared.
        Assert.That(valid, Is.InRange(texts.Count / 20, texts.Count * 19 / 20));
    }

    private static string Ours(string text)
    {
        try
        {
            return Plain(TomlReader.Read(text))!.ToJsonString();
        }
        catch (TomlException)
        {
            return "invalid";
        }
    }

    private static JsonNode? Plain(object value) => value switch
    {
        TomlTable table => new JsonObject(table.Entries.Select(entry => KeyValuePair.Create(entry.Key, Plain(entry.Value)))),
        TomlArray array => new JsonArray([.. array.Items.Select(Plain)]),
        double => "float",
        TomlTime => "time",
        _ => TomlReaderTests.Json(value),
    };

    private static string Make(Random random)
    {
        StringBuilder text = new();
        for (int i = random.Next(1, 6); i > 0; i--) text.Append(Pieces[random.Next(Pieces.Length)]).Append(random.Next(10) == 0 ? "\r\n" : "\n");
        for (int i = random.Next(0, 2); i > 0 && text.Length > 0; i--)
        {
            int at = random.Next(text.Length);
            const string Characters = "=[]{}\"'.,#_-+0123456789eEabtfxTZ: \n\\u\t";
            if (random.Next(2) == 0) text.Remove(at, 1);
            else text.Insert(at, Characters[random.Next(Characters.Length)]);
        }
        return text.ToString();
    }
}
