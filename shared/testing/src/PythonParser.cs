using System.Globalization;
using System.Text.Json;

namespace CiMetrics.Testing;

/// <summary>A sample as an independent parser read it. <paramref name="Value"/> is in Python's notation (<c>inf</c>, <c>nan</c>).</summary>
public sealed record ParsedSample(string Family, string Type, string Help, string Name, Dictionary<string, string> Labels, string Value, ParsedExemplar? Exemplar)
{
    /// <summary>The value as a number.</summary>
    public double Number => Value switch
    {
        "inf" => double.PositiveInfinity,
        "-inf" => double.NegativeInfinity,
        "nan" => double.NaN,
        _ => double.Parse(Value, CultureInfo.InvariantCulture),
    };
}

/// <summary>An exemplar as an independent parser read it.</summary>
public sealed record ParsedExemplar(Dictionary<string, string> Labels, string Value);

/// <summary>Everything in a body, or the parser's own error.</summary>
public sealed record ParsedBody(string? Error, IReadOnlyList<ParsedSample> Samples);

/// <summary>The Prometheus project's Python parsers: an independent reading of what we wrote.</summary>
public static class PythonParser
{
    /// <summary>Reads text format 0.0.4.</summary>
    public static Task<ParsedBody> TextAsync(string body) => ParseAsync("text", body);

    /// <summary>Reads OpenMetrics 1.0.0, strictly.</summary>
    public static Task<ParsedBody> OpenMetricsAsync(string body) => ParseAsync("openmetrics", body);

    private static async Task<ParsedBody> ParseAsync(string format, string body)
    {
        string script = Path.Combine(AppContext.BaseDirectory, "parse.py");
        (int exitCode, string output) = await Piped.RunAsync(Requires.PythonWithPrometheusClient(), ["-I", script, format], body);
        if (exitCode != 0) throw new AssertionException(output);
        return JsonSerializer.Deserialize<ParsedBody>(output)!;
    }
}
