using System.IO.Compression;
using System.Text;

namespace CiMetrics.Testing;

/// <summary>A sample of a profile.</summary>
/// <param name="Stack">The functions, the innermost first.</param>
/// <param name="Values">One for each type.</param>
public sealed record PprofSample(IReadOnlyList<string> Stack, IReadOnlyList<long> Values);

/// <summary>
/// A profile in the format of <c>go tool pprof</c> (profile.proto, compressed), decoded strictly by the format's own rules:
/// every number that refers to something must find it.
/// </summary>
public sealed class PprofDecoder
{
    private readonly List<string> _strings = [];
    private readonly List<Dictionary<int, List<object>>> _samples = [];
    private readonly List<Dictionary<int, List<object>>> _types = [];
    private readonly Dictionary<ulong, Dictionary<int, List<object>>> _locations = [];
    private readonly Dictionary<ulong, Dictionary<int, List<object>>> _functions = [];
    private readonly HashSet<ulong> _mappings = [0];

    /// <summary>Decodes a profile.</summary>
    public PprofDecoder(byte[] compressed)
    {
        using GZipStream gzip = new(new MemoryStream(compressed), CompressionMode.Decompress);
        using MemoryStream plain = new();
        gzip.CopyTo(plain);
        Dictionary<int, List<object>> profile = Fields(plain.ToArray());
        _strings.AddRange(All(profile, 6).Select(bytes => Encoding.UTF8.GetString((byte[])bytes)));
        if (_strings.Count == 0 || _strings[0].Length > 0) throw new AssertionException("the first string must be empty");
        _types.AddRange(All(profile, 1).Select(bytes => Fields((byte[])bytes)));
        _samples.AddRange(All(profile, 2).Select(bytes => Fields((byte[])bytes)));
        foreach (object mapping in All(profile, 3)) _mappings.Add(Number(Fields((byte[])mapping), 1));
        foreach (object location in All(profile, 4)) _locations.Add(Number(Fields((byte[])location), 1), Fields((byte[])location));
        foreach (object function in All(profile, 5)) _functions.Add(Number(Fields((byte[])function), 1), Fields((byte[])function));
        SampleTypes = [.. _types.Select(type => (Text(Number(type, 1)), Text(Number(type, 2))))];
        Samples = [.. _samples.Select(Sample)];
        DurationNanoseconds = (long)Number(profile, 10);
    }

    /// <summary>Type and unit of each value.</summary>
    public IReadOnlyList<(string Type, string Unit)> SampleTypes { get; }

    /// <summary>The samples.</summary>
    public IReadOnlyList<PprofSample> Samples { get; }

    /// <summary>How long it was taken.</summary>
    public long DurationNanoseconds { get; }

    /// <summary>The sum of the values of a type.</summary>
    public long Total(string type)
    {
        int index = SampleTypes.ToList().FindIndex(each => each.Type == type);
        return Samples.Sum(sample => sample.Values[index]);
    }

    private static ulong Number(Dictionary<int, List<object>> message, int field) => message.TryGetValue(field, out List<object>? values) ? (ulong)values[^1] : 0;

    private static List<object> All(Dictionary<int, List<object>> message, int field) => message.GetValueOrDefault(field) ?? [];

    private PprofSample Sample(Dictionary<int, List<object>> sample)
    {
        long[] values = [.. Packed(sample, 2).Select(value => (long)value)];
        if (values.Length != _types.Count) throw new AssertionException($"a sample has {values.Length} values for {_types.Count} types");
        return new PprofSample([.. Packed(sample, 1).SelectMany(Functions)], values);
    }

    private IEnumerable<string> Functions(ulong location)
    {
        Dictionary<int, List<object>> found = _locations[location];
        if (!_mappings.Contains(Number(found, 2))) throw new AssertionException("a location is in no mapping");
        foreach (object line in All(found, 4)) yield return Text(Number(_functions[Number(Fields((byte[])line), 1)], 2));
    }

    private static IEnumerable<ulong> Packed(Dictionary<int, List<object>> message, int field)
    {
        foreach (object bytes in All(message, field))
        {
            ReadOnlyMemory<byte> rest = (byte[])bytes;
            while (rest.Length > 0)
            {
                int at = 0;
                yield return Varint(rest.Span, ref at);
                rest = rest[at..];
            }
        }
    }

    private string Text(ulong index) => _strings[(int)index];

    private static Dictionary<int, List<object>> Fields(byte[] message)
    {
        Dictionary<int, List<object>> fields = [];
        for (int at = 0; at < message.Length;)
        {
            ulong tag = Varint(message, ref at);
            object value;
            if ((tag & 7) == 0) value = Varint(message, ref at);
            else if ((tag & 7) == 2)
            {
                int length = (int)Varint(message, ref at);
                value = message[at..(at + length)];
                at += length;
            }
            else throw new AssertionException($"the wire type {tag & 7} is not used by profile.proto");
            int field = (int)(tag >> 3);
            if (!fields.TryGetValue(field, out List<object>? values)) fields.Add(field, values = []);
            values.Add(value);
        }
        return fields;
    }

    private static ulong Varint(ReadOnlySpan<byte> bytes, ref int at)
    {
        ulong value = 0;
        for (int shift = 0; ; shift += 7)
        {
            byte next = bytes[at++];
            value |= (ulong)(next & 0x7f) << shift;
            if (next < 0x80) return value;
        }
    }
}
