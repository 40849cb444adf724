using CiMetrics.Testing;
using FsCheck;
using FsCheck.Fluent;
using PropertyAttribute = FsCheck.NUnit.PropertyAttribute;

namespace CiMetrics.Exposition.Tests;

/// <summary>What goes in comes back equal through parsers that we did not write. Each property puts many cases into one body, because each starts a Python.</summary>
public sealed class RoundTripTests
{
    /// <summary>The Python text parser strips lines and splits at any white space, so the ends of a HELP text are lost on it.</summary>
    private static readonly char[] PythonWhiteSpace =
        [.. Enumerable.Range(0, char.MaxValue).Select(c => (char)c).Where(c => char.IsWhiteSpace(c) || c is >= '\x1c' and <= '\x1f')];

    [Property(MaxTest = 6, StartSize = 50, EndSize = 200, Arbitrary = [typeof(Generators)])]
    public async Task Label_values_and_doubles_come_back_equal_through_the_text_parser(AnyText[] values, double[] numbers)
    {
        CollectorRegistry registry = Registry(values, numbers);
        ParsedBody parsed = await PythonParser.TextAsync(await registry.TextAsync());
        CheckSamples(parsed, values, numbers);
    }

    [Property(MaxTest = 6, StartSize = 50, EndSize = 200, Arbitrary = [typeof(Generators)])]
    public async Task Label_values_and_doubles_come_back_equal_through_the_strict_OpenMetrics_parser(AnyText[] values, double[] numbers)
    {
        CollectorRegistry registry = Registry(values, numbers);
        ParsedBody parsed = await PythonParser.OpenMetricsAsync(await registry.OpenMetricsAsync());
        CheckSamples(parsed, values, numbers);
    }

    [Property(MaxTest = 6, StartSize = 50, EndSize = 200, Arbitrary = [typeof(Generators)])]
    public async Task HELP_texts_come_back_equal_through_both_parsers(AnyText[] texts)
    {
        CollectorRegistry registry = new();
        for (int i = 0; i < texts.Length; i++)
            registry.Factory().CreateGauge($"g{i:d4}", texts[i].Value);
        ParsedBody text = await PythonParser.TextAsync(await registry.TextAsync());
        ParsedBody openMetrics = await PythonParser.OpenMetricsAsync(await registry.OpenMetricsAsync());
        Assert.That(text.Error, Is.Null);
        Assert.That(openMetrics.Error, Is.Null);
        Assert.That(openMetrics.Samples.Select(sample => sample.Help), Is.EqualTo(texts.Select(help => help.Readable)));
        Assert.That(
            text.Samples.Select(sample => sample.Help.Trim(PythonWhiteSpace)),
            Is.EqualTo(texts.Select(help => help.Readable.Trim(PythonWhiteSpace))));
    }

    [Property(MaxTest = 6, StartSize = 50, EndSize = 200, Arbitrary = [typeof(Generators)])]
    public async Task Promtool_accepts_the_text(AnyText[] values, double[] numbers)
    {
        (int exitCode, string output) = await Promtool.CheckMetricsAsync(await Registry(values, numbers).TextAsync());
        Assert.That(exitCode, Is.Zero, output);
    }

    [Test]
    public async Task The_sample_of_everything_is_accepted_by_the_strict_parser_with_its_types()
    {
        ParsedBody parsed = await PythonParser.OpenMetricsAsync(await BodyTests.Sample(out _).OpenMetricsAsync());
        Assert.That(parsed.Error, Is.Null);
        Assert.That(
            parsed.Samples.Select(sample => (sample.Family, sample.Type)).Distinct(),
            Is.EquivalentTo(new[]
            {
                ("ci_build", "info"), ("ci_docker_machines", "unknown"), ("ci_duration_seconds", "histogram"), ("ci_jobs", "counter"), ("ci_load", "gauge"),
            }));
    }

    private static CollectorRegistry Registry(AnyText[] values, double[] numbers)
    {
        CollectorRegistry registry = new();
        Gauge gauge = registry.Factory().CreateGauge("g", string.Concat("Help. ", string.Concat(values.Select(value => value.Value))), "i", "value");
        for (int i = 0; i < values.Length; i++)
            gauge.WithLabels($"{i}", values[i].Value).Set(Number(numbers, i));
        return registry;
    }

    private static double Number(double[] numbers, int i) => numbers.Length == 0 ? 0 : numbers[i % numbers.Length];

    private static void CheckSamples(ParsedBody parsed, AnyText[] values, double[] numbers)
    {
        Assert.That(parsed.Error, Is.Null);
        Assert.That(parsed.Samples, Has.Count.EqualTo(values.Length));
        for (int i = 0; i < values.Length; i++)
        {
            Assert.That(parsed.Samples[i].Labels["i"], Is.EqualTo($"{i}"));
            Assert.That(parsed.Samples[i].Labels["value"], Is.EqualTo(values[i].Readable));
            Assert.That(parsed.Samples[i].Number, Is.EqualTo(Number(numbers, i)));
        }
    }
}

/// <summary>Any text at all: half surrogates, controls, and often what the formats give a meaning to.</summary>
public sealed record AnyText(string Value)
{
    /// <summary>The text as UTF-8 can carry it.</summary>
    public string Readable => System.Text.Encoding.UTF8.GetString(System.Text.Encoding.UTF8.GetBytes(Value));
}

internal static class Generators
{
    public static Arbitrary<AnyText> Text()
    {
        Gen<string> special = Gen.Elements("\\", "\"", "\n", "\\n", "{", "}", ",", "=", " # ", " ", "\t", "\r", "\0", "\u0085", "\u2028", "\ud83d\ude00", "# EOF\n");
        Gen<string> any = Gen.Choose(0, char.MaxValue).Select(c => ((char)c).ToString());
        Gen<string> ascii = Gen.Choose(' ', '~').Select(c => ((char)c).ToString());
        Gen<AnyText> text = Gen.ListOf(Gen.OneOf(special, any, ascii)).Resize(12).Select(parts => new AnyText(string.Concat(parts)));
        return text.ToArbitrary();
    }
}
