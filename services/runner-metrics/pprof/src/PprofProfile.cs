using System.IO.Compression;

namespace CiMetrics.Pprof;

/// <summary>
/// A profile in the format that <c>go tool pprof</c> reads (profile.proto), built up sample by sample. Equal stacks are
/// added up.
/// </summary>
/// <param name="sampleTypes">Type and unit of each value of a sample, for example <c>cpu</c> and <c>nanoseconds</c>.</param>
internal sealed class PprofProfile(params (string Type, string Unit)[] sampleTypes)
{
    private readonly Dictionary<string, int> _strings = new(StringComparer.Ordinal) { [""] = 0 };
    private readonly List<string> _stringTable = [""];
    private readonly Dictionary<PprofFrame, int> _locations = [];
    private readonly Dictionary<string, (int[] Stack, string? Label, long[] Values)> _samples = new(StringComparer.Ordinal);

    /// <summary>When it was begun.</summary>
    public DateTimeOffset Time { get; init; }

    /// <summary>How long it was taken.</summary>
    public TimeSpan Duration { get; init; }

    /// <summary>Type and unit of what there is one sample for, and how much of it; null: not periodic.</summary>
    public (string Type, string Unit, long Value)? Period { get; init; }

    /// <summary>Which of the values is shown first; null: the last.</summary>
    public string? DefaultSampleType { get; init; }

    /// <summary>Adds a sample.</summary>
    /// <param name="stack">The frames, the innermost first.</param>
    /// <param name="label">A text beside the stack, such as a thread; null: none.</param>
    /// <param name="values">One for each type.</param>
    public void Add(IEnumerable<PprofFrame> stack, string? label, params ReadOnlySpan<long> values)
    {
        int[] ids = [.. stack.Select(Location)];
        string key = string.Join(',', ids) + "|" + label;
        if (!_samples.TryGetValue(key, out var sample)) _samples.Add(key, sample = (ids, label, new long[values.Length]));
        for (int i = 0; i < values.Length; i++) sample.Values[i] += values[i];
    }

    /// <summary>The sum of a value over all samples.</summary>
    public long Total(int value) => _samples.Values.Sum(sample => sample.Values[value]);

    /// <summary>The compressed profile.</summary>
    public byte[] ToArray()
    {
        using MemoryStream output = new();
        using (GZipStream gzip = new(output, CompressionLevel.Fastest, leaveOpen: true)) gzip.Write(Encode());
        return output.ToArray();
    }

    // The numbers of the fields are those of profile.proto.
    private byte[] Encode()
    {
        ProtoWriter profile = new();
        foreach ((string type, string unit) in sampleTypes) profile.Message(1, ValueType(type, unit));
        foreach ((int[] stack, string? label, long[] values) in _samples.Values)
        {
            ProtoWriter sample = new();
            sample.Packed(1, stack.Select(id => (ulong)id));
            sample.Packed(2, values.Select(value => (ulong)value));
            if (label is not null)
            {
                ProtoWriter pair = new();
                pair.Number(1, (ulong)String("thread"));
                pair.Number(2, (ulong)String(label));
                sample.Message(3, pair);
            }
            profile.Message(2, sample);
        }
        Dictionary<string, int> modules = new(StringComparer.Ordinal);
        foreach (string module in _locations.Keys.Select(frame => frame.Module).Distinct(StringComparer.Ordinal)) modules.Add(module, modules.Count + 1);
        foreach ((string module, int id) in modules)
        {
            ProtoWriter mapping = new();
            mapping.Number(1, (ulong)id);
            mapping.Number(5, (ulong)String(module));
            mapping.Number(7, 1);
            profile.Message(3, mapping);
        }
        foreach ((PprofFrame frame, int id) in _locations)
        {
            ProtoWriter line = new();
            line.Number(1, (ulong)id);
            ProtoWriter location = new();
            location.Number(1, (ulong)id);
            location.Number(2, (ulong)modules[frame.Module]);
            location.Message(4, line);
            profile.Message(4, location);
            ProtoWriter function = new();
            function.Number(1, (ulong)id);
            function.Number(2, (ulong)String(frame.Function));
            function.Number(3, (ulong)String(frame.Function));
            function.Number(4, (ulong)String(frame.Module));
            profile.Message(5, function);
        }
        profile.Number(9, (ulong)((Time - DateTimeOffset.UnixEpoch).Ticks * 100));
        profile.Number(10, (ulong)(Duration.Ticks * 100));
        if (Period is { } period)
        {
            profile.Message(11, ValueType(period.Type, period.Unit));
            profile.Number(12, (ulong)period.Value);
        }
        if (DefaultSampleType is { } first) profile.Number(14, (ulong)String(first));
        // Last: everything before may have added to it.
        foreach (string text in _stringTable) profile.Text(6, text);
        return profile.ToArray();
    }

    private ProtoWriter ValueType(string type, string unit)
    {
        ProtoWriter value = new();
        value.Number(1, (ulong)String(type));
        value.Number(2, (ulong)String(unit));
        return value;
    }

    private int Location(PprofFrame frame)
    {
        if (!_locations.TryGetValue(frame, out int id)) _locations.Add(frame, id = _locations.Count + 1);
        return id;
    }

    private int String(string text)
    {
        if (_strings.TryGetValue(text, out int index)) return index;
        _strings.Add(text, index = _stringTable.Count);
        _stringTable.Add(text);
        return index;
    }
}

/// <summary>One frame of a stack.</summary>
/// <param name="Function">The method with its type.</param>
/// <param name="Module">The assembly.</param>
internal sealed record PprofFrame(string Function, string Module);
