using CiMetrics.Sidecar.Delivery;

namespace CiMetrics.Sidecar.Tests.Delivery;

public sealed class ReceiverAddressTests
{
    [TestCase("receiver", "http://receiver/steps")]
    [TestCase("receiver.ci.svc.cluster.local", "http://receiver.ci.svc.cluster.local/steps")]
    [TestCase("receiver:8080", "http://receiver:8080/steps")]
    [TestCase("10.0.0.1:8080", "http://10.0.0.1:8080/steps")]
    [TestCase("[::1]:8080", "http://[::1]:8080/steps")]
    [TestCase("::1", "http://[::1]/steps")]
    [TestCase("http://receiver", "http://receiver/steps")]
    [TestCase("https://receiver:8443/", "https://receiver:8443/steps")]
    [TestCase("https://ci.example.com/metrics", "https://ci.example.com/metrics/steps")]
    [TestCase("https://ci.example.com/metrics/jobs", "https://ci.example.com/metrics/jobs")]
    [TestCase("http://receiver/steps/", "http://receiver/steps")]
    public void Hosts_and_urls_lead_to_the_endpoint(string text, string expected)
    {
        Assert.That(ReceiverAddress.TryParse(text, out Uri address));
        Assert.That(address.AbsoluteUri, Is.EqualTo(expected));
    }

    [TestCase("")]
    [TestCase("receiver:port")]
    [TestCase("receiver:80/path")]
    [TestCase("two words")]
    [TestCase("ftp://receiver")]
    [TestCase("http://user:password@receiver")]
    [TestCase("http://receiver/?a=b")]
    [TestCase("http://receiver/#x")]
    [TestCase("user@receiver")]
    public void Others_are_refused(string text) => Assert.That(ReceiverAddress.TryParse(text, out _), Is.False);
}
