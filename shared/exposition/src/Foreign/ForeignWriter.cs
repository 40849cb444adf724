using System.Buffers;
using System.Text;

namespace CiMetrics.Exposition;

/// <summary>Writes a checked family anew: the series of one histogram or summary together, static labels at the end.</summary>
internal static class ForeignWriter
{
    public static ForeignFamily Write(ForeignLinesOfFamily family, ForeignNames names, StaticLabels statics)
    {
        var samples = new ArrayBufferWriter<byte>();
        string? own = family.Type switch { "histogram" => "le", "summary" => "quantile", _ => null };
        foreach (ForeignSample sample in family.Samples.GroupBy(sample => sample.KeyWithout(own), StringComparer.Ordinal).SelectMany(series => series))
            WriteSample(samples, sample, ForeignRules.OwnLabel(family, sample), statics);
        return new ForeignFamily(
            family.Name,
            names.Claims,
            [.. Header(family.Name, family.Type, family.Help, escapeQuotes: false), .. samples.WrittenSpan],
            [.. Header(names.OpenMetricsName, names.OpenMetricsType, family.Help, escapeQuotes: true), .. samples.WrittenSpan]);
    }

    private static void WriteSample(ArrayBufferWriter<byte> output, ForeignSample sample, string? own, StaticLabels statics)
    {
        (string Name, string Value)[] labels =
        [
            .. sample.Labels.Where(label => label.Key != own).Select(label => (label.Key, label.Value)),
            .. statics.Labels.Select(label => (label.Key, label.Value)),
            .. own is null ? Array.Empty<(string, string)>() : [(own, Text(ForeignSample.Number(sample[own])!.Value))],
        ];
        Encoding.UTF8.GetBytes(sample.Name, output);
        if (labels.Length > 0)
        {
            output.Write("{"u8);
            LabelEncoding.WritePairs(output, [.. labels.Select(label => label.Name)], [.. labels.Select(label => label.Value)]);
            output.Write("}"u8);
        }

        Encoding.UTF8.GetBytes($" {Text(sample.Value)}\n", output);
    }

    private static string Text(double value)
    {
        Span<byte> number = stackalloc byte[NumberFormat.MaxLength];
        return Encoding.UTF8.GetString(number[..NumberFormat.Write(number, value)]);
    }

    private static ReadOnlySpan<byte> Header(string name, string type, string? help, bool escapeQuotes)
    {
        var output = new ArrayBufferWriter<byte>();
        if (help is not null)
        {
            Encoding.UTF8.GetBytes($"# HELP {name} ", output);
            LabelEncoding.WriteEscaped(output, help, escapeQuotes);
            output.Write("\n"u8);
        }

        Encoding.UTF8.GetBytes($"# TYPE {name} {type}\n", output);
        return output.WrittenSpan;
    }
}
