namespace CiMetrics.Hosting.Tests;

public sealed class CommandLineTests
{
    [TestCase("-port 9090")]
    [TestCase("--port 9090")]
    [TestCase("-port=9090")]
    [TestCase("--port=9090")]
    [TestCase("-p 9090")]
    [TestCase("--p=9090")]
    [TestCase("--port 1 -p 9090")]
    public void A_flag_takes_one_dash_or_two_and_space_or_equals(string arguments)
    {
        var reading = new Reading();
        Assert.That(reading.Read(arguments), Is.Empty);
        Assert.That(reading.Port.Value, Is.EqualTo(9090));
        Assert.That(reading.Port.Source, Is.EqualTo(SettingSource.Flag));
    }

    [TestCase("", false)]
    [TestCase("-fast", true)]
    [TestCase("--fast", true)]
    [TestCase("--fast=true", true)]
    [TestCase("--fast=1", true)]
    [TestCase("--fast=false", false)]
    [TestCase("-fast=0", false)]
    [TestCase("--fast --fast", true)]
    public void A_switch_needs_no_value(string arguments, bool on)
    {
        var reading = new Reading();
        Assert.That(reading.Read(arguments), Is.Empty);
        Assert.That(reading.Fast.Value, Is.EqualTo(on));
    }

    [Test]
    public void A_repeatable_flag_keeps_its_order()
    {
        var reading = new Reading();
        Assert.That(reading.Read("-host b --host=a -host b,c"), Is.Empty);
        Assert.That(reading.Hosts.Value, Is.EqualTo(new[] { "b", "a", "b,c" }));
    }

    [TestCase("--note= --port 9090")]
    [TestCase("-note= --port=9090")]
    [TestCase("--note=x --note= -p 9090")]
    [TestCase("--port=9090 --note=")]
    public void Nothing_after_equals_is_the_empty_text_and_not_the_next_word(string arguments)
    {
        var reading = new Reading();
        Assert.That(reading.Read(arguments), Is.Empty);
        Assert.That((reading.Note.Value, reading.Note.Source, reading.Port.Value), Is.EqualTo(("", SettingSource.Flag, 9090)));
    }

    [TestCase("--port= healthcheck", "flag --port: needs a value: --port port")]
    [TestCase("--bind= --port 9090", "flag --bind: needs a value: --bind address")]
    [TestCase("--host= a", "flag --host: needs a value: --host text")]
    public void Nothing_after_equals_does_not_take_the_next_word(string arguments, string message)
    {
        var reading = new Reading();
        Assert.That(reading.Read(arguments), Does.Contain(message));
        Assert.That(reading.Hosts.Value, Is.Empty);
    }

    [TestCase("help")]
    [TestCase("@file")]
    [TestCase("-x")]
    [TestCase("--port")]
    [TestCase("a=b")]
    [TestCase("a b")]
    [TestCase("[diagram]")]
    public void A_value_is_taken_as_it_is(string value)
    {
        var reading = new Reading();
        Assert.That(reading.ReadExactly(["--host", value, "--host=" + value]), Is.Empty);
        Assert.That(reading.Hosts.Value, Is.EqualTo(new[] { value, value }));
        Assert.That(reading.Command, Is.Null);
    }

    [TestCase("healthcheck --port 1")]
    [TestCase("--port 1 healthcheck")]
    [TestCase("--fast healthcheck --port=1")]
    public void Flags_stand_before_or_after_the_subcommand(string arguments)
    {
        var reading = new Reading();
        Assert.That(reading.Read(arguments), Is.Empty);
        Assert.That((reading.Command, reading.Port.Value), Is.EqualTo(("healthcheck", 1)));
    }

    [TestCase("--prot 9090", "flag \"--prot\": is not known; did you mean --port?")]
    [TestCase("-prot=9090", "flag \"-prot\": is not known; did you mean --port?")]
    [TestCase("--web.listen-adress :1", "flag \"--web.listen-adress\": is not known; did you mean --web.listen-address?")]
    [TestCase("--versoin", "flag \"--versoin\": is not known; did you mean --version?")]
    [TestCase("--completely-else", "flag \"--completely-else\": is not known")]
    [TestCase("-pf", "flag \"-pf\": is not known; did you mean --p?")]
    [TestCase("--port", "flag --port: needs a value: --port port")]
    [TestCase("--port=", "flag --port: needs a value: --port port")]
    [TestCase("--fast=", "flag --fast: needs a value: --fast")]
    [TestCase("--fast word", "argument \"word\": is not expected; flags begin with - and the commands are healthcheck, help")]
    [TestCase("--fast=maybe", "flag --fast: must be true or false (got \"maybe\")")]
    [TestCase("healthchek", "argument \"healthchek\": is not expected; flags begin with - and the commands are healthcheck, help; did you mean healthcheck?")]
    [TestCase("--port 1 2", "argument \"2\": is not expected; flags begin with - and the commands are healthcheck, help")]
    [TestCase("--port 1 --port x", "flag --port: must be a port, a whole number from 0 to 65535 (got \"x\")")]
    public void A_mistake_is_named(string arguments, string message) =>
        Assert.That(new Reading().Read(arguments), Is.EqualTo(new[] { message }));

    [TestCase("--password hunter2 zwei")]
    [TestCase("zwei --password hunter2")]
    [TestCase("--pasword=hunter2")]
    [TestCase("--pasword hunter2 zwei")]
    [TestCase("--password-fil hunter2")]
    [TestCase("--password")]
    public void A_secret_is_never_shown(string arguments)
    {
        var problems = new Reading().Read(arguments + " --port=x");
        Assert.That(problems, Has.Count.GreaterThan(1));
        Assert.That(string.Concat(problems), Does.Not.Contain("hunter2").And.Not.Contain("zwei"));
    }

    [TestCase("bind")]
    [TestCase("p")]
    [TestCase("help")]
    [TestCase("web.listen-address")]
    public void A_flag_cannot_be_declared_twice(string name)
    {
        var reading = new Reading();
        reading.Settings.Text(name, "again");
        Assert.That(() => reading.Read(), Throws.InvalidOperationException.With.Message.Contains(name));
    }
}
