using System.Text.Json;

namespace CiMetrics.Spacelift.Simulator;

/// <summary>A request as the simulated API saw it.</summary>
/// <param name="Number">Its place among the calls of its operation, from 1.</param>
/// <param name="Operation">The root field that it asks for.</param>
/// <param name="Path">The path of the URL.</param>
/// <param name="Headers">The headers.</param>
/// <param name="Body">The body.</param>
public sealed record FakeCall(int Number, string Operation, string Path, IReadOnlyDictionary<string, string> Headers, JsonElement Body)
{
    /// <summary>The variables.</summary>
    public JsonElement Variables => Body.TryGetProperty("variables", out JsonElement variables) ? variables : default;
}

/// <summary>What is answered in place of the account's data.</summary>
/// <param name="Status">The HTTP status.</param>
/// <param name="Body">The body.</param>
/// <param name="Type">The content type.</param>
/// <param name="RetryAfter">The header Retry-After, in seconds.</param>
/// <param name="Delay">How long it takes.</param>
/// <param name="Reset">The connection breaks instead.</param>
public sealed record FakeAnswer(
    int Status = 200, string? Body = null, string Type = "application/json", int? RetryAfter = null, TimeSpan Delay = default, bool Reset = false)
{
    /// <summary>Errors in the way of GraphQL, with data where a part was answered.</summary>
    public static FakeAnswer Errors(string message, string data = "null") =>
        new(Body: $$"""{"data":{{data}},"errors":[{"message":{{JsonSerializer.Serialize(message)}},"path":["x"]}]}""");
}
