using System.Text.Json.Serialization.Metadata;

namespace CiMetrics.Spacelift.Api;

/// <summary>One GraphQL document and what its answer is read into.</summary>
/// <param name="Name">Its name in metrics and logs; the document is the resource <c>NAME.graphql</c>.</param>
/// <param name="Type">How the answer's <c>data</c> is read.</param>
internal sealed record Operation<T>(string Name, JsonTypeInfo<T> Type)
    where T : class
{
    /// <summary>The document as it is sent.</summary>
    public string Document { get; } = Read(Name + ".graphql");

    private static string Read(string resource)
    {
        using Stream stream = typeof(Operation<T>).Assembly.GetManifestResourceStream(resource)
            ?? throw new InvalidOperationException($"there is no document {resource}");
        using StreamReader reader = new(stream);
        return reader.ReadToEnd().Trim();
    }
}
