using CiMetrics.Spacelift.Api;
using CiMetrics.Spacelift.State;

namespace CiMetrics.Spacelift.Collectors;

/// <summary>What a paged query listed, as its fold keeps it.</summary>
/// <param name="Rows">What is kept of the items.</param>
/// <param name="Count">How many items there were.</param>
/// <param name="IsTruncated">Whether there were more than are read.</param>
/// <param name="ReadAt">When the last page came.</param>
internal sealed record Listing<TRow>(IReadOnlyList<TRow> Rows, int Count, bool IsTruncated, DateTimeOffset ReadAt);

/// <summary>Takes the items of a listing page by page, and keeps what is needed of them.</summary>
internal interface IFold<in TItem, out TRow>
{
    /// <summary>The items so far.</summary>
    int Count { get; }

    /// <summary>What is kept of them.</summary>
    IReadOnlyList<TRow> Rows { get; }

    /// <summary>Takes the next one.</summary>
    void Add(TItem item);
}

/// <summary>A query that is read page by page, and what it gave last.</summary>
/// <param name="operation">The query.</param>
/// <param name="page">The page in its answer.</param>
/// <param name="fold">Starts a listing.</param>
/// <param name="maxPages">The most pages that are read, and not more items than fit on them.</param>
internal sealed class ListingQuery<TData, TItem, TRow>(
    Operation<TData> operation, Func<TData, Page<TItem>> page, Func<IFold<TItem, TRow>> fold, long maxPages) : IListing
    where TData : class
{
    /// <summary>The largest page that Spacelift's own clients ask for.</summary>
    public const int PageSize = 50;

    /// <summary>What it gave last.</summary>
    public Slot<Listing<TRow>> Slot { get; } = new(operation.Name, keepsLastGood: true);

    /// <inheritdoc/>
    public ICollectorState State => Slot;

    /// <inheritdoc/>
    public async Task FetchAsync(SpaceliftApi api, TimeProvider time, CancellationToken cancellationToken)
    {
        long start = time.GetTimestamp();
        ApiResult<Listing<TRow>> result = await ReadAsync(api, time, cancellationToken);
        // A read that was cut short because the process ends says nothing about Spacelift.
        if (!cancellationToken.IsCancellationRequested) Slot.Take(result, time.GetElapsedTime(start), time.GetUtcNow());
    }

    private async Task<ApiResult<Listing<TRow>>> ReadAsync(SpaceliftApi api, TimeProvider time, CancellationToken cancellationToken)
    {
        IFold<TItem, TRow> items = fold();
        string? after = null;
        for (long pages = 1; ; pages++)
        {
            string? cursor = after;
            ApiResult<TData> answer = await api.QueryAsync(operation, variables => WriteInput(variables, cursor), cancellationToken);
            // Half a listing would look like stacks that are gone.
            if (answer.Value is null || answer.Error is not null)
                return new ApiResult<Listing<TRow>>(null, answer.Error ?? new ApiError(ErrorKind.Invalid, "no data"));
            Page<TItem> read = page(answer.Value);
            foreach (Edge<TItem> edge in read.Edges) items.Add(edge.Node);
            if (!read.PageInfo.HasNextPage || pages == maxPages || items.Count >= maxPages * PageSize)
                return new ApiResult<Listing<TRow>>(new Listing<TRow>(items.Rows, items.Count, read.PageInfo.HasNextPage, time.GetUtcNow()), null);
            after = read.PageInfo.EndCursor;
            if (string.IsNullOrEmpty(after) || after == cursor)
                return ApiResult<Listing<TRow>>.Failed(ErrorKind.Invalid, $"page {pages} says that there is another one, but not where");
        }
    }

    private static void WriteInput(System.Text.Json.Utf8JsonWriter variables, string? after)
    {
        variables.WriteStartObject("input"u8);
        variables.WriteNumber("first"u8, PageSize);
        variables.WriteString("after"u8, after);
        variables.WriteEndObject();
    }
}
