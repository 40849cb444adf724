using System.Text.Json.Serialization.Metadata;

namespace CiMetrics.Spacelift.Api;

/// <summary>One GraphQL document and what its answer is read into.</summary>
/// <param name="Name">Its name in metrics and logs; the document is the resource <c>NAME.graphql</c>.</param>
/// <param name="Type">How the answer's <c>data</c> is read.</param>
/// <param name="Check">Says what is wrong with data that has the right shape; null where nothing can be.</param>
internal sealed record Operation<T>(string Name, JsonTypeInfo<T> Type, Func<T, string?>? Check = null)
    where T : class
{
    /// <summary>The document as it is sent.</summary>
    public string Document { get; } = Read(Name + ".graphql");

    /// <summary>What is wrong with data; null: nothing.</summary>
    public string? Problem(T data) => Check?.Invoke(data);

    private static string Read(string resource)
    {
        using Stream stream = typeof(Operation<T>).Assembly.GetManifestResourceStream(resource)
            ?? throw new InvalidOperationException($"there is no document {resource}");
        using StreamReader reader = new(stream);
        return reader.ReadToEnd().Trim();
    }
}
