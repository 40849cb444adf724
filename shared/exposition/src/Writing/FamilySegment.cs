using System.Buffers;
using System.Runtime.CompilerServices;
using System.Text;

namespace CiMetrics.Exposition;

/// <summary>
/// One family's part of a body, HELP and TYPE included, in a buffer of its own: so families can be written interleaved,
/// and what a failed collector wrote can be dropped. Its values are trusted; <see cref="MetricWriter"/> checks those of collectors.
/// </summary>
internal sealed class FamilySegment
{
    private readonly ChunkWriter _output;
    private readonly byte[] _textHeader;
    private readonly byte[] _openMetricsHeader;
    private readonly SeriesName _name;
    private readonly SeriesName? _bucket;
    private readonly SeriesName? _sum;
    private readonly SeriesName? _count;
    private readonly SeriesName? _created;
    private GatherMode _mode;

    public FamilySegment(MetricFamily family, StaticLabels statics, ChunkPool pool)
    {
        Family = family;
        _output = new ChunkWriter(pool);
        _textHeader = Header(family.Name, family.TextType, family.Help, escapeQuotes: false);
        _openMetricsHeader = Header(family.OpenMetricsName, family.OpenMetricsType, family.Help, escapeQuotes: true);
        _name = new SeriesName(family.Name, statics);
        if (family.Type == MetricType.Histogram)
        {
            _bucket = new SeriesName(family.Name + "_bucket", statics);
            _sum = new SeriesName(family.Name + "_sum", statics);
            _count = new SeriesName(family.Name + "_count", statics);
        }

        if (family.HasOpenMetricsExtras)
            _created = new SeriesName(family.OpenMetricsName + "_created", statics);
    }

    public MetricFamily Family { get; }

    /// <summary>Whether nothing was written in this gather.</summary>
    public bool IsEmpty => _output.IsEmpty;

    /// <summary>The series written in this gather; used for collectors only, instruments cannot repeat one.</summary>
    public SeriesTable Series { get; } = new();

    /// <summary>Starts a gather. What an aborted gather left is dropped.</summary>
    public void Begin(GatherMode mode)
    {
        if (_output.Length > 0)
            Discard();
        _mode = mode;
    }

    public void Write(LabelSet labels, double value)
    {
        Span<byte> line = BeginLine(_name, labels);
        int length = _name.Write(line, labels);
        EndLine(line, length + NumberFormat.Write(line[length..], value));
    }

    public void Write(LabelSet labels, long value)
    {
        Span<byte> line = BeginLine(_name, labels);
        int length = _name.Write(line, labels);
        EndLine(line, length + NumberFormat.Write(line[length..], value));
    }

    public void WriteCounter(LabelSet labels, double value, Exemplar? exemplar, DateTimeOffset? created)
    {
        Exemplar? shown = _mode.Exemplars && Family.HasOpenMetricsExtras ? exemplar : null;
        Span<byte> line = BeginLine(_name, labels, shown?.Encoded.Length ?? 0);
        int length = _name.Write(line, labels);
        length += NumberFormat.Write(line[length..], value);
        EndLine(line, length + CopyExemplar(line[length..], shown));
        WriteCreated(labels, created);
    }

    /// <summary>Writes one histogram. <c>_count</c> is the sum of the counts, so it cannot differ from the <c>+Inf</c> bucket.</summary>
    public void WriteHistogram(
        LabelSet labels, BucketBounds bounds, ReadOnlySpan<long> counts, double sum, ReadOnlySpan<Exemplar?> exemplars, DateTimeOffset? created)
    {
        long total = 0;
        for (int i = 0; i < counts.Length; i++)
        {
            total += counts[i];
            Exemplar? exemplar = _mode.Exemplars && i < exemplars.Length ? exemplars[i] : null;
            ReadOnlySpan<byte> label = bounds.Label(i);
            Span<byte> line = BeginLine(_bucket!, labels, label.Length + (exemplar?.Encoded.Length ?? 0));
            int length = _bucket!.Write(line, labels, label);
            length += NumberFormat.Write(line[length..], total);
            EndLine(line, length + CopyExemplar(line[length..], exemplar));
        }

        WriteLine(_sum!, labels, sum);
        WriteLine(_count!, labels, total);
        WriteCreated(labels, created);
    }

    /// <summary>Hands the family to a body and is ready for the next gather.</summary>
    public void Commit(SharedBody body)
    {
        _output.MoveTo(body);
        Series.End(accepted: true);
    }

    /// <summary>Drops what was written.</summary>
    public void Discard()
    {
        _output.Discard();
        Series.End(accepted: false);
    }

    private static int CopyExemplar(Span<byte> destination, Exemplar? exemplar)
    {
        if (exemplar is null)
            return 0;
        exemplar.Encoded.CopyTo(destination);
        return exemplar.Encoded.Length;
    }

    private static byte[] Header(string name, string type, string help, bool escapeQuotes)
    {
        var output = new ArrayBufferWriter<byte>();
        Encoding.UTF8.GetBytes($"# HELP {name} ", output);
        LabelEncoding.WriteEscaped(output, help, escapeQuotes);
        Encoding.UTF8.GetBytes($"\n# TYPE {name} {type}\n", output);
        return output.WrittenSpan.ToArray();
    }

    private void WriteCreated(LabelSet labels, DateTimeOffset? created)
    {
        if (_mode.Created && _created is not null && created is { } time)
            WriteLine(_created, labels, Exemplar.UnixSeconds(time));
    }

    private void WriteLine(SeriesName name, LabelSet labels, double value)
    {
        Span<byte> line = BeginLine(name, labels);
        int length = name.Write(line, labels);
        EndLine(line, length + NumberFormat.Write(line[length..], value));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Span<byte> BeginLine(SeriesName name, LabelSet labels, int more = 0)
    {
        if (_output.IsEmpty)
            _output.Append(_mode.OpenMetrics ? _openMetricsHeader : _textHeader);
        return _output.Reserve(name.MaxOverhead + labels.Closed.Length + NumberFormat.MaxLength + 1 + more);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void EndLine(Span<byte> line, int length)
    {
        line[length] = (byte)'\n';
        _output.Advance(length + 1);
    }
}
