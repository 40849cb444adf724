using System.Net;
using CiMetrics.Testing;

namespace CiMetrics.Hosting.Tests;

[Parallelizable(ParallelScope.All)]
public sealed class PasswordCheckerTests
{
    private readonly IPAddress _client = IPAddress.Loopback;

    [Test]
    public async Task A_right_password_is_computed_once_and_wrong_ones_until_there_were_too_many()
    {
        var password = new CountingPassword();
        using var checker = new PasswordChecker(new ManualTime());
        var users = new UserSet(new Dictionary<string, IPassword>(StringComparer.Ordinal) { ["u"] = password });
        for (var i = 0; i < 50; i++)
            Assert.That(await checker.CheckAsync(users, _client, "u", "right"u8.ToArray(), default), Is.EqualTo(PasswordResult.Right));
        Assert.That(password.Computed, Is.EqualTo(1));

        var results = new List<PasswordResult>();
        for (var i = 0; i < 12; i++)
            results.Add(await checker.CheckAsync(users, _client, "u", new[] { (byte)i }, default));
        Assert.That(results.Count(result => result == PasswordResult.Wrong), Is.EqualTo(FailureLimiter.Burst));
        Assert.That(results[^1], Is.EqualTo(PasswordResult.TooMany));
        Assert.That(password.Computed, Is.EqualTo(1 + FailureLimiter.Burst));
        // Who is known is let in all the same.
        Assert.That(await checker.CheckAsync(users, _client, "u", "right"u8.ToArray(), default), Is.EqualTo(PasswordResult.Right));
    }

    [Test]
    public async Task An_unknown_user_costs_a_hash_and_is_wrong_even_with_the_password_of_another()
    {
        var password = new CountingPassword();
        using var checker = new PasswordChecker(new ManualTime());
        var users = new UserSet(new Dictionary<string, IPassword>(StringComparer.Ordinal) { ["u"] = password });
        Assert.That(await checker.CheckAsync(users, _client, "v", "right"u8.ToArray(), default), Is.EqualTo(PasswordResult.Wrong));
        Assert.That(password.Computed, Is.EqualTo(1));
        Assert.That(await checker.CheckAsync(users, _client, "u", "right"u8.ToArray(), default), Is.EqualTo(PasswordResult.Right));
    }

    [Test]
    public async Task Never_more_than_one_hash_is_computed_at_a_time_and_few_wait()
    {
        using var hold = new ManualResetEventSlim();
        var password = new CountingPassword { Hold = hold };
        using var checker = new PasswordChecker(new ManualTime());
        var users = new UserSet(new Dictionary<string, IPassword>(StringComparer.Ordinal) { ["u"] = password });
        var checks = Enumerable.Range(0, 40)
            .Select(i => checker.CheckAsync(users, new IPAddress([10, 0, 0, (byte)i]), "u", new[] { (byte)i }, default).AsTask()).ToList();
        hold.Set();
        var results = await Task.WhenAll(checks);
        Assert.That(password.MostAtOnce, Is.EqualTo(1));
        Assert.That(results.Count(result => result == PasswordResult.Wrong), Is.EqualTo(16));
        Assert.That(results.Count(result => result == PasswordResult.TooMany), Is.EqualTo(24));
    }

    private sealed class CountingPassword : IPassword
    {
        private int _computed;
        private int _now;

        public ManualResetEventSlim? Hold { get; init; }

        public int Computed => _computed;

        public int MostAtOnce { get; private set; }

        public bool Matches(ReadOnlySpan<byte> password)
        {
            Interlocked.Increment(ref _computed);
            MostAtOnce = Math.Max(MostAtOnce, Interlocked.Increment(ref _now));
            Hold?.Wait(TimeSpan.FromSeconds(30));
            Interlocked.Decrement(ref _now);
            return password.SequenceEqual("right"u8);
        }
    }
}
