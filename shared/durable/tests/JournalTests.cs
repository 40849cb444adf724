using System.Text;
using CiMetrics.Testing;

namespace CiMetrics.Durable.Tests;

public sealed class JournalTests
{
    private TempFolder _folder = null!;

    private string File1 => _folder.PathOf("one.journal");

    [SetUp]
    public void Create() => _folder = new TempFolder();

    [TearDown]
    public void Remove() => _folder.Dispose();

    [Test]
    public void Committed_records_come_back_in_order_whatever_their_length()
    {
        int[] lengths = [1, 7, 8, 9, 15, 16, 17, 4096, 3 << 20, 1];
        byte[][] written = [.. lengths.Select((length, index) => Enumerable.Repeat((byte)index, length).ToArray())];
        using (Journal journal = Journal.Open(File1, _ => Assert.Fail("a new journal is empty")))
        {
            foreach (byte[] record in written)
                journal.Append(record);
            journal.Commit();
        }
        (List<byte[]> found, JournalRecovery recovery) = ReadBack();
        Assert.That(found, Is.EqualTo(written));
        Assert.That(recovery, Is.EqualTo(new JournalRecovery(written.Length, 0)));
    }

    [Test]
    public void What_was_not_committed_is_not_there()
    {
        using (Journal journal = Journal.Open(File1, _ => { }))
        {
            journal.Append("kept"u8);
            journal.Commit();
            journal.Append("lost"u8);
        }
        Assert.That(Texts(ReadBack().Records), Is.EqualTo(["kept"]));
    }

    [Test]
    public void Appending_goes_on_after_each_reopening()
    {
        for (int i = 0; i < 5; i++)
        {
            using Journal journal = Journal.Open(File1, _ => { });
            journal.Append(Encoding.ASCII.GetBytes($"record {i}"));
            journal.Commit();
        }
        Assert.That(Texts(ReadBack().Records), Is.EqualTo(["record 0", "record 1", "record 2", "record 3", "record 4"]));
    }

    [Test]
    public void A_file_cut_off_anywhere_gives_the_records_before_the_cut_and_goes_on()
    {
        byte[] whole = Written(["alpha", "beta", "gamma"], commitEach: true);
        string[] all = ["alpha", "beta", "gamma"];
        int last = 0;
        for (int length = RecordFormat.FileHeader; length <= whole.Length; length++)
        {
            File.WriteAllBytes(File1, whole[..length]);
            using (Journal journal = Journal.Open(File1, _ => { }))
            {
                journal.Append("next"u8);
                journal.Commit();
            }
            string[] found = Texts(ReadBack().Records);
            Assert.That(found, Is.EqualTo([.. all[..(found.Length - 1)], "next"]), $"cut at {length}");
            Assert.That(found, Has.Length.InRange(last, last + 1));
            last = found.Length;
        }
        Assert.That(last, Is.EqualTo(4));
    }

    [Test]
    public void A_changed_bit_is_an_error_or_takes_the_last_commit_only_and_never_changes_a_record()
    {
        string[] all = ["alpha", "beta", "gamma"];
        byte[] whole = Written(all, commitEach: true);
        int lastRecord = whole.Length - RecordFormat.RecordHeader - "gamma".Length;
        for (int bit = 0; bit < whole.Length * 8; bit++)
        {
            byte[] changed = [.. whole];
            changed[bit / 8] ^= (byte)(1 << (bit % 8));
            File.WriteAllBytes(File1, changed);
            if (bit / 8 < lastRecord)
                Assert.That(() => ReadBack(), Throws.TypeOf<DamagedFileException>().With.Message.Contains(File1), $"bit {bit}");
            else
                Assert.That(Texts(ReadBack().Records), Is.EqualTo(["alpha", "beta"]), $"bit {bit}");
        }
    }

    [Test]
    public void After_a_seal_a_changed_bit_of_any_record_is_an_error_and_one_of_the_seal_costs_nothing()
    {
        string[] all = ["alpha", "beta", "gamma"];
        Written(all, commitEach: true);
        using (Journal journal = Journal.Open(File1, _ => { })) journal.Seal();
        byte[] whole = File.ReadAllBytes(File1);
        int seal = whole.Length - RecordFormat.RecordHeader;
        for (int bit = 0; bit < whole.Length * 8; bit++)
        {
            byte[] changed = [.. whole];
            changed[bit / 8] ^= (byte)(1 << (bit % 8));
            File.WriteAllBytes(File1, changed);
            if (bit / 8 < seal)
                Assert.That(() => ReadBack(), Throws.TypeOf<DamagedFileException>().With.Message.Contains(File1), $"bit {bit}");
            else
                Assert.That(Texts(ReadBack().Records), Is.EqualTo(all), $"bit {bit}");
        }
    }

    [Test]
    public void Seals_are_no_records_and_there_is_one_however_often_nothing_happens()
    {
        for (int life = 0; life < 3; life++)
        {
            using Journal journal = Journal.Open(File1, _ => { });
            journal.Seal();
        }
        Assert.That(new FileInfo(File1).Length, Is.EqualTo(RecordFormat.FileHeader), "there is nothing to seal");
        Written(["alpha"], commitEach: true);
        for (int life = 0; life < 3; life++)
        {
            using Journal journal = Journal.Open(File1, _ => { });
            journal.Append("forgotten"u8);
            journal.Seal();
        }
        Written(["beta"], commitEach: true);
        (List<byte[]> records, JournalRecovery recovery) = ReadBack();
        Assert.That(Texts(records), Is.EqualTo(["alpha", "beta"]));
        Assert.That(recovery, Is.EqualTo(new JournalRecovery(2, 0)));
        Assert.That(new FileInfo(File1).Length, Is.EqualTo(RecordFormat.FileHeader + (3 * RecordFormat.RecordHeader) + "alphabeta".Length));
    }

    [Test]
    public void A_hole_in_the_last_commit_is_a_torn_tail_and_not_damage()
    {
        byte[] whole = Written(["first", "second", "third", "fourth"], commitEach: false);
        byte[] torn = [.. whole];
        torn[RecordFormat.FileHeader + RecordFormat.RecordHeader + "first".Length + RecordFormat.RecordHeader] ^= 1;
        File.WriteAllBytes(File1, torn);
        (List<byte[]> records, JournalRecovery recovery) = ReadBack();
        Assert.That(Texts(records), Is.EqualTo(["first"]));
        Assert.That(recovery.CutBytes, Is.EqualTo(3 * RecordFormat.RecordHeader + "secondthirdfourth".Length));
    }

    [Test]
    public void Zeros_after_the_last_record_are_cut()
    {
        byte[] whole = Written(["alpha"], commitEach: true);
        File.WriteAllBytes(File1, [.. whole, .. new byte[5000]]);
        (List<byte[]> records, JournalRecovery recovery) = ReadBack();
        Assert.That(Texts(records), Is.EqualTo(["alpha"]));
        Assert.That(recovery.CutBytes, Is.EqualTo(5000));
        Assert.That(new FileInfo(File1).Length, Is.EqualTo(whole.Length));
    }

    [Test]
    public void Records_of_another_journal_do_not_pass()
    {
        byte[] other = Written(["alpha", "beta"], commitEach: true);
        File.Delete(File1);
        byte[] own = Written(["own"], commitEach: true);
        File.WriteAllBytes(File1, [.. own, .. other[RecordFormat.FileHeader..]]);
        Assert.That(Texts(ReadBack().Records), Is.EqualTo(["own"]));
    }

    [TestCase("")]
    [TestCase("{\"not\":\"a journal\"}")]
    [TestCase("CIJRNL\0\u0002 of a version to come, long enough for a header")]
    public void What_is_no_journal_is_refused_and_left_alone(string content)
    {
        File.WriteAllText(File1, content);
        Assert.That(() => ReadBack(), Throws.TypeOf<DamagedFileException>().With.Message.Contains(File1));
        Assert.That(File.ReadAllText(File1), Is.EqualTo(content));
    }

    [Test]
    public async Task A_full_disk_takes_nothing_and_the_journal_goes_on_when_there_is_space()
    {
        await using SmallDisk disk = await SmallDisk.MountAsync(_folder, "256k");
        string path = disk.PathOf("a.journal");
        using (Journal journal = Journal.Open(path, _ => { }))
        {
            journal.Append("before"u8);
            journal.Commit();
            string filler = disk.Fill();
            // Longer than the page that the file has already.
            journal.Append(new byte[10_000]);
            Assert.That(journal.Commit, Throws.InstanceOf<IOException>());
            Assert.That(journal.Commit, Throws.Nothing, "the refused records are forgotten");
            File.Delete(filler);
            journal.Append("after"u8);
            journal.Commit();
        }
        List<string> found = [];
        using Journal again = Journal.Open(path, record => found.Add(Encoding.ASCII.GetString(record)));
        Assert.That(found, Is.EqualTo(["before", "after"]));
        Assert.That(again.Recovery.CutBytes, Is.Zero);
    }

    [Test]
    public void Empty_and_huge_records_are_refused()
    {
        using Journal journal = Journal.Open(File1, _ => { });
        Assert.That(() => journal.Append([]), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => journal.Append(new byte[RecordFormat.LongestPayload + 1]), Throws.TypeOf<ArgumentOutOfRangeException>());
    }

    private byte[] Written(string[] records, bool commitEach)
    {
        using (Journal journal = Journal.Open(File1, _ => { }))
        {
            foreach (string record in records)
            {
                journal.Append(Encoding.ASCII.GetBytes(record));
                if (commitEach) journal.Commit();
            }
            journal.Commit();
        }
        return File.ReadAllBytes(File1);
    }

    private (List<byte[]> Records, JournalRecovery Recovery) ReadBack()
    {
        List<byte[]> records = [];
        using Journal journal = Journal.Open(File1, record => records.Add(record.ToArray()));
        return (records, journal.Recovery);
    }

    private static string[] Texts(List<byte[]> records) => [.. records.Select(Encoding.ASCII.GetString)];
}
