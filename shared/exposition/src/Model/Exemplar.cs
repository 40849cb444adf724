using System.Buffers;

namespace CiMetrics.Exposition;

/// <summary>An example of what a counter or a histogram's bucket counted, such as a trace. Shown in OpenMetrics where the registry shows exemplars.</summary>
public sealed class Exemplar
{
    private const int MaxCharacters = 128;

    /// <summary>Creates an exemplar.</summary>
    /// <param name="value">The value that was counted or observed.</param>
    /// <param name="time">When, or null.</param>
    /// <param name="labels">What it was; names and values together at most 128 Unicode characters (OpenMetrics 1.0.0, "Exemplars").</param>
    /// <exception cref="ArgumentException">A label name is invalid or there twice, or the labels are too long.</exception>
    public Exemplar(double value, DateTimeOffset? time, params ReadOnlySpan<(string Name, string Value)> labels)
    {
        Value = value;
        Time = time;
        string[] names = new string[labels.Length];
        string[] values = new string[labels.Length];
        int characters = 0;
        for (int i = 0; i < labels.Length; i++)
        {
            (names[i], values[i]) = labels[i];
            if (Names.LabelNameProblem(names[i]) is { } problem)
                throw new ArgumentException($"exemplar: {problem}", nameof(labels));
            if (Array.IndexOf(names, names[i]) != i)
                throw new ArgumentException($"exemplar: label name '{names[i]}' is there twice", nameof(labels));
            characters += names[i].Length + values[i].EnumerateRunes().Count();
        }

        if (characters > MaxCharacters)
            throw new ArgumentException($"exemplar: labels of {characters} characters, at most {MaxCharacters} are allowed", nameof(labels));
        Encoded = Encode(names, values);
    }

    /// <summary>The value that was counted or observed.</summary>
    public double Value { get; }

    /// <summary>When it was, or null.</summary>
    public DateTimeOffset? Time { get; }

    /// <summary><c> # {trace_id="x"} 0.5 1700000000.123</c></summary>
    internal byte[] Encoded { get; }

    /// <summary>A time as the formats write it: seconds, to the millisecond.</summary>
    internal static double UnixSeconds(DateTimeOffset time) => time.ToUnixTimeMilliseconds() / 1000d;

    private byte[] Encode(string[] names, string[] values)
    {
        var output = new ArrayBufferWriter<byte>();
        output.Write(" # {"u8);
        LabelEncoding.WritePairs(output, names, values);
        output.Write("} "u8);
        WriteNumber(output, Value);
        if (Time is { } time)
        {
            output.Write(" "u8);
            WriteNumber(output, UnixSeconds(time));
        }

        return output.WrittenSpan.ToArray();
    }

    private static void WriteNumber(ArrayBufferWriter<byte> output, double number) =>
        output.Advance(NumberFormat.Write(output.GetSpan(NumberFormat.MaxLength), number));
}
