using CiMetrics.Testing;

namespace CiMetrics.Pprof.Tests;

public sealed class PprofProfileTests
{
    [Test]
    public void Samples_are_read_back_with_their_stacks_and_equal_ones_added_up()
    {
        PprofProfile profile = new(("samples", "count"), ("cpu", "nanoseconds")) { Duration = TimeSpan.FromSeconds(2), Period = ("cpu", "nanoseconds", 1_000_000), DefaultSampleType = "cpu" };
        PprofFrame main = new("Main", "app"), work = new("Wörk<T>", "app"), other = new("Other", "lib");
        profile.Add([work, main], null, 1, 300);
        profile.Add([work, main], null, 2, 400);
        profile.Add([other, main], "7", 1, 1L << 40);
        profile.Add([], null, 1, 5);
        PprofDecoder read = new(profile.ToArray());
        Assert.That(read.SampleTypes, Is.EqualTo([("samples", "count"), ("cpu", "nanoseconds")]));
        Assert.That(read.Samples.Select(sample => (string.Join('<', sample.Stack), sample.Values[0], sample.Values[1])),
            Is.EqualTo([("Wörk<T><Main", 3L, 700L), ("Other<Main", 1L, 1L << 40), ("", 1L, 5L)]));
        Assert.That(read.Total("cpu"), Is.EqualTo(705 + (1L << 40)));
        Assert.That(read.DurationNanoseconds, Is.EqualTo(2_000_000_000));
    }

    [Test]
    public void A_profile_without_samples_is_one() => Assert.That(new PprofDecoder(new PprofProfile(("a", "b")).ToArray()).Samples, Is.Empty);
}
