namespace CiMetrics.Hosting.Tests;

public sealed class ListenAddressTests
{
    [TestCase(":9252", "", 9252)]
    [TestCase("localhost:9252", "localhost", 9252)]
    [TestCase("127.0.0.1:80", "127.0.0.1", 80)]
    [TestCase("0.0.0.0:0", "0.0.0.0", 0)]
    [TestCase("[::]:9090", "::", 9090)]
    [TestCase("[2001:db8::1]:http", "2001:db8::1", 80)]
    [TestCase("runner-01.example.com:https", "runner-01.example.com", 443)]
    [TestCase(":HTTP", "", 80)]
    [TestCase("localhost", "localhost", 9999)]
    [TestCase("[::1]", "::1", 9999)]
    [TestCase("::1", "::1", 9999)]
    [TestCase("10.0.0.1", "10.0.0.1", 9999)]
    public void Reads_host_and_port(string text, string host, int port)
    {
        Assert.That(ListenAddress.TryParse(text, 9999, out var address), Is.True);
        Assert.That(address, Is.EqualTo(new ListenAddress(host, port)));
    }

    [TestCase("unix:/run/exporter.sock", "/run/exporter.sock")]
    [TestCase("unix:/a b", "/a b")]
    public void Reads_the_path_of_a_Unix_socket(string text, string path)
    {
        Assert.That(ListenAddress.TryParse(text, 9999, out var address), Is.True);
        Assert.That(address.SocketPath, Is.EqualTo(path));
        Assert.That(address.ToString(), Is.EqualTo(text));
    }

    [TestCase(107, true)]
    [TestCase(108, false)]
    public void The_path_of_a_Unix_socket_has_at_most_107_bytes(int length, bool fits) =>
        Assert.That(ListenAddress.TryParse("unix:/" + new string('x', length - 1), 9999, out _), Is.EqualTo(fits));

    [TestCase("unix:")]
    [TestCase("unix:/")]
    [TestCase("unix:/run/")]
    [TestCase("unix:/a\nb")]
    [TestCase("unix:run/exporter.sock")]
    [TestCase("")]
    [TestCase(":")]
    [TestCase("localhost:")]
    [TestCase(":65536")]
    [TestCase(":-1")]
    [TestCase(":+1")]
    [TestCase(": 80")]
    [TestCase(":nosuchport")]
    [TestCase("[::1")]
    [TestCase("::1]:80")]
    [TestCase("[::1]x:80")]
    [TestCase("[127.0.0.1]:80")]
    [TestCase("[]:80")]
    [TestCase("10.0.0.256:80")]
    [TestCase("10.1:80")]
    [TestCase("8080")]
    [TestCase("a b:80")]
    [TestCase("http://localhost:80")]
    [TestCase("localhost:80/metrics")]
    public void Refuses_anything_else(string text) => Assert.That(ListenAddress.TryParse(text, 9999, out _), Is.False);

    [TestCase("", 80, ":80")]
    [TestCase("::1", 80, "[::1]:80")]
    [TestCase("localhost", 80, "localhost:80")]
    public void Shows_what_it_reads(string host, int port, string text) =>
        Assert.That(new ListenAddress(host, port).ToString(), Is.EqualTo(text));
}
