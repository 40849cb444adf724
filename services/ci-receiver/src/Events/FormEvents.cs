using Microsoft.AspNetCore.WebUtilities;

namespace CiMetrics.Receiver.Events;

/// <summary>Events in the form of a query or of a form (<c>application/x-www-form-urlencoded</c>).</summary>
internal static class FormEvents
{
    private const int MostPairs = 32;

    /// <summary>Adds what a text says to an event; gives what is wrong with it.</summary>
    public static Refusal? Read(string text, RawEvent raw)
    {
        int pairs = 0;
        foreach (QueryStringEnumerable.EncodedNameValuePair pair in new QueryStringEnumerable(text))
        {
            if (++pairs > MostPairs) return new Refusal(400, $"there must be at most {MostPairs} parameters", Rule: $"must have at most {MostPairs} parameters");
            if (raw.Set(pair.DecodeName().ToString(), pair.DecodeValue().ToString()) is { } refusal) return refusal;
        }

        return null;
    }
}
