namespace CiMetrics.Exposition;

/// <summary>
/// Runs at most one gather at a time. Who comes while one runs waits for the next one of its format together with the others;
/// who comes while none runs gathers on its own thread. Compression runs after the gather, beside the next one.
/// </summary>
internal sealed class ScrapeQueue(Func<bool, SharedBody> gather, ChunkPool pool)
{
    private readonly Lock _lock = new();
    private readonly ScrapeBatch?[] _next = new ScrapeBatch?[2];
    private bool _running;

    public async ValueTask<Scrape> ScrapeAsync(ScrapeFormat format, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        ScrapeBatch? own = null;
        ScrapeShare share;
        lock (_lock)
        {
            ScrapeBatch batch;
            if (_running)
            {
                batch = _next[format.OpenMetrics ? 1 : 0] ??= new ScrapeBatch(format.OpenMetrics);
            }
            else
            {
                own = batch = new ScrapeBatch(format.OpenMetrics);
                _running = true;
            }

            share = format.Gzip ? batch.Gzip : batch.Plain;
            share.Waiting++;
        }

        if (own is not null)
            Run(own);
        try
        {
            return new Scrape(format, await share.Done.WaitAsync(cancellationToken));
        }
        catch (OperationCanceledException)
        {
            Leave(share);
            throw;
        }
    }

    private void Leave(ScrapeShare share)
    {
        SharedBody? body;
        lock (_lock)
        {
            share.Waiting--;
            body = share.Body;
        }

        body?.Release();
    }

    private void Run(ScrapeBatch batch)
    {
        SharedBody? body = null;
        try
        {
            body = gather(batch.OpenMetrics);

            // One hold for this method, until compression is done.
            body.Hold(1);
            Hand(batch.Plain, body);
        }
        catch (Exception e)
        {
            batch.Plain.Fail(e);
            batch.Gzip.Fail(e);
        }

        StartNext(batch.OpenMetrics ? 1 : 0);
        if (body is null)
            return;
        Compress(batch, body);
        body.Release();
    }

    private void Compress(ScrapeBatch batch, SharedBody body)
    {
        lock (_lock)
        {
            if (batch.Gzip.Waiting == 0)
                return;
        }

        try
        {
            SharedBody compressed = GzipBody.Compress(body, pool);
            compressed.Hold(1);
            Hand(batch.Gzip, compressed);
            compressed.Release();
        }
        catch (Exception e)
        {
            batch.Gzip.Fail(e);
        }
    }

    private void Hand(ScrapeShare share, SharedBody body)
    {
        lock (_lock)
        {
            body.Hold(share.Waiting);
            share.Body = body;
        }

        share.Complete();
    }

    private void StartNext(int last)
    {
        ScrapeBatch? batch = null;
        lock (_lock)
        {
            // The other format first, so that neither waits for ever.
            for (int i = 1; i <= _next.Length && batch is null; i++)
            {
                ref ScrapeBatch? next = ref _next[(last + i) % _next.Length];
                batch = next is { IsWanted: true } ? next : null;
                next = null;
            }

            _running = batch is not null;
        }

        if (batch is not null)
            ThreadPool.UnsafeQueueUserWorkItem(Run, batch, preferLocal: false);
    }
}
