using Microsoft.AspNetCore.Http;

namespace CiMetrics.Receiver.Http;

/// <summary>
/// The bytes of bodies that are in memory at a time, from their first byte until they are stored: what bounds the
/// receiver's memory whatever is sent to it.
/// </summary>
internal sealed class BodyBudget(long most)
{
    private long _taken;

    /// <summary>Takes the share of a request, by the length that it announces; null where there is no room.</summary>
    public Share? Take(HttpRequest request)
    {
        long length = Math.Min(request.ContentLength ?? (HttpMethods.IsGet(request.Method) ? 0 : RequestReader.LongestBody), RequestReader.LongestBody);
        if (Interlocked.Add(ref _taken, length) <= most) return new Share(this, length);
        Interlocked.Add(ref _taken, -length);
        return null;
    }

    /// <summary>A share that is given back when it is disposed.</summary>
    internal sealed class Share(BodyBudget budget, long length) : IDisposable
    {
        public void Dispose() => Interlocked.Add(ref budget._taken, -length);
    }
}
