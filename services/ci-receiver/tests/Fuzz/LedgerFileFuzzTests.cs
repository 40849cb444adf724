using CiMetrics.Durable;
using CiMetrics.Exposition;
using CiMetrics.Hosting;
using CiMetrics.Receiver.Events;
using CiMetrics.Receiver.Ledger;
using CiMetrics.Receiver.Storage.Journal;
using CiMetrics.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace CiMetrics.Receiver.Tests.Fuzz;

/// <summary>Files of the ledger with bits flipped or ends cut: the start refuses them, or counts what is still certain.</summary>
public sealed class LedgerFileFuzzTests
{
    private const int Records = 60;

    [Test]
    public void A_changed_file_gives_what_was_stored_first_or_a_clear_failure_and_never_another_count()
    {
        Random random = Seed.Random(out _);
        using TempFolder folder = new();
        Write(folder.PathOf("original"));
        int refused = 0;
        int shorter = 0;
        for (int round = 0; round < 200; round++)
        {
            string copy = folder.PathOf($"copy{round}");
            CopyWithDamage(folder.PathOf("original"), copy, random);
            try
            {
                int read = Read(copy);
                if (read < Records) shorter++;
            }
            catch (ServiceFailedException exception)
            {
                refused++;
                Assert.That(exception.Message, Does.Contain(copy));
            }

            Directory.Delete(copy, recursive: true);
        }

        Assert.That(refused, Is.Positive, "changed bytes that had been durable");
        Assert.That(shorter, Is.Positive, "tails as a crash leaves them");
    }

    // A snapshot of the first half and a journal of the second, one commit for each record.
    private static void Write(string path)
    {
        JobLedger ledger = NewLedger();
        using StateFolder folder = StateFolder.Open(path, _ => { });
        System.Buffers.ArrayBufferWriter<byte> record = new();
        for (int i = 0; i < Records; i++)
        {
            CountedEvent[] events = [new($"name{i}", $"name{i}", "p", "success", i, EventKey.Of($"{i}"))];
            record.ResetWrittenCount();
            LedgerCodec.WriteEvents(record, events, 1_700_000_000_000 + i);
            folder.Append(record.WrittenSpan);
            folder.Commit();
            ledger.Apply(events, 1_700_000_000_000 + i);
            if (i != Records / 2) continue;
            LedgerImage image = ledger.Capture();
            folder.WriteSnapshot(folder.BeginGeneration(), handler => LedgerCodec.WriteImage(image, handler));
        }
    }

    private static void CopyWithDamage(string from, string to, Random random)
    {
        Directory.CreateDirectory(to);
        string[] files = [.. Directory.GetFiles(from).Where(file => Path.GetExtension(file) is ".journal" or ".snapshot")];
        string damaged = files[random.Next(files.Length)];
        foreach (string file in files)
        {
            byte[] bytes = File.ReadAllBytes(file);
            if (file == damaged)
            {
                if (random.Next(3) == 0) bytes = bytes[..random.Next(bytes.Length)];
                else bytes[random.Next(bytes.Length)] ^= (byte)(1 << random.Next(8));
            }

            File.WriteAllBytes(Path.Combine(to, Path.GetFileName(file)), bytes);
        }
    }

    /// <summary>How many records there are; they must be the first ones, each once.</summary>
    private static int Read(string path)
    {
        JobLedger ledger = NewLedger();
        using StateFolder folder = DataFolder.Open(path, ledger, TimeProvider.System, NullLogger.Instance);
        LedgerView view = new();
        ledger.Read(view);
        for (int i = 0; i < view.Counters; i++)
            Assert.That((view.Counter(i).Key.Name, view.Count(i), view.Duration(i).Name, view.Sum(i)), Is.EqualTo(($"name{i}", 1L, $"name{i}", (double)i)));
        Assert.That(view.Counters, Is.GreaterThan(Records / 2), "what the snapshot holds");
        return view.Counters;
    }

    private static JobLedger NewLedger() => new(new LedgerLimits(1000, 10, 1000, 1000, TimeSpan.FromDays(10_000)), new BucketBounds(10, 20));
}
