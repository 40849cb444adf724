using System.Text;

namespace CiMetrics.Receiver.Tests.Fuzz;

/// <summary>Bodies and queries that are nearly right: valid ones with bytes changed, removed, repeated or inserted.</summary>
internal sealed class RandomRequests(Random random)
{
    private static readonly string[] Values =
    [
        "success", "failed", "CI_JOB_STATUS", "$CI_JOB_NAME", "${X}", "a", "build: [linux, amd64]", "test 1/3", "_total", "构建", "\u0000", "\ud83d\ude00", "\r\n", "",
        "2026-01-02T03:04:05Z", "2026-01-02T03:04:05+02:00", "2023-05023T13:01:00Z", "9999-12-31T23:59:59Z", "group/project", "\"", "\\", "{}", "%00", "+", "&", "=", new string('x', 300),
    ];

    private static readonly string[] Names = ["id", "started", "finished", "status", "project", "name", "ref", "url", "Name", "", "x"];

    /// <summary>A JSON body.</summary>
    public byte[] Json()
    {
        int count = random.Next(4) == 0 ? random.Next(5) : 1;
        string body = string.Join(',', Enumerable.Range(0, count).Select(_ => Object()));
        return Mutate(Encoding.UTF8.GetBytes(count == 1 && random.Next(2) == 0 ? body : $"[{body}]"));
    }

    /// <summary>A query or form.</summary>
    public byte[] Form() => Mutate(Encoding.UTF8.GetBytes(string.Join('&', Fields().Select(field => $"{Maybe(field.Name)}={Maybe(field.Value)}"))));

    private string Maybe(string text) => random.Next(20) == 0 ? text : Uri.EscapeDataString(text);

    private string Object() => "{" + string.Join(',', Fields().Select(field => $"{Quoted(field.Name)}:{(random.Next(12) == 0 ? Odd() : Quoted(field.Value))}")) + "}";

    private string Odd() => random.Next(6) switch { 0 => "null", 1 => "17", 2 => "true", 3 => "[1,{}]", 4 => "1e999", _ => "\"\\ud800\"" };

    private static string Quoted(string text) => System.Text.Json.JsonSerializer.Serialize(text);

    private List<(string Name, string Value)> Fields()
    {
        List<(string, string)> fields = [("name", Value("build")), ("project", Value("p")), ("status", Value("success")), ("started", Value("2026-01-02T03:04:05Z"))];
        for (int more = random.Next(3); more > 0; more--) fields.Add((Names[random.Next(Names.Length)], Value("x")));
        if (random.Next(8) == 0) fields.RemoveAt(random.Next(fields.Count));
        return fields;
    }

    private string Value(string usual) => random.Next(3) == 0 ? Values[random.Next(Values.Length)] : usual;

    private byte[] Mutate(byte[] bytes)
    {
        List<byte> changed = [.. bytes];
        for (int times = random.Next(3) == 0 ? random.Next(1, 4) : 0; times > 0 && changed.Count > 0; times--)
        {
            int at = random.Next(changed.Count);
            switch (random.Next(4))
            {
                case 0:
                    changed[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 1:
                    changed.RemoveRange(at, random.Next(changed.Count - at));
                    break;
                case 2:
                    changed.InsertRange(at, changed.GetRange(at, random.Next(changed.Count - at)));
                    break;
                default:
                    changed.Insert(at, (byte)random.Next(256));
                    break;
            }
        }

        return [.. changed];
    }
}
