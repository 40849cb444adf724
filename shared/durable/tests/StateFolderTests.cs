using System.Text;
using CiMetrics.Testing;

namespace CiMetrics.Durable.Tests;

public sealed class StateFolderTests
{
    private TempFolder _folder = null!;

    private string Data => _folder.PathOf("data");

    [SetUp]
    public void Create() => _folder = new TempFolder();

    [TearDown]
    public void Remove() => _folder.Dispose();

    [Test]
    public void A_state_comes_back_from_its_snapshot_and_what_came_after()
    {
        using (StateFolder state = Open(out _))
        {
            Add(state, "1", "2");
            long generation = state.BeginGeneration();
            Add(state, "3");
            state.WriteSnapshot(generation, Snapshot("sum of 1 and 2"));
            Add(state, "4");
        }
        using StateFolder again = Open(out List<string> found);
        Assert.That(found, Is.EqualTo(["sum of 1 and 2", "3", "4"]));
        Assert.That(Names(), Is.EqualTo(["0000000002.journal", "0000000002.snapshot", "lock", "lock.pid"]));
    }

    [Test]
    public void A_crash_before_the_snapshot_was_written_loses_nothing()
    {
        using (StateFolder state = Open(out _))
        {
            Add(state, "1");
            state.BeginGeneration();
            Add(state, "2");
            state.BeginGeneration();
            Add(state, "3");
        }
        using StateFolder again = Open(out List<string> found);
        Assert.That(found, Is.EqualTo(["1", "2", "3"]));
        Assert.That(again.Recovery.Records, Is.EqualTo(3));
    }

    [Test]
    public void A_crash_before_old_files_were_removed_counts_nothing_twice()
    {
        using (StateFolder state = Open(out _))
        {
            Add(state, "1");
            File.Copy(Path.Combine(Data, "0000000001.journal"), _folder.PathOf("copy"));
            state.WriteSnapshot(state.BeginGeneration(), Snapshot("one"));
            Add(state, "2");
        }
        File.Copy(_folder.PathOf("copy"), Path.Combine(Data, "0000000001.journal"));
        using StateFolder again = Open(out List<string> found);
        Assert.That(found, Is.EqualTo(["one", "2"]));
    }

    [Test]
    public void A_changed_byte_at_the_end_of_a_journal_that_another_continues_is_an_error()
    {
        using (StateFolder state = Open(out _))
        {
            Add(state, "first");
            state.BeginGeneration();
            Add(state, "second");
        }
        string path = Path.Combine(Data, "0000000001.journal");
        byte[] bytes = File.ReadAllBytes(path);
        bytes[bytes.AsSpan().IndexOf("first"u8)] ^= 1;
        File.WriteAllBytes(path, bytes);
        Assert.That(() => Open(out _), Throws.TypeOf<DamagedFileException>().With.Message.Contains(path));
    }

    [Test]
    public void A_missing_snapshot_is_an_error_that_names_it()
    {
        using (StateFolder state = Open(out _))
        {
            Add(state, "a");
            state.WriteSnapshot(state.BeginGeneration(), Snapshot("a"));
            Add(state, "b");
        }
        File.Delete(Directory.GetFiles(Data, "*.snapshot").Single());
        Assert.That(() => Open(out _), Throws.TypeOf<DamagedFileException>().With.Message.Contain("0000000002.snapshot").And.Message.Contain("it is missing"));
    }

    [Test]
    public void A_missing_journal_is_an_error_that_names_it()
    {
        using (StateFolder state = Open(out _))
        {
            Add(state, "1");
            state.WriteSnapshot(state.BeginGeneration(), Snapshot("one"));
            state.BeginGeneration();
            Add(state, "2");
        }
        File.Delete(Path.Combine(Data, "0000000002.journal"));
        Assert.That(() => Open(out _), Throws.TypeOf<DamagedFileException>().With.Message.Contains("0000000002.journal"));
        File.Delete(Path.Combine(Data, "0000000003.journal"));
        Assert.That(() => Open(out _), Throws.TypeOf<DamagedFileException>(), "a snapshot never comes without its journal");
    }

    [Test]
    public void A_snapshot_that_changed_or_was_cut_anywhere_is_an_error()
    {
        using (StateFolder state = Open(out _))
            state.WriteSnapshot(state.BeginGeneration(), Snapshot("alpha", "beta"));
        string path = Path.Combine(Data, "0000000002.snapshot");
        byte[] whole = File.ReadAllBytes(path);
        for (int i = 0; i < whole.Length; i++)
        {
            byte[] changed = [.. whole];
            changed[i] ^= 0x10;
            File.WriteAllBytes(path, changed);
            Assert.That(() => Open(out _), Throws.TypeOf<DamagedFileException>(), $"byte {i} changed");
            File.WriteAllBytes(path, whole[..i]);
            Assert.That(() => Open(out _), Throws.TypeOf<DamagedFileException>(), $"cut at {i}");
        }
    }

    [Test]
    public void One_owner_at_a_time()
    {
        using StateFolder state = Open(out _);
        Assert.That(() => Open(out _), Throws.TypeOf<FolderInUseException>());
    }

    [Test]
    public async Task A_snapshot_that_finds_no_space_leaves_everything_as_it_was()
    {
        await using SmallDisk disk = await SmallDisk.MountAsync(_folder, "256k");
        using (StateFolder state = StateFolder.Open(disk.PathOf("data"), _ => { }))
        {
            Add(state, "1");
            long generation = state.BeginGeneration();
            Add(state, "2");
            string filler = disk.Fill();
            Assert.That(() => state.WriteSnapshot(generation, add => add(new byte[200_000])), Throws.InstanceOf<IOException>());
            File.Delete(filler);
            Add(state, "3");
        }
        List<string> found = [];
        using StateFolder again = StateFolder.Open(disk.PathOf("data"), record => found.Add(Encoding.ASCII.GetString(record)));
        Assert.That(found, Is.EqualTo(["1", "2", "3"]));
    }

    [Test]
    public void A_random_life_with_crashes_at_any_point_keeps_every_committed_record_once()
    {
        Random random = Seed.Random(out _);
        List<string> expected = [];
        int next = 0;
        for (int life = 0; life < 30; life++)
        {
            using StateFolder state = Open(out List<string> found);
            Assert.That(found.SelectMany(record => record.Split(',')), Is.EqualTo(expected), $"life {life}");
            for (int step = random.Next(20); step > 0; step--)
            {
                string record = $"{next++}";
                state.Append(Encoding.ASCII.GetBytes(record));
                if (random.Next(4) == 0) break; // dies before the commit
                state.Commit();
                expected.Add(record);
                if (random.Next(5) != 0) continue;
                string whole = string.Join(',', expected);
                long generation = state.BeginGeneration();
                if (random.Next(2) == 0) state.WriteSnapshot(generation, Snapshot(whole));
            }
        }
    }

    private StateFolder Open(out List<string> found)
    {
        List<string> records = [];
        found = records;
        return StateFolder.Open(Data, record => records.Add(Encoding.ASCII.GetString(record)));
    }

    private static void Add(StateFolder state, params string[] records)
    {
        foreach (string record in records)
            state.Append(Encoding.ASCII.GetBytes(record));
        state.Commit();
    }

    private static Action<RecordHandler> Snapshot(params string[] records) => add =>
    {
        foreach (string record in records)
            add(Encoding.ASCII.GetBytes(record));
    };

    private string[] Names() => [.. Directory.EnumerateFiles(Data).Select(file => Path.GetFileName(file)).Order(StringComparer.Ordinal)];
}
