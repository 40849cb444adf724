using System.Buffers;
using CiMetrics.Durable;
using CiMetrics.Receiver.Events;
using CiMetrics.Receiver.Ledger;

namespace CiMetrics.Receiver.Storage.Journal;

/// <summary>
/// The records of journal and snapshot: a byte that tells the kind, then fields, little endian; texts are UTF-8 behind
/// their length (2 bytes).
/// </summary>
internal static class LedgerCodec
{
    public const byte EventsKind = 1;
    public const byte DeclarationKind = 2;
    public const byte ProbeKind = 3;
    public const byte HeadKind = 16;
    public const byte NameKind = 17;
    public const byte CounterKind = 18;
    public const byte DurationKind = 19;
    public const byte KeysKind = 20;

    public const byte HasKey = 1;
    public const byte HasSeconds = 2;
    public const byte HasOriginal = 4;

    /// <summary>Writes the events of one request.</summary>
    public static void WriteEvents(ArrayBufferWriter<byte> output, ReadOnlySpan<CountedEvent> events, long time)
    {
        RecordWriter writer = new(output);
        writer.Byte(EventsKind);
        writer.Number(time);
        foreach (CountedEvent counted in events)
        {
            bool hasOriginal = !string.Equals(counted.Original, counted.Name, StringComparison.Ordinal);
            writer.Byte((byte)((counted.Key is null ? 0 : HasKey) | (counted.Seconds is null ? 0 : HasSeconds) | (hasOriginal ? HasOriginal : 0)));
            if (counted.Key is { } key) writer.Key(key);
            if (counted.Seconds is { } seconds) writer.Real(seconds);
            writer.Text(counted.Name);
            if (hasOriginal) writer.Text(counted.Original);
            writer.Text(counted.Project);
            writer.Text(counted.Status);
        }
    }

    /// <summary>Writes that a series is there, at 0.</summary>
    public static void WriteDeclaration(ArrayBufferWriter<byte> output, SeriesKey key, string original, long time)
    {
        RecordWriter writer = new(output);
        writer.Byte(DeclarationKind);
        writer.Number(time);
        writer.Series(key);
        writer.Text(original);
    }

    /// <summary>Writes a record that says nothing: what it takes is to find out whether the disk takes it.</summary>
    public static void WriteProbe(ArrayBufferWriter<byte> output)
    {
        const int Page = 4096;
        output.GetSpan(Page)[..Page].Clear();
        output.GetSpan(Page)[0] = ProbeKind;
        output.Advance(Page);
    }

    /// <summary>Hands the records of a snapshot on.</summary>
    public static void WriteImage(LedgerImage image, RecordHandler record)
    {
        ArrayBufferWriter<byte> output = new();
        RecordWriter writer = new(output);
        writer.Byte(HeadKind);
        writer.Number(image.ForgottenTo);
        foreach (double bound in image.Bounds) writer.Real(bound);
        Hand();
        foreach (NameImage name in image.Names)
        {
            writer.Byte(NameKind);
            writer.Text(name.Value);
            writer.Text(name.Original);
            foreach (string other in name.Others) writer.Text(other);
            Hand();
        }

        foreach (CounterImage counter in image.Counters)
        {
            writer.Byte(CounterKind);
            writer.Series(counter.Key);
            writer.Number(counter.Born);
            writer.Number(counter.Count);
            Hand();
        }

        foreach (DurationImage duration in image.Durations)
        {
            writer.Byte(DurationKind);
            writer.Text(duration.Name);
            writer.Text(duration.Status);
            writer.Number(duration.Born);
            writer.Real(duration.Sum);
            foreach (long count in duration.Counts) writer.Number(count);
            Hand();
        }

        foreach (KeyBlock block in image.Keys)
        {
            writer.Byte(KeysKind);
            for (int i = 0; i < block.Keys.Length; i++)
            {
                writer.Key(block.Keys.Span[i]);
                writer.Short(block.Times.Span[i]);
            }

            Hand();
        }

        void Hand()
        {
            record(output.WrittenSpan);
            output.ResetWrittenCount();
        }
    }
}
