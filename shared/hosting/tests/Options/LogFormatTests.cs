using System.Text.Json;
using System.Text.RegularExpressions;
using Serilog.Events;
using Serilog.Formatting;
using Serilog.Parsing;

namespace CiMetrics.Hosting.Tests;

public sealed partial class LogFormatTests
{
    private static readonly string[] Hostile =
    [
        "", " ", "a=b", "\"", "\\", "\\\"", "line\nbreak", "\r\n", "\t", "\0", "\u001b[31mred", "\u007f", "\u0085", "\u2028", "\ud800", "x\udc00y",
        "{brace}", "null", "true", "1", "snow☃", "𝄞", "'", "<script>", "a b=\"c\"",
    ];

    [Test]
    public void Logfmt_is_one_line_that_reads_back([ValueSource(nameof(Hostile))] string value)
    {
        var line = Format(new LogfmtFormatter(), value);
        Assert.That(line, Does.EndWith("\n"));
        Assert.That(line[..^1].Any(c => char.IsControl(c) || c is '\u2028' or '\u2029'), Is.False, line);
        var fields = Logfmt().Matches(line[..^1]).ToDictionary(match => match.Groups[1].Value, match => Unquote(match.Groups[2].Value), StringComparer.Ordinal);
        Assert.That(string.Concat(Logfmt().Matches(line[..^1]).Select(match => match.Value)), Is.EqualTo(line[..^1]), "every character belongs to a field");
        Assert.That(fields["msg"], Is.EqualTo("Said " + Expected(value)));
        Assert.That(fields["docker_host"], Is.EqualTo(Expected(value)));
        Assert.That(fields["ts"], Is.EqualTo("2026-01-02T03:04:05.678Z"));
        Assert.That(fields["level"], Is.EqualTo("warn"));
        Assert.That(fields["count"], Is.EqualTo("7"));
        Assert.That(fields["patience"], Is.EqualTo("1m30s"));
        Assert.That(fields["err"], Does.Contain("broke\nbadly"));
    }

    [Test]
    public void Json_is_one_line_that_reads_back([ValueSource(nameof(Hostile))] string value)
    {
        var line = Format(new JsonLinesFormatter(), value);
        Assert.That(line, Does.EndWith("\n"));
        Assert.That(line[..^1], Does.Not.Contain("\n"));
        using var json = JsonDocument.Parse(line);
        Assert.That(json.RootElement.GetProperty("msg").GetString(), Is.EqualTo("Said " + Expected(value)));
        Assert.That(json.RootElement.GetProperty("docker_host").GetString(), Is.EqualTo(Expected(value)));
        Assert.That(json.RootElement.GetProperty("level").GetString(), Is.EqualTo("warn"));
        Assert.That(json.RootElement.GetProperty("count").GetInt64(), Is.EqualTo(7));
        Assert.That(json.RootElement.GetProperty("err").GetString(), Does.Contain("broke\nbadly"));
    }

    [Test]
    public void A_value_that_no_format_knows_is_written_as_text()
    {
        foreach (var formatter in new ITextFormatter[] { new LogfmtFormatter(), new JsonLinesFormatter() })
        {
            foreach (var value in new object?[] { null, double.NaN, double.PositiveInfinity, 1.5, ulong.MaxValue, Guid.Empty, DateTimeOffset.UnixEpoch, 'c', true })
                Assert.That(() => Format(formatter, value), Throws.Nothing);
        }
    }

    private static string Format(ITextFormatter formatter, object? value)
    {
        Exception exception;
        try
        {
            throw new InvalidOperationException("broke\nbadly");
        }
        catch (InvalidOperationException caught)
        {
            exception = caught;
        }
        var log = new LogEvent(
            new DateTimeOffset(2026, 1, 2, 5, 4, 5, 678, TimeSpan.FromHours(2)),
            LogEventLevel.Warning,
            exception,
            new MessageTemplateParser().Parse("Said {DockerHost}"),
            [
                new LogEventProperty("DockerHost", new ScalarValue(value)),
                new LogEventProperty("Count", new ScalarValue(7)),
                new LogEventProperty("Patience", new ScalarValue(TimeSpan.FromSeconds(90))),
                new LogEventProperty("EventId", new StructureValue([])),
            ]);
        var output = new StringWriter();
        formatter.Format(log, output);
        return output.ToString();
    }

    // Half a surrogate pair cannot be written as UTF-8.
    private static string Expected(string value) => value.Replace('\ud800', '\ufffd').Replace("x\udc00y", "x\ufffdy", StringComparison.Ordinal);

    private static string Unquote(string text) => text.StartsWith('"') ? JsonSerializer.Deserialize<string>(text)! : text;

    [GeneratedRegex("""(?:^| )([a-z0-9_.]+)=("(?:[^"\\]|\\.)*"|[^" =\\]+)""")]
    private static partial Regex Logfmt();
}
