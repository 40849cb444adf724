using CiMetrics.Spacelift.Api;
using CiMetrics.Spacelift.Collectors;
using CiMetrics.Spacelift.State;

namespace CiMetrics.Spacelift;

/// <summary>Asks Spacelift everything once and says what works.</summary>
internal sealed class AccountCheck(SpaceliftApi api, TimeProvider time, TextWriter output)
{
    /// <summary>Runs it; true when everything that is not optional works.</summary>
    public async Task<bool> RunAsync(CancellationToken cancellationToken)
    {
        if (await api.LoginAsync(cancellationToken) is { } refused)
        {
            await output.WriteLineAsync($"login: FAILED: {refused.Message}");
            return false;
        }
        await output.WriteLineAsync("login: ok");
        Account account = new(maxStackPages: 1, maxDriftPages: 1);
        bool allWork = true;
        foreach (IAccountQuery query in account.ForScrape)
        {
            await query.FetchAsync(api, time, cancellationToken);
            allWork &= await SayAsync(query.State);
        }
        await account.Stacks.FetchAsync(api, time, cancellationToken);
        allWork &= await SayAsync(account.Stacks.Slot);
        await account.Drift.FetchAsync(api, time, cancellationToken);
        return await SayAsync(account.Drift.Slot) && allWork;
    }

    // The exporter works without listings: it shows aggregates then.
    private async Task<bool> SayAsync(ICollectorState state)
    {
        bool isListing = state.Name is "stacks" or "drift";
        string verdict = state.Error is not { } error ? "ok"
            : isListing && !state.IsSupported ? $"not for this key: {error.Message}; the account's aggregates are shown without stack and space"
            : error.Kind == ErrorKind.Unauthorized ? $"FAILED: {error.Message}; the key needs the role Admin on the root space"
            : $"FAILED: {error.Message}";
        await output.WriteLineAsync($"{state.Name}: {verdict}");
        return state.Error is null || (isListing && !state.IsSupported);
    }
}
