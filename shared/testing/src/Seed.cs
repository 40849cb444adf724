using System.Globalization;

namespace CiMetrics.Testing;

/// <summary>Randomness that can be replayed: the seed is printed, and TEST_SEED sets it.</summary>
public static class Seed
{
    /// <summary>A generator and its seed.</summary>
    public static Random Random(out int seed)
    {
        seed = int.TryParse(Environment.GetEnvironmentVariable("TEST_SEED"), NumberStyles.Integer, CultureInfo.InvariantCulture, out int given)
            ? given
            : System.Random.Shared.Next();
        TestContext.Out.WriteLine($"seed {seed} (TEST_SEED={seed} replays)");
        return new Random(seed);
    }
}
