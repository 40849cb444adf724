using CiMetrics.Testing;

namespace CiMetrics.Hosting.Tests;

/// <summary>Whatever is given, the answer is values or mistakes, never an exception.</summary>
public sealed class RandomInputTests
{
    private static readonly string[] YamlPieces =
    [
        "port", "bind", "labels", "web", "listen_address", "targets", "hosts", "a", ":", ": ", "\n", "\n  ", "\n    ", "- ", "[", "]", "{", "}", ",", "\"", "'",
        "#", "&x", "*x", "!t", "|", ">", "---", "...", "%YAML 1.2", "\t", "?", "? ", "~", "null", "1", "\0", "\ud800", "☃", "\\", "\r", "\u0085", "<<", "=",
    ];

    private static readonly string[] Words =
    [
        "--port", "-port", "--port=1", "-p", "--fast", "--fast=", "-fast=x", "--", "-", "---port", "=", "--=", "-=", "", " ", "1", "healthcheck", "help", "@x", "[suggest]",
        "--host", "-host:1", "--extra-label", "a=b", "=b", "a=", "--password", "x", "--unknown", "--no=1", "-h", "--version", "\0", "☃",
    ];

    [TestCase(20_000)]
    [TestCase(5_000_000, Category = "Stress")]
    public void Any_file_gives_values_or_mistakes(int rounds)
    {
        var random = Seed.Random(out _);
        for (var i = 0; i < rounds; i++)
        {
            var text = string.Concat(random.GetItems(YamlPieces, random.Next(1, 25)));
            var problems = new List<Problem>();
            Assert.That(() => ConfigFileReader.Parse("f", text, new Reading().Settings.All, problems), Throws.Nothing, text);
        }
    }

    [TestCase(1_000)]
    [TestCase(200_000, Category = "Stress")]
    public void Any_command_line_gives_values_or_mistakes(int rounds)
    {
        var random = Seed.Random(out _);
        for (var i = 0; i < rounds; i++)
        {
            var words = random.GetItems(Words, random.Next(0, 8));
            Assert.That(() => new Reading().ReadExactly(words), Throws.Nothing, string.Join('|', words));
        }
    }

    [Test]
    public void Any_duration_reads_back_as_it_was_formatted()
    {
        var random = Seed.Random(out _);
        for (var i = 0; i < 10_000; i++)
        {
            var duration = TimeSpan.FromTicks(random.NextInt64(long.MinValue + 1, long.MaxValue) >> random.Next(0, 63));
            Assert.That(GoDuration.TryParse(GoDuration.Format(duration), out var value), Is.True, GoDuration.Format(duration));
            Assert.That(value, Is.EqualTo(duration));
        }
    }

    [Test]
    public void Any_address_reads_back_as_it_is_shown()
    {
        foreach (var text in new[] { ":0", "[::]:80", "[fe80::1%1]:80", "1.2.3.4:65535", "a.b-c.example:1", "localhost:80" })
        {
            Assert.That(ListenAddress.TryParse(text, 1, out var address), Is.True, text);
            Assert.That(ListenAddress.TryParse(address.ToString(), 2, out var again), Is.True, text);
            Assert.That(again, Is.EqualTo(address));
        }
    }
}
