using System.Text;
using CiMetrics.RunnerMetrics.Following;
using CiMetrics.Testing;

namespace CiMetrics.RunnerMetrics.Tests;

public sealed class LineSplitterTests
{
    [Test]
    public void Lines_are_the_same_however_the_bytes_come()
    {
        Random random = Seed.Random(out _);
        string[] lines = [.. Enumerable.Range(0, 300).Select(i => new string((char)('a' + (i % 26)), random.Next(0, 400)))];
        byte[] bytes = Encoding.UTF8.GetBytes(string.Concat(lines.Select(line => line + (random.Next(2) == 0 ? "\n" : "\r\n"))));
        for (int round = 0; round < 20; round++)
        {
            LineSplitter splitter = new();
            List<string> got = [];
            int fed = 0;
            for (int at = 0; at < bytes.Length;)
            {
                int length = Math.Min(bytes.Length - at, random.Next(1, 1000));
                fed += splitter.Feed(bytes.AsSpan(at, length), (line, _) => got.Add(Encoding.UTF8.GetString(line)));
                at += length;
            }
            Assert.That(got, Is.EqualTo(lines));
            Assert.That(fed, Is.EqualTo(lines.Length));
            Assert.That(splitter.Pending, Is.Zero);
        }
    }

    [TestCase(1)]
    [TestCase(37)]
    [TestCase(4096)]
    [TestCase(300_000)]
    [TestCase(3_000_000)]
    public void Of_a_line_over_a_megabyte_beginning_and_end_are_kept(int pieceLength)
    {
        byte[] bytes = Encoding.UTF8.GetBytes("BEGIN " + new string('x', 1_500_000) + " END\nnext\n");
        LineSplitter splitter = new();
        List<(string Line, bool IsCut)> got = [];
        for (int at = 0; at < bytes.Length; at += pieceLength)
            splitter.Feed(bytes.AsSpan(at, Math.Min(pieceLength, bytes.Length - at)), (line, isCut) => got.Add((Encoding.UTF8.GetString(line), isCut)));
        Assert.That(got, Has.Count.EqualTo(2));
        // A piece that holds the line whole hands it on as it lies there.
        if (pieceLength < bytes.Length)
        {
            Assert.That(got[0].IsCut);
            Assert.That(got[0].Line, Has.Length.LessThanOrEqualTo(LineSplitter.LongestLine));
            Assert.That(splitter.TakeCutLines(), Is.EqualTo(1));
        }
        Assert.That(got[0].Line, Does.StartWith("BEGIN xxx").And.EndsWith("xxx END"));
        Assert.That(got[1], Is.EqualTo(("next", false)));
    }

    [Test]
    public void What_has_no_line_ending_is_pending_until_it_is_finished()
    {
        LineSplitter splitter = new();
        List<string> got = [];
        Assert.That(splitter.Feed("one\ntw"u8, (line, _) => got.Add(Encoding.UTF8.GetString(line))), Is.EqualTo(1));
        Assert.That(splitter.Pending, Is.EqualTo(2));
        Assert.That(splitter.Finish((line, _) => got.Add(Encoding.UTF8.GetString(line))), Is.EqualTo(1));
        Assert.That(splitter.Finish((_, _) => Assert.Fail("nothing is left")), Is.Zero);
        Assert.That(got, Is.EqualTo(["one", "tw"]));
    }
}
