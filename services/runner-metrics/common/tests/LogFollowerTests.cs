using System.Text;
using CiMetrics.RunnerMetrics.Following;
using CiMetrics.Testing;

namespace CiMetrics.RunnerMetrics.Tests;

/// <summary>The follower on real files that are written, renamed, copied and truncated.</summary>
public sealed class LogFollowerTests
{
    private TempFolder _folder = null!;
    private string _path = null!;
    private List<string> _lines = null!;

    [SetUp]
    public void SetUp() => (_folder, _lines) = (new TempFolder(), []);

    [SetUp]
    public void SetUpPath() => _path = _folder.PathOf("runner.log");

    [TearDown]
    public void TearDown() => _folder.Dispose();

    [Test]
    public void Lines_come_once_and_a_line_without_an_end_waits_for_it()
    {
        using LogFollower follower = new(_path);
        Read(follower);
        Assert.That(follower.State, Is.EqualTo(FollowState.Missing));
        Append("one\ntwo\nthr");
        Read(follower);
        Assert.That(_lines, Is.EqualTo(["one", "two"]));
        Append("ee\n");
        Read(follower);
        Read(follower);
        Assert.That(_lines, Is.EqualTo(["one", "two", "three"]));
        Assert.That(follower.State, Is.EqualTo(FollowState.Reading));
        Assert.That(follower.Counts, Is.EqualTo(new FollowCounts(14, 3, 0, 0, 0, 0)));
    }

    [Test]
    public void Renamed_and_created_anew_loses_nothing()
    {
        using LogFollower follower = new(_path);
        Append("one\n");
        Read(follower);
        Append("two\n");
        File.Move(_path, _path + ".1");
        File.AppendAllText(_path + ".1", "three\nno end");
        Read(follower);
        // An empty new file does not say that the old one is done with.
        File.WriteAllText(_path, "");
        Read(follower);
        File.AppendAllText(_path + ".1", " yet\nlast words without an end");
        Append("four\n");
        Read(follower);
        Assert.That(_lines, Is.EqualTo(["one", "two", "three", "no end yet", "last words without an end", "four"]));
        Assert.That(follower.Counts.Rotations, Is.EqualTo(1));
        Assert.That(follower.Counts.Gaps, Is.Zero);
    }

    [Test]
    public void Several_rotations_between_two_looks_lose_nothing()
    {
        using LogFollower follower = new(_path);
        Append("1\n");
        Read(follower);
        for (int i = 2; i <= 5; i++) Rotate($"{i}\n");
        Read(follower);
        Assert.That(_lines, Is.EqualTo(["1", "2", "3", "4", "5"]));
    }

    [Test]
    public void Copied_and_truncated_loses_nothing_while_the_copy_is_there()
    {
        using LogFollower follower = new(_path);
        Append("one\ntwo\nhal");
        Read(follower);
        Append("f\nthree\n");
        File.Copy(_path, _path + ".1");
        File.WriteAllText(_path, "four\n");
        Read(follower);
        Assert.That(_lines, Is.EqualTo(["one", "two", "half", "three", "four"]));
        Assert.That(follower.Counts.Truncations, Is.EqualTo(1));
    }

    [Test]
    public void A_file_that_has_grown_past_its_old_length_after_truncation_is_read_from_its_beginning()
    {
        using LogFollower follower = new(_path);
        Append("one\ntwo\n");
        Read(follower);
        File.WriteAllText(_path, "three\nfour\nfive\n");
        Read(follower);
        Assert.That(_lines, Is.EqualTo(["one", "two", "three", "four", "five"]));
        Assert.That(follower.Counts.Truncations, Is.EqualTo(1));
    }

    [Test]
    public void A_file_that_was_removed_and_written_again_is_read()
    {
        using LogFollower follower = new(_path);
        Append("one\n");
        Read(follower);
        File.Delete(_path);
        Read(follower);
        Append("two\n");
        Read(follower);
        Assert.That(_lines, Is.EqualTo(["one", "two"]));
    }

    [TestCase(0)]
    [TestCase(1)]
    [TestCase(3)]
    public void A_restart_goes_on_where_it_was_over_rotations(int rotations)
    {
        LogPosition position = ReadAndStop("one\ntwo\npart");
        Append("ial\n");
        for (int i = 0; i < rotations; i++) Rotate($"new {i}\n");
        using LogFollower follower = new(_path, position);
        Read(follower);
        Assert.That(_lines, Is.EqualTo(new[] { "one", "two", "partial" }.Concat(Enumerable.Range(0, rotations).Select(i => $"new {i}"))));
        Assert.That(follower.Counts.Gaps, Is.Zero);
    }

    [Test]
    public void A_restart_goes_on_in_the_copy_of_a_truncated_file()
    {
        LogPosition position = ReadAndStop("one\ntwo\n");
        Append("three\n");
        File.Copy(_path, _path + ".1");
        File.WriteAllText(_path, "four\n");
        using LogFollower follower = new(_path, position);
        Read(follower);
        Assert.That(_lines, Is.EqualTo(["one", "two", "three", "four"]));
    }

    [Test]
    public void A_restart_that_cannot_find_what_it_read_says_so()
    {
        LogPosition position = ReadAndStop("one\ntwo\n");
        File.WriteAllText(_path, "something else that is longer\n");
        using LogFollower follower = new(_path, position);
        Read(follower);
        Assert.That(_lines, Is.EqualTo(["one", "two", "something else that is longer"]));
        Assert.That(follower.Counts.Gaps, Is.EqualTo(1));
    }

    [Test]
    public void Files_that_begin_alike_are_not_taken_for_one_another()
    {
        for (int i = 0; i < 4; i++)
        {
            if (i > 0) Rotate("");
            Append($"the same first line\nline of {i}\n");
        }
        Rotate("");
        LogPosition position = ReadAndStop("the same first line\n");
        Rotate("the same first line\nnew\n");
        using LogFollower follower = new(_path, position);
        Read(follower);
        Assert.That(_lines, Is.EqualTo(["the same first line", "the same first line", "new"]));
    }

    [Test]
    public void Another_log_beside_it_is_no_part_of_it()
    {
        LogPosition position = ReadAndStop("one\n");
        Append("two\n");
        File.Move(_path, _path + ".1");
        File.WriteAllText(_folder.PathOf("runner2.log"), "foreign\n");
        File.WriteAllText(_folder.PathOf("runner.log.gz"), "compressed\n");
        Append("three\n");
        using LogFollower follower = new(_path, position);
        Read(follower);
        Assert.That(_lines, Is.EqualTo(["one", "two", "three"]));
    }

    [TestCase("runner.log", "runner.log.1", true)]
    [TestCase("runner.log", "runner.log-20260102", true)]
    [TestCase("runner.log", "runner-20260102.log", true)]
    [TestCase("runner.log", "runner2.log", false)]
    [TestCase("runner.log", "runner-other.log", false)]
    [TestCase("runner.log", "runner.logs", false)]
    public void Older_parts_are_known_by_their_names(string name, string sibling, bool isPart) =>
        Assert.That(LogFile.IsPartOf(name, sibling), Is.EqualTo(isPart));

    [Test]
    public void From_the_end_means_what_comes_after_the_start_also_of_a_file_that_was_not_there()
    {
        Append("old\n");
        using LogFollower follower = new(_path, fromEnd: true);
        Read(follower);
        Append("new\n");
        Read(follower);
        Assert.That(_lines, Is.EqualTo(["new"]));

        string other = _folder.PathOf("other.log");
        using LogFollower late = new(other, fromEnd: true);
        Read(late);
        File.WriteAllText(other, "first\n");
        Read(late);
        Assert.That(_lines, Is.EqualTo(["new", "first"]));
    }

    [Test]
    public async Task A_pipe_is_never_opened()
    {
        (int exitCode, _) = await ServiceProcess.RunAsync("/usr/bin/mkfifo", [_path]);
        Assert.That(exitCode, Is.Zero);
        using LogFollower follower = new(_path);
        Read(follower);
        Assert.That(follower.State, Is.EqualTo(FollowState.Refused));
        Assert.That(follower.Problem, Does.Contain("pipe"));
    }

    [Test]
    public void A_link_is_followed_to_another_target()
    {
        File.WriteAllText(_folder.PathOf("a"), "one\n");
        File.WriteAllText(_folder.PathOf("b"), "two\n");
        File.CreateSymbolicLink(_path, _folder.PathOf("a"));
        using LogFollower follower = new(_path);
        Read(follower);
        File.Delete(_path);
        File.CreateSymbolicLink(_path, _folder.PathOf("b"));
        Read(follower);
        Assert.That(_lines, Is.EqualTo(["one", "two"]));
    }

    [Test]
    public void Bytes_that_are_no_UTF8_and_lines_over_a_megabyte_pass()
    {
        using LogFollower follower = new(_path);
        File.WriteAllBytes(_path, [0xff, 0xfe, (byte)'\n', .. Encoding.UTF8.GetBytes(new string('y', 1_200_000)), (byte)'\n', (byte)'z', (byte)'\n']);
        Read(follower);
        Assert.That(_lines, Has.Count.EqualTo(3));
        Assert.That(_lines[2], Is.EqualTo("z"));
        Assert.That(follower.Counts.CutLines, Is.EqualTo(1));
        Assert.That(follower.Position!.Offset, Is.EqualTo(new FileInfo(_path).Length));
    }

    [Test]
    public void Any_stops_and_rotations_lose_nothing_and_give_nothing_twice()
    {
        Random random = Seed.Random(out _);
        for (int round = 0; round < 30; round++)
        {
            SetUpRound(round);
            // What was rotated away before the first look was never begun with.
            List<string> written = [$"{round} begin"];
            Append(written[0] + "\n");
            LogFollower follower = new(_path);
            Read(follower);
            // What counts is what was read when the position was kept: the rest is read again, as after a crash.
            (LogPosition? position, int kept) = (follower.Position, _lines.Count);
            List<string> steps = [];
            for (int step = 0; step < 40; step++)
            {
                int kind = random.Next(8);
                steps.Add($"{step}:{kind switch { 0 => "rename", 1 => "copytruncate", 2 => "crash", 3 => "keep", 4 => "read", _ => "write" }}");
                switch (kind)
                {
                    case 0 when File.Exists(_path):
                        Rotate("");
                        break;
                    case 1 when File.Exists(_path) && new FileInfo(_path).Length > 0:
                        Shift();
                        File.Copy(_path, _path + ".1");
                        using (FileStream file = new(_path, FileMode.Open)) file.SetLength(0);
                        Thread.Sleep(10);
                        break;
                    case 2:
                        follower.Dispose();
                        _lines.RemoveRange(kept, _lines.Count - kept);
                        follower = new LogFollower(_path, position);
                        break;
                    case 3:
                        Read(follower);
                        (position, kept) = (follower.Position, _lines.Count);
                        break;
                    case 4:
                        Read(follower);
                        break;
                    default:
                        string line = $"{round}-{step} {new string('x', random.Next(60))}";
                        written.Add(line);
                        Append(line + "\n");
                        break;
                }
            }
            Append("end\n");
            written.Add("end");
            Read(follower);
            Assert.That(_lines, Is.EqualTo(written), $"round {round}: {string.Join(' ', steps)}");
            follower.Dispose();
        }
    }

    private void SetUpRound(int round)
    {
        _path = _folder.PathOf($"log{round}-x.log");
        _lines.Clear();
    }

    private LogPosition ReadAndStop(string text)
    {
        Append(text);
        using LogFollower follower = new(_path);
        Read(follower);
        return follower.Position!;
    }

    private void Rotate(string text)
    {
        Shift();
        File.Move(_path, _path + ".1");
        if (text.Length > 0) Append(text);
    }

    private void Shift()
    {
        // Real rotations lie minutes apart; the file system's clock ticks every few milliseconds.
        Thread.Sleep(10);
        for (int i = 60; i >= 1; i--)
        {
            if (File.Exists($"{_path}.{i}")) File.Move($"{_path}.{i}", $"{_path}.{i + 1}");
        }
    }

    private void Append(string text) => File.AppendAllText(_path, text);

    private void Read(LogFollower follower)
    {
        do follower.Read((line, _) => _lines.Add(Encoding.UTF8.GetString(line)));
        while (follower.IsBehind);
    }
}
