using CiMetrics.Receiver.Naming;

namespace CiMetrics.Receiver.Tests.Naming;

public sealed class OriginalNameTests
{
    [Test]
    public void A_name_as_GitLab_has_them_is_kept_whole() => Assert.That(OriginalName.Of(new string('構', 255)), Is.EqualTo(new string('構', 255)));

    [Test]
    public void A_longer_one_is_cut_stays_different_from_others_and_is_the_same_again()
    {
        string name = new string('構', 1000) + "a";
        string kept = OriginalName.Of(name);
        Assert.That(kept, Has.Length.EqualTo(OriginalName.Longest).And.StartsWith(new string('構', 200)));
        Assert.That(OriginalName.Of(new string('構', 1000) + "b"), Is.Not.EqualTo(kept));
        Assert.That(OriginalName.Of(kept), Is.EqualTo(kept));
        Assert.That(JobName.Of(name).Original, Is.EqualTo(kept));
    }

    [TestCase(0)]
    [TestCase(1)]
    public void No_surrogate_pair_is_cut_in_two(int offset)
    {
        string kept = OriginalName.Of(new string('a', offset) + string.Concat(Enumerable.Repeat("\U0001f600", 300)));
        Assert.That(kept.EnumerateRunes(), Has.None.EqualTo(System.Text.Rune.ReplacementChar));
        Assert.That(kept, Has.Length.LessThanOrEqualTo(OriginalName.Longest));
    }
}
