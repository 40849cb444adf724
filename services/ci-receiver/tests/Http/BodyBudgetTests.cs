using CiMetrics.Receiver.Http;
using Microsoft.AspNetCore.Http;

namespace CiMetrics.Receiver.Tests.Http;

public sealed class BodyBudgetTests
{
    [Test]
    public void What_is_in_memory_at_a_time_is_limited_and_given_back()
    {
        BodyBudget budget = new(1000);
        BodyBudget.Share? first = budget.Take(Request("POST", 600));
        Assert.That(first, Is.Not.Null);
        Assert.That(budget.Take(Request("POST", 600)), Is.Null);
        Assert.That(budget.Take(Request("POST", 400)), Is.Not.Null);
        Assert.That(budget.Take(Request("GET", null)), Is.Not.Null, "a query takes nothing");
        first!.Dispose();
        Assert.That(budget.Take(Request("POST", 600)), Is.Not.Null);
    }

    [Test]
    public void A_body_of_unknown_length_takes_as_much_as_it_may_have()
    {
        BodyBudget budget = new(RequestReader.LongestBody + 10);
        Assert.That(budget.Take(Request("POST", null)), Is.Not.Null);
        Assert.That(budget.Take(Request("POST", 11)), Is.Null);
    }

    private static HttpRequest Request(string method, long? length)
    {
        DefaultHttpContext context = new();
        context.Request.Method = method;
        context.Request.ContentLength = length;
        return context.Request;
    }
}
