using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace CiMetrics.Hosting;

/// <summary>
/// Lets requests in or answers them: 403 for an address that is not allowed, 401 without right credentials, 429 when
/// there were too many wrong ones. A user with a password and a token serve equally where both are set.
/// </summary>
internal sealed partial class AccessGate(
    IReadOnlyList<AddressRange> allowed,
    IReadOnlyList<AddressRange> trustedProxies,
    AccessRules initial,
    PasswordChecker passwords,
    ILogger logger)
{
    private const string Realm = "realm=\"metrics\"";

    private volatile AccessRules _rules = initial;

    /// <summary>Puts other credentials in force.</summary>
    public void Use(AccessRules rules) => _rules = rules;

    /// <summary>True when the request may go on; false when it has been answered.</summary>
    public async ValueTask<bool> AdmitsAsync(HttpContext context)
    {
        var client = ClientAddress.Of(context, trustedProxies);
        if (allowed.Count > 0 && (client is null || !allowed.Any(range => range.Contains(client))))
        {
            LogRefused("address", client);
            await Answer.PlainText(context, StatusCodes.Status403Forbidden, "403 forbidden\n");
            return false;
        }
        var rules = _rules;
        if (rules.AreOpen)
            return true;

        var given = Credentials.Parse(context.Request.Headers.Authorization);
        if (given is Credentials.Bearer bearer && rules.Token?.Matches(bearer.Token.Span) == true)
            return true;
        if (given is Credentials.Basic basic && !rules.Users.IsEmpty)
        {
            var result = await passwords.CheckAsync(rules.Users, client, basic.User, basic.Password, context.RequestAborted);
            if (result == PasswordResult.Right)
                return true;
            if (result == PasswordResult.TooMany)
            {
                LogRefused("too many wrong passwords", client);
                context.Response.Headers.RetryAfter = "1";
                await Answer.PlainText(context, StatusCodes.Status429TooManyRequests, "429 too many wrong passwords\n");
                return false;
            }
        }
        LogRefused("credentials", client);
        context.Response.Headers.WWWAuthenticate = Challenges(rules, given);
        await Answer.PlainText(context, StatusCodes.Status401Unauthorized, "401 unauthorized\n");
        return false;
    }

    private static string[] Challenges(AccessRules rules, Credentials? given)
    {
        var challenges = new List<string>(2);
        if (!rules.Users.IsEmpty)
            challenges.Add("Basic " + Realm + ", charset=\"UTF-8\"");
        if (rules.Token is not null)
            challenges.Add("Bearer " + Realm + (given is Credentials.Bearer ? ", error=\"invalid_token\"" : ""));
        return [.. challenges];
    }

    // At debug level: a scanner must not be able to fill the log.
    [LoggerMessage(Level = LogLevel.Debug, Message = "A request was refused")]
    private partial void LogRefused(string reason, IPAddress? client);
}
