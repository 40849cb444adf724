using CiMetrics.Receiver.Access;

namespace CiMetrics.Receiver.Tests.Access;

public sealed class SenderTokensTests
{
    private const string File = """
        # the platform team
        all-projects-token

        shop-token shop/
        shop-token data/import
        api-token	shop/api
        """;

    [TestCase("all-projects-token", "anything", true)]
    [TestCase("shop-token", "shop/web", true)]
    [TestCase("shop-token", "shop", true)]
    [TestCase("shop-token", "data/import", true)]
    [TestCase("shop-token", "data", false)]
    [TestCase("shop-token", "shopping/web", false)]
    [TestCase("shop-token", "", false)]
    [TestCase("api-token", "shop/web", false)]
    [TestCase("api-token", "shop/api/v2", true)]
    public void A_token_speaks_for_its_projects_and_those_below(string token, string project, bool allowed) =>
        Assert.That(Tokens().Find($"Bearer {token}")!.MaySend(project), Is.EqualTo(allowed));

    [TestCase(null)]
    [TestCase("")]
    [TestCase("all-projects-token")]
    [TestCase("Basic all-projects-token")]
    [TestCase("Bearer")]
    [TestCase("Bearer ")]
    [TestCase("Bearer other")]
    [TestCase("Bearer #")]
    public void Any_other_header_names_no_sender(string? header) => Assert.That(Tokens().Find(header), Is.Null);

    [TestCase("", "at least one token")]
    [TestCase("# only this", "at least one token")]
    [TestCase("ok\nsecret-one two three", "line 2")]
    [TestCase("secrét", "line 1")]
    public void A_file_that_breaks_a_rule_is_named_by_line_and_no_token_is_shown(string text, string rule)
    {
        Assert.That(SenderTokens.Parse(text, out string? broken), Is.Null);
        Assert.That(broken, Does.Contain(rule).And.Not.Contain("secr"));
    }

    private static SenderTokens Tokens() => SenderTokens.Parse(File, out string? rule) ?? throw new AssertionException(rule!);
}
