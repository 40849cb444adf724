namespace CiMetrics.Spacelift.Simulator;

/// <summary>Lets an account live: runs wait, begin and end, and stacks change their state.</summary>
internal sealed class LivingAccount(FakeSpacelift api)
{
    private static readonly string[] States = ["FINISHED", "FINISHED", "FINISHED", "PLANNING", "APPLYING", "UNCONFIRMED", "FAILED"];
    private readonly Random _random = new();

    /// <summary>Runs until it is told to stop.</summary>
    public async Task RunAsync(Task stop)
    {
        while (await Task.WhenAny(stop, Task.Delay(TimeSpan.FromSeconds(2))) != stop)
        {
            FakeAccount account = api.Account;
            int changed = _random.Next(account.Stacks.Count);
            api.Account = account with
            {
                Stacks = [.. account.Stacks.Select((stack, i) => i == changed ? stack with { State = States[_random.Next(States.Length)] } : stack)],
                Pools = [.. account.Pools.Select(pool => pool with { Pending = Next(pool.Pending, 8), Busy = Next(pool.Busy, pool.Workers) })],
                Public = (Next(account.Public.Pending, 12), Next(account.Public.Busy, account.Public.Parallelism), account.Public.Parallelism),
                Used = (account.Used.Private + 0.1, account.Used.Public + 0.1, account.Used.Seats),
            };
        }
    }

    private int Next(int value, int most) => Math.Clamp(value + _random.Next(-1, 2), 0, most);
}
