using System.Net;
using CiMetrics.Testing;

namespace CiMetrics.Hosting.Tests;

[Parallelizable(ParallelScope.All)]
public sealed class AddressTests
{
    [TestCase("10.0.0.0/8", "10.255.0.1", true)]
    [TestCase("10.0.0.0/8", "11.0.0.1", false)]
    [TestCase("10.1.2.3/8", "10.9.9.9", true)]
    [TestCase("192.168.1.4", "192.168.1.4", true)]
    [TestCase("192.168.1.4", "192.168.1.5", false)]
    [TestCase("192.168.1.0/31", "192.168.1.1", true)]
    [TestCase("192.168.1.0/31", "192.168.1.2", false)]
    [TestCase("0.0.0.0/0", "8.8.8.8", true)]
    [TestCase("0.0.0.0/0", "::1", false)]
    [TestCase("::/0", "fe80::1%3", true)]
    [TestCase("fd00::/8", "fdff::1", true)]
    [TestCase("fd00::/8", "fe00::1", false)]
    [TestCase("10.0.0.0/8", "::ffff:10.1.1.1", true)]
    [TestCase("::ffff:10.0.0.0/104", "10.1.1.1", true)]
    [TestCase("::ffff:10.0.0.1", "10.0.0.1", true)]
    [TestCase("::ffff:10.0.0.1", "10.0.0.2", false)]
    public void A_range_contains_what_its_prefix_says(string range, string address, bool expected)
    {
        Assert.That(AddressRange.TryParse(range, out var parsed), Is.True);
        Assert.That(parsed.Contains(IPAddress.Parse(address)), Is.EqualTo(expected));
    }

    [TestCase("")]
    [TestCase("10")]
    [TestCase("10.1")]
    [TestCase("10.0.0.0/")]
    [TestCase("10.0.0.0/33")]
    [TestCase("10.0.0.0/-1")]
    [TestCase("10.0.0.0/255.0.0.0")]
    [TestCase("fd00::/129")]
    [TestCase("fe80::1%eth0")]
    [TestCase("localhost")]
    [TestCase("10.0.0.0/8/8")]
    public void Anything_else_is_no_range(string text) => Assert.That(AddressRange.TryParse(text, out _), Is.False);

    // The proxies of this network are 10.0.0.0/8.
    [TestCase("203.0.113.9", "198.51.100.1", "203.0.113.9", TestName = "A peer that is no proxy is believed nothing")]
    [TestCase("10.0.0.1", "198.51.100.1", "198.51.100.1", TestName = "A proxy tells the client")]
    [TestCase("::ffff:10.0.0.1", "198.51.100.1", "198.51.100.1", TestName = "A mapped proxy tells the client")]
    [TestCase("10.0.0.1", "1.1.1.1, 198.51.100.1", "198.51.100.1", TestName = "What the client wrote itself does not count")]
    [TestCase("10.0.0.1", "1.1.1.1, 198.51.100.1, 10.0.0.2", "198.51.100.1", TestName = "A chain of proxies is skipped")]
    [TestCase("10.0.0.1", "10.0.0.3, 10.0.0.2", "10.0.0.3", TestName = "When all are proxies the first is the client")]
    [TestCase("10.0.0.1", "198.51.100.1:4711", "198.51.100.1", TestName = "A port is ignored")]
    [TestCase("10.0.0.1", "[2001:db8::1]:4711", "2001:db8::1", TestName = "A port after brackets is ignored")]
    [TestCase("10.0.0.1", "1.1.1.1, unknown", null, TestName = "What is no address is nobody")]
    [TestCase("10.0.0.1", null, "10.0.0.1", TestName = "A proxy that says nothing is the client itself")]
    public void The_client_is_the_last_address_that_is_no_proxy(string peer, string? header, string? expected)
    {
        Assert.That(AddressRange.TryParse("10.0.0.0/8", out var proxies), Is.True);
        Assert.That(ClientAddress.Of(IPAddress.Parse(peer), [header], [proxies])?.ToString(), Is.EqualTo(expected));
    }

    [Test]
    public void A_client_has_ten_tries_and_one_more_each_second()
    {
        var time = new ManualTime();
        var limiter = new FailureLimiter(time);
        var client = IPAddress.Parse("10.0.0.1");
        Assert.That(Enumerable.Range(0, 12).Count(_ => limiter.TryTake(client)), Is.EqualTo(FailureLimiter.Burst));
        time.Advance(TimeSpan.FromSeconds(3));
        Assert.That(Enumerable.Range(0, 12).Count(_ => limiter.TryTake(client)), Is.EqualTo(3));
        limiter.GiveBack(client);
        Assert.That(limiter.TryTake(client), Is.True);
        Assert.That(limiter.TryTake(IPAddress.Parse("10.0.0.2")), Is.True);
        time.Advance(TimeSpan.FromHours(1));
        Assert.That(Enumerable.Range(0, 12).Count(_ => limiter.TryTake(client)), Is.EqualTo(FailureLimiter.Burst));
    }

    [Test]
    public void Neighbours_of_one_IPv6_network_and_all_beyond_the_bound_share_their_tries()
    {
        var time = new ManualTime();
        var limiter = new FailureLimiter(time);
        Assert.That(Enumerable.Range(1, 30).Count(i => limiter.TryTake(IPAddress.Parse($"2001:db8::{i:x}"))), Is.EqualTo(FailureLimiter.Burst));
        for (var i = 0; i < FailureLimiter.MostAddresses - 1; i++)
            limiter.TryTake(new IPAddress([10, 1, (byte)(i >> 8), (byte)i]));
        Assert.That(Enumerable.Range(0, 100).Count(i => limiter.TryTake(new IPAddress([10, 2, 0, (byte)i]))), Is.EqualTo(FailureLimiter.Burst));
        // The bound holds those who tried lately only.
        time.Advance(TimeSpan.FromMinutes(1));
        Assert.That(Enumerable.Range(0, 100).Count(i => limiter.TryTake(new IPAddress([10, 2, 0, (byte)i]))), Is.EqualTo(100));
    }
}
