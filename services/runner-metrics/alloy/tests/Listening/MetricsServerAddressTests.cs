using CiMetrics.AlloyRunner.Config;
using CiMetrics.AlloyRunner.Listening;
using CiMetrics.AlloyRunner.Toml;
using CiMetrics.Hosting;

namespace CiMetrics.AlloyRunner.Tests.Listening;

/// <summary>The address rules of the users' document.</summary>
public sealed class MetricsServerAddressTests
{
    [TestCase(":9252", "", 9252)]
    [TestCase("localhost:9252", "localhost", 9252)]
    [TestCase("[2001:db8::1]:http", "2001:db8::1", 80)]
    [TestCase("localhost", "localhost", 9252)]
    [TestCase("localhost:", "localhost", 9252)]
    [TestCase("[::1]", "::1", 9252)]
    [TestCase("[::1]:", "::1", 9252)]
    [TestCase("::1", "::1", 9252)]
    [TestCase("[::1]:http", "::1", 80)]
    [TestCase(":http-alt", "", 8080)]
    [TestCase(":", "", 9252)]
    [TestCase(":0", "", 0)]
    [TestCase("10.0.0.1", "10.0.0.1", 9252)]
    public void Is_read(string text, string host, int port)
    {
        Assert.That(MetricsServerAddress.TryParse(text, out ListenAddress? address), text);
        Assert.That((address!.Host, address.Port), Is.EqualTo((host, port)));
    }

    [Test]
    public void Empty_is_no_server() => Assert.That((MetricsServerAddress.TryParse("", out ListenAddress? none), none), Is.EqualTo((true, (ListenAddress?)null)));

    [TestCase(":nosuchname")]
    [TestCase(":65536")]
    [TestCase(":-1")]
    [TestCase("localhost:9252:1")]
    [TestCase("[::1")]
    [TestCase("http://localhost:9252")]
    [TestCase("unix:/tmp/socket")]
    [TestCase("a b:80")]
    public void Is_refused(string text) => Assert.That(MetricsServerAddress.TryParse(text, out _), Is.False, text);

    [TestCase(":9252", ":9252", true)]
    [TestCase("localhost:9252", ":9252", true)]
    [TestCase("0.0.0.0:9252", "127.0.0.1:9252", true)]
    [TestCase("localhost:9252", "127.0.0.1:9252", true)]
    [TestCase("ci.example.com:9252", "10.0.0.1:9252", true)]
    [TestCase("127.0.0.1:9252", "10.0.0.1:9252", false)]
    [TestCase("localhost:9252", "10.0.0.1:9252", false)]
    [TestCase(":9252", ":9253", false)]
    [TestCase(":0", ":0", false)]
    public void Two_addresses_may_be_one(string one, string other, bool clash)
    {
        Assert.That(MetricsServerAddress.TryParse(one, out ListenAddress? first) & MetricsServerAddress.TryParse(other, out ListenAddress? second));
        Assert.That(MetricsServerAddress.MayClash(first!, second!), Is.EqualTo(clash));
        Assert.That(MetricsServerAddress.MayClash(second!, first!), Is.EqualTo(clash));
    }

    [TestCase("metrics_server = \":9252\"")]
    [TestCase("metrics_server = \"localhost\"")]
    [TestCase("listen_address = \"[::]:9252\"")]
    [TestCase("[session_server]\nlisten_address = \"[::]:9252\"")]
    public void What_the_runner_is_configured_to_listen_on_is_left_to_it(string toml)
    {
        RunnerConfig config = RunnerConfig.From(TomlReader.Read(toml));
        Assert.That(RunnersOwnAddress.Conflict([new ListenAddress("", 9252)], RunnersOwnAddress.Of(config), "its config.toml"), Does.Contain(":9252").And.Contain("--metrics-server"));
        Assert.That(RunnersOwnAddress.Conflict([new ListenAddress("", 9253)], RunnersOwnAddress.Of(config), "its config.toml"), Is.Null);
    }

    [TestCase("0123456789abcdef", "012345678")]
    [TestCase("glrt-0123456789abcdef", "012345678")]
    [TestCase("glrt-t1_0123456789abcdef", "012345678")]
    [TestCase("glrt-t3_0123456789abcdef", "012345678")]
    [TestCase("short", "")]
    [TestCase("", "")]
    public void Of_a_token_only_the_part_is_kept_that_logs_show(string token, string shown) => Assert.That(RunnerToken.Short(token), Is.EqualTo(shown));
}
