using System.Buffers;

namespace CiMetrics.Exposition;

/// <summary>The names of a label set, in the order of its values. Several families can share one.</summary>
public sealed class LabelSchema
{
    private readonly string[] _names;

    /// <summary>Creates a schema.</summary>
    /// <exception cref="ArgumentException">A name is invalid, reserved or there twice.</exception>
    public LabelSchema(params string[] names)
    {
        ArgumentNullException.ThrowIfNull(names);
        _names = [.. names];
        for (int i = 0; i < _names.Length; i++)
        {
            ArgumentNullException.ThrowIfNull(_names[i], nameof(names));
            if (Names.LabelNameProblem(_names[i]) is { } problem)
                throw new ArgumentException(problem, nameof(names));
            if (Array.IndexOf(_names, _names[i]) != i)
                throw new ArgumentException($"label name '{_names[i]}' is there twice", nameof(names));
        }
    }

    /// <summary>The schema of series without labels.</summary>
    public static LabelSchema Empty { get; } = new();

    /// <summary>The label names, in the order of the values.</summary>
    public IReadOnlyList<string> LabelNames => _names;

    /// <summary>Encodes one label set, in the order of the names. Keep it: encoding is the expensive part of a sample.</summary>
    /// <param name="values">One value per name; an empty one is kept (Prometheus treats it as absent). A lone surrogate becomes U+FFFD.</param>
    /// <exception cref="ArgumentException">The number of values is not the number of names, or a value is null.</exception>
    public LabelSet WithValues(params ReadOnlySpan<string> values)
    {
        var output = new ArrayBufferWriter<byte>(128);
        Write(output, values);
        return values.IsEmpty ? LabelSet.Empty : new LabelSet(this, output.WrittenSpan.ToArray());
    }

    /// <summary>Writes <c>a="x",b="y"} </c>, or nothing where there are no labels.</summary>
    internal void Write(ArrayBufferWriter<byte> output, ReadOnlySpan<string> values)
    {
        if (values.Length != _names.Length)
            throw new ArgumentException($"{values.Length} values for {_names.Length} labels ({string.Join(", ", _names)})", nameof(values));
        if (values.IsEmpty)
            return;
        LabelEncoding.WritePairs(output, _names, values);
        output.Write("} "u8);
    }

    /// <summary>Whether a label set of the other schema is one of this: the same names in the same order.</summary>
    internal bool Matches(LabelSchema other) => ReferenceEquals(this, other) || _names.AsSpan().SequenceEqual(other._names);
}
