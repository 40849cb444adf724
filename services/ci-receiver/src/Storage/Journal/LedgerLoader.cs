using System.Runtime.InteropServices;
using CiMetrics.Receiver.Events;
using CiMetrics.Receiver.Ledger;

namespace CiMetrics.Receiver.Storage.Journal;

/// <summary>Fills a ledger from the records of a snapshot and of the journals behind it.</summary>
internal sealed class LedgerLoader(JobLedger ledger)
{
    private readonly TextPool _texts = new();
    private readonly List<CountedEvent> _events = [];
    private readonly List<double> _bounds = [];

    /// <summary>The time of the last event, milliseconds since 1970; 0 where there is none.</summary>
    public long LastTime { get; private set; }

    /// <summary>Takes one record.</summary>
    /// <exception cref="InvalidDataException">It is not one of this version.</exception>
    public void Read(ReadOnlySpan<byte> record)
    {
        RecordReader reader = new(record, _texts);
        byte kind = reader.Byte();
        switch (kind)
        {
            case LedgerCodec.EventsKind:
                ReadEvents(ref reader);
                break;
            case LedgerCodec.DeclarationKind:
                long time = reader.Number();
                SeriesKey declared = reader.Series();
                ledger.Declare(declared, reader.Text(), time);
                break;
            case LedgerCodec.ProbeKind:
                break;
            case LedgerCodec.HeadKind:
                ledger.RestoreForgotten(reader.Number());
                while (!reader.AtEnd) _bounds.Add(reader.Real());
                break;
            case LedgerCodec.NameKind:
                ReadName(ref reader);
                break;
            case LedgerCodec.CounterKind:
                ledger.Restore(new CounterImage(reader.Series(), reader.Number(), reader.Number()));
                break;
            case LedgerCodec.DurationKind:
                ReadDuration(ref reader);
                break;
            case LedgerCodec.KeysKind:
                ReadKeys(ref reader);
                break;
            default:
                throw new InvalidDataException($"there is a record of the kind {kind}, which this version does not know");
        }
    }

    private void ReadEvents(ref RecordReader reader)
    {
        _events.Clear();
        LastTime = reader.Number();
        while (!reader.AtEnd)
        {
            byte flags = reader.Byte();
            EventKey? key = (flags & LedgerCodec.HasKey) != 0 ? reader.Key() : null;
            double? seconds = (flags & LedgerCodec.HasSeconds) != 0 ? reader.Real() : null;
            string name = reader.Text();
            string original = (flags & LedgerCodec.HasOriginal) != 0 ? reader.Text() : name;
            _events.Add(new CountedEvent(name, original, reader.Text(), reader.Text(), seconds, key));
        }

        ledger.Apply(CollectionsMarshal.AsSpan(_events), LastTime);
    }

    private void ReadName(ref RecordReader reader)
    {
        (string value, string original) = (reader.Text(), reader.Text());
        List<string> others = [];
        while (!reader.AtEnd) others.Add(reader.Text());
        ledger.Restore(new NameImage(value, original, others));
    }

    private void ReadDuration(ref RecordReader reader)
    {
        (string name, string status, long born, double sum) = (reader.Text(), reader.Text(), reader.Number(), reader.Real());
        List<long> counts = [];
        while (!reader.AtEnd) counts.Add(reader.Number());
        ledger.Restore(new DurationImage(name, status, born, counts, sum), _bounds);
    }

    private void ReadKeys(ref RecordReader reader)
    {
        List<EventKey> keys = [];
        List<uint> times = [];
        while (!reader.AtEnd)
        {
            keys.Add(reader.Key());
            times.Add(reader.Short());
        }

        ledger.Restore(new KeyBlock(keys.ToArray(), times.ToArray()));
    }
}
