using CiMetrics.Sidecar.Intake;

namespace CiMetrics.Sidecar.Tests.Intake;

public sealed class ContentDigestTests
{
    // Published values of FNV-1a with 128 bits.
    [TestCase("", "6c62272e07bb014262b821756295c58d")]
    [TestCase("a", "d228cb696f1a8caf78912b704e4a8964")]
    [TestCase("foobar", "343e1662793c64bf6f0d3597ba446f18")]
    public void The_digest_is_the_published_one(string text, string digest) =>
        Assert.That(ContentDigest.Of(System.Text.Encoding.ASCII.GetBytes(text)), Is.EqualTo(digest));

    [Test]
    public void A_text_before_the_content_is_part_of_it() =>
        Assert.That(ContentDigest.Of("foo", "bar"u8), Is.EqualTo(ContentDigest.Of("foobar"u8)));
}
