using CiMetrics.Receiver.Storage.Postgres;
using Npgsql;

namespace CiMetrics.Receiver.Tests.Storage;

public sealed class PostgresAddressTests
{
    [TestCase("postgres://app:p%40ss@db.example:6432/ci?sslmode=require", "db.example", 6432, "app", "p@ss", "ci")]
    [TestCase("postgresql://app@db/ci", "db", 5432, "app", null, "ci")]
    [TestCase("postgres://app@[::1]:6000", "::1", 6000, "app", null, null)]
    [TestCase("Host=db;Port=6432;Username=app;Password=x;Database=ci", "db", 6432, "app", "x", "ci")]
    public void A_URL_and_a_connection_string_are_read(string text, string host, int port, string user, string? password, string? database)
    {
        NpgsqlConnectionStringBuilder? address = PostgresAddress.Parse(text, out string? rule);
        Assert.That(rule, Is.Null);
        Assert.That((address!.Host, address.Port, address.Username, address.Password, address.Database), Is.EqualTo((host, port, user, password, database)));
    }

    [Test]
    public void Options_of_libpq_are_understood() =>
        Assert.That(PostgresAddress.Parse("postgres://a@b/c?sslmode=require&application_name=me", out _)!, Has.Property("SslMode").EqualTo(SslMode.Require).And.Property("ApplicationName").EqualTo("me"));

    [TestCase("postgres://")]
    [TestCase("mysql://secret@db/ci")]
    [TestCase("db")]
    [TestCase("Username=app;Password=secret")]
    [TestCase("postgres://app:secret@db/ci?nonsense=1")]
    [TestCase("postgres://app:secret@db:99999/ci")]
    public void Anything_else_is_refused_without_showing_it(string text)
    {
        Assert.That(PostgresAddress.Parse(text, out string? rule), Is.Null);
        Assert.That(rule, Does.StartWith("must be").And.Not.Contain("secret"));
    }
}
