using System.Globalization;
using System.Text;
using CiMetrics.Testing;

namespace CiMetrics.Exposition.Tests;

public sealed class NumberFormatTests
{
    [TestCase(0, "0")]
    [TestCase(-0.0, "0")]
    [TestCase(60, "60")]
    [TestCase(-42, "-42")]
    [TestCase(9_007_199_254_740_992, "9007199254740992")]
    [TestCase(-9_007_199_254_740_992, "-9007199254740992")]
    [TestCase(9_007_199_254_740_994, "9007199254740994")]
    [TestCase(1e16, "1e+16")]
    [TestCase(1.5e300, "1.5e+300")]
    [TestCase(0.5, "0.5")]
    [TestCase(0.005, "0.005")]
    [TestCase(0.00001, "0.00001")]
    [TestCase(0.000001, "1e-06")]
    [TestCase(-1.25e-7, "-1.25e-07")]
    [TestCase(1234.5, "1234.5")]
    [TestCase(0.1 + 0.2, "0.30000000000000004")]
    [TestCase(double.MaxValue, "1.7976931348623157e+308")]
    [TestCase(double.Epsilon, "5e-324")]
    [TestCase(2.2250738585072014e-308, "2.2250738585072014e-308")]
    [TestCase(double.NaN, "NaN")]
    [TestCase(double.PositiveInfinity, "+Inf")]
    [TestCase(double.NegativeInfinity, "-Inf")]
    public void A_value_is_written_as_Prometheus_reads_it(double value, string expected) => Assert.That(Write(value), Is.EqualTo(expected));

    [Test]
    public void Whole_numbers_up_to_2_to_the_53_are_plain_digits()
    {
        Random random = Seed.Random(out _);
        for (int i = 0; i < 10_000; i++)
        {
            long value = random.NextInt64(-(1L << 53), (1L << 53) + 1);
            Assert.That(Write(value), Is.EqualTo(value.ToString(CultureInfo.InvariantCulture)));
        }
    }

    [Test]
    public void Any_other_value_is_the_shortest_text_that_reads_back_equal()
    {
        Random random = Seed.Random(out _);
        for (int i = 0; i < 300_000; i++)
        {
            double value = (i % 4) switch
            {
                0 => BitConverter.Int64BitsToDouble(random.NextInt64()),
                1 => random.NextDouble(),
                2 => Math.Round(random.NextDouble() * 1000, random.Next(15)),
                _ => Math.Pow(2, random.Next(-1074, 1024)),
            };
            if (double.IsFinite(value))
                CheckShortest(value);
        }
    }

    [Test]
    public void Every_power_of_ten_and_its_neighbours_reads_back_equal()
    {
        for (int power = -323; power <= 308; power++)
        {
            double value = double.Parse($"1e{power}", CultureInfo.InvariantCulture);
            CheckShortest(value);
            CheckShortest(Math.BitIncrement(value));
            CheckShortest(Math.BitDecrement(value));
        }
    }

    private static void CheckShortest(double value)
    {
        string text = Write(value);
        if (double.Parse(text, CultureInfo.InvariantCulture) != value)
            Assert.Fail($"{value:R} is written {text}");

        // The runtime's own shortest form has the same digits, except where it does not read back equal (2^-25 is one).
        string runtime = value.ToString("R", CultureInfo.InvariantCulture);
        if (double.Parse(runtime, CultureInfo.InvariantCulture) == value && Digits(text) != Digits(runtime))
            Assert.Fail($"{value:R} is written {text}");
    }

    private static string Digits(string text) =>
        new string([.. text.Split('e', 'E')[0].Where(char.IsAsciiDigit)]).Trim('0');

    private static string Write(double value)
    {
        Span<byte> bytes = stackalloc byte[NumberFormat.MaxLength];
        return Encoding.ASCII.GetString(bytes[..NumberFormat.Write(bytes, value)]);
    }
}
