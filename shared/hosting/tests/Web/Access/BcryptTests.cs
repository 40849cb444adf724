using System.Runtime.InteropServices;
using System.Text;
using CiMetrics.Testing;

namespace CiMetrics.Hosting.Tests;

[Parallelizable(ParallelScope.Self)]
public sealed class BcryptTests
{
    private static readonly Lock OneAtATime = new();

    [Test]
    public void Pi_begins_as_it_should()
    {
        Assert.That(PiDigits.Words(4), Is.EqualTo(new[] { 0x243F6A88u, 0x85A308D3u, 0x13198A2Eu, 0x03707344u }));
        // The end of a longer row proves that no error creeps in: the same words, computed to other lengths.
        Assert.That(PiDigits.Words(1042), Is.EqualTo(PiDigits.Words(1100)[..1042]));
    }

    // From the tests of the original implementations (OpenBSD, crypt_blowfish).
    [TestCase("U*U", "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW")]
    [TestCase("U*U*", "$2a$05$CCCCCCCCCCCCCCCCCCCCC.VGOzA784oUp/Z0DY336zx7pLYAy0lwK")]
    [TestCase("U*U*U", "$2a$05$XXXXXXXXXXXXXXXXXXXXXOAcXxm9kjPGEMsLznoKqmqw7tc8WCx4a")]
    [TestCase("", "$2a$05$CCCCCCCCCCCCCCCCCCCCC.7uG0VCzI2bS7j6ymqJi9CdcdxiRTWNy")]
    public void A_known_hash_takes_its_password_only(string password, string hash)
    {
        var parsed = BcryptHash.Parse(hash)!;
        Assert.That(parsed.Matches(Encoding.UTF8.GetBytes(password)), Is.True);
        Assert.That(parsed.Matches(Encoding.UTF8.GetBytes(password + "x")), Is.False);
        Assert.That(BcryptHash.Parse("$2b" + hash[3..])!.Matches(Encoding.UTF8.GetBytes(password)), Is.True);
        Assert.That(BcryptHash.Parse("$2y" + hash[3..])!.Matches(Encoding.UTF8.GetBytes(password)), Is.True);
    }

    [Test]
    public void Bytes_after_the_72nd_do_not_count_and_long_passwords_do_not_wrap_around()
    {
        var hash = Crypt(Enumerable.Repeat((byte)'a', 72).ToArray(), "$2b$04$abcdefghijklmnopqrstuu");
        var parsed = BcryptHash.Parse(hash)!;
        Assert.That(parsed.Matches(Enumerable.Repeat((byte)'a', 71).ToArray()), Is.False);
        foreach (var length in new[] { 72, 73, 255, 256, 300, 1000 })
            Assert.That(parsed.Matches(Enumerable.Repeat((byte)'a', length).ToArray()), Is.True, $"{length} bytes");
        // Old programs kept the length in one byte: 256 and a few were taken for a few.
        var two = BcryptHash.Parse(Crypt("aa"u8.ToArray(), "$2b$04$abcdefghijklmnopqrstuu"))!;
        Assert.That(two.Matches(Enumerable.Repeat((byte)'a', 257).ToArray()), Is.False);
        Assert.That(two.Matches("aa\0bb"u8), Is.False);
    }

    [Test]
    public void The_system_s_crypt_agrees_on_random_passwords([Values("2a", "2b", "2y")] string version)
    {
        var random = Seed.Random(out _);
        for (var i = 0; i < 1000; i++)
        {
            var password = new byte[random.Next(90)];
            random.NextBytes(password);
            password = [.. password.Where(b => b != 0)];
            var salt = string.Concat(Enumerable.Range(0, 21).Select(_ => "./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"[random.Next(64)]));
            var hash = Crypt(password, $"${version}$04${salt}.");
            Assert.That(BcryptHash.Parse(hash)!.Matches(password), Is.True, () => $"{hash} of {Convert.ToHexString(password)}");
            if (i % 10 == 0 && password.Length is > 0 and < 72)
            {
                password[random.Next(password.Length)] ^= (byte)(1 << random.Next(7));
                Assert.That(password.Contains((byte)0) || !BcryptHash.Parse(hash)!.Matches(password), () => $"{hash} of {Convert.ToHexString(password)}");
            }
        }
    }

    [Test]
    public void Higher_costs_agree_too([Values(5, 6, 9)] int cost)
    {
        var hash = Crypt("correct horse"u8.ToArray(), $"$2y${cost:00}$N9qo8uLOickgx2ZMRZoMye");
        Assert.That(BcryptHash.Parse(hash)!.Matches("correct horse"u8), Is.True);
        Assert.That(BcryptHash.Parse(hash)!.Matches("correct hors"u8), Is.False);
    }

    [TestCase("")]
    [TestCase("hunter2")]
    [TestCase("$2x$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW")]
    [TestCase("$2$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW")]
    [TestCase("$2a$03$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW")]
    [TestCase("$2a$17$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW")]
    [TestCase("$2a$5$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW")]
    [TestCase("$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOe")]
    [TestCase("$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeWW")]
    [TestCase("$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyO!W")]
    public void Anything_else_is_no_hash(string text) => Assert.That(BcryptHash.Parse(text), Is.Null);

    private static string Crypt(byte[] password, string setting)
    {
        // crypt(3) has one buffer for its answer.
        lock (OneAtATime)
            return Marshal.PtrToStringAnsi(SystemCrypt([.. password, 0], setting))!;
    }

    [DllImport("libcrypt.so.1", EntryPoint = "crypt", CharSet = CharSet.Ansi, BestFitMapping = false)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern IntPtr SystemCrypt(byte[] key, [MarshalAs(UnmanagedType.LPStr)] string setting);
}
