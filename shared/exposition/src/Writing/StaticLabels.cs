using System.Buffers;

namespace CiMetrics.Exposition;

/// <summary>Labels that a registry adds to every series, after the series' own.</summary>
internal sealed class StaticLabels
{
    public StaticLabels(IReadOnlyDictionary<string, string>? labels)
    {
        KeyValuePair<string, string>[] pairs = labels is null ? [] : [.. labels.OrderBy(pair => pair.Key, StringComparer.Ordinal)];
        foreach ((string name, string value) in pairs)
        {
            if (Names.LabelNameProblem(name) is { } problem)
                throw new ArgumentException($"static labels: {problem}", nameof(labels));
            if (value is null)
                throw new ArgumentException($"static label '{name}' has no value", nameof(labels));
        }

        Labels = pairs.ToDictionary(StringComparer.Ordinal);
        var output = new ArrayBufferWriter<byte>();
        LabelEncoding.WritePairs(output, [.. pairs.Select(pair => pair.Key)], [.. pairs.Select(pair => pair.Value)]);
        Pairs = output.WrittenSpan.ToArray();
        Continued = pairs.Length == 0 ? [] : [.. ","u8, .. Pairs];
        Closing = [.. Continued, .. "} "u8];
    }

    public IReadOnlyDictionary<string, string> Labels { get; }

    public bool IsEmpty => Pairs.Length == 0;

    /// <summary><c>env="x"</c></summary>
    public byte[] Pairs { get; }

    /// <summary><c>,env="x"</c>: follows a series' own labels.</summary>
    public byte[] Continued { get; }

    /// <summary><c>,env="x"} </c>: ends a series that has labels of its own.</summary>
    public byte[] Closing { get; }
}
