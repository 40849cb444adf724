using CiMetrics.Spacelift.Api;
using CiMetrics.Spacelift.State;

namespace CiMetrics.Spacelift.Collectors;

/// <summary>Everything that a paged query listed.</summary>
/// <param name="Items">In the order of the pages.</param>
/// <param name="IsTruncated">Whether there were more pages than are read.</param>
/// <param name="ReadAt">When the last page came.</param>
internal sealed record Listing<T>(IReadOnlyList<T> Items, bool IsTruncated, DateTimeOffset ReadAt);

/// <summary>A query that is read page by page, and what it gave last.</summary>
/// <param name="operation">The query.</param>
/// <param name="page">The page in its answer.</param>
/// <param name="maxPages">The most pages that are read.</param>
internal sealed class ListingQuery<TData, TItem>(Operation<TData> operation, Func<TData, Page<TItem>> page, long maxPages)
    where TData : class
{
    /// <summary>The largest page that Spacelift's own clients ask for.</summary>
    public const int PageSize = 50;

    /// <summary>What it gave last.</summary>
    public Slot<Listing<TItem>> Slot { get; } = new(operation.Name, keepsLastGood: true);

    /// <summary>Reads all pages and keeps what came.</summary>
    public async Task FetchAsync(SpaceliftApi api, TimeProvider time, CancellationToken cancellationToken)
    {
        long start = time.GetTimestamp();
        ApiResult<Listing<TItem>> result = await ReadAsync(api, time, cancellationToken);
        // A read that was cut short because the process ends says nothing about Spacelift.
        if (!cancellationToken.IsCancellationRequested) Slot.Take(result, time.GetElapsedTime(start), time.GetUtcNow());
    }

    private async Task<ApiResult<Listing<TItem>>> ReadAsync(SpaceliftApi api, TimeProvider time, CancellationToken cancellationToken)
    {
        List<TItem> items = [];
        string? after = null;
        for (long pages = 1; ; pages++)
        {
            string? cursor = after;
            ApiResult<TData> answer = await api.QueryAsync(operation, variables => WriteInput(variables, cursor), cancellationToken);
            // Half a listing would look like stacks that are gone.
            if (answer.Value is null || answer.Error is not null)
                return new ApiResult<Listing<TItem>>(null, answer.Error ?? new ApiError(ErrorKind.Invalid, "no data"));
            Page<TItem> read = page(answer.Value);
            foreach (Edge<TItem> edge in read.Edges) items.Add(edge.Node);
            if (!read.PageInfo.HasNextPage || pages == maxPages)
                return new ApiResult<Listing<TItem>>(new Listing<TItem>(items, read.PageInfo.HasNextPage, time.GetUtcNow()), null);
            after = read.PageInfo.EndCursor;
            if (string.IsNullOrEmpty(after) || after == cursor)
                return ApiResult<Listing<TItem>>.Failed(ErrorKind.Invalid, $"page {pages} says that there is another one, but not where");
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
