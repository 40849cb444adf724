using CiMetrics.Testing;

namespace CiMetrics.Testing.Tests;

/// <summary>The trimmer rewrites methods; it must not take the release of a lock out of them.</summary>
public sealed class HeldLocksTests
{
    private static readonly Lock Newer = new();

    // They take a lock for their caller, who releases it.
    private static readonly string[] ForTheirCaller =
    [
        "LockToken..ctor",
        "System.Collections.Concurrent.ConcurrentDictionary`2.AcquireFirstLock",
        "System.Collections.Concurrent.ConcurrentDictionary`2.AcquirePostFirstLock",
    ];

    public static IEnumerable<string> Programs()
    {
        string folder = Repository.PathOf("artifacts", "publish");
        return Directory.Exists(folder) ? Directory.GetDirectories(folder).Select(path => Path.GetFileName(path)!).Order(StringComparer.Ordinal) : [];
    }

    [Test]
    public void Programs_are_published() => Assert.That(Programs().All(program => File.Exists(Published.Binary(program))));

    [TestCaseSource(nameof(Programs))]
    public void No_published_program_keeps_a_lock(string program)
    {
        int assemblies = 0;
        Assert.Multiple(() =>
        {
            foreach ((string name, byte[] image) in PublishedAssemblies.Of(Published.Binary(program)))
            {
                assemblies++;
                Assert.That(HeldLocks.Of(image).Except(ForTheirCaller, StringComparer.Ordinal), Is.Empty, name);
            }
        });
        Assert.That(assemblies, Is.GreaterThan(10));
    }

    [Test]
    public void A_method_that_keeps_a_lock_is_found()
    {
        string[] found = [.. HeldLocks.Of(File.ReadAllBytes(typeof(HeldLocksTests).Assembly.Location))];
        Assert.That(found, Has.Some.EndsWith("HeldLocksTests.Keep").And.None.EndsWith("HeldLocksTests.Release").And.None.EndsWith("HeldLocksTests.ReleaseNewer"));
    }

    internal static void Keep(object gate)
    {
        bool taken = false;
        Monitor.Enter(gate, ref taken);
    }

    internal static int Release(object gate)
    {
        lock (gate) return 1;
    }

    internal static int ReleaseNewer()
    {
        lock (Newer) return 1;
    }
}
