using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;

namespace CiMetrics.Testing;

/// <summary>Finds methods of an assembly that take a lock and have no code that releases it.</summary>
public static class HeldLocks
{
    private const byte Call = 0x28;

    // What the compiler makes of a lock statement, for either kind of lock.
    private static readonly (string Taker, string Releaser)[] Pairs =
        [("System.Threading.Monitor.Enter", "System.Threading.Monitor.Exit"), ("System.Threading.Lock.EnterScope", "System.Threading.Scope.Dispose")];

    /// <summary>The names of such methods; none in an assembly as its compiler made it.</summary>
    public static IEnumerable<string> Of(byte[] image)
    {
        using PEReader file = new(new MemoryStream(image));
        MetadataReader reader = file.GetMetadataReader();
        foreach ((string taker, string releaser) in Pairs)
        {
            byte[][] takes = CallsOf(reader, taker);
            byte[][] releases = CallsOf(reader, releaser);
            if (takes.Length == 0) continue;
            foreach (MethodDefinitionHandle handle in reader.MethodDefinitions)
            {
                MethodDefinition method = reader.GetMethodDefinition(handle);
                if (method.RelativeVirtualAddress == 0) continue;
                TypeDefinition type = reader.GetTypeDefinition(method.GetDeclaringType());
                string typeName = NameOf(reader, type.Namespace, type.Name);
                // The locks themselves are made of one another.
                if (typeName is "System.Threading.Monitor" or "System.Threading.Lock") continue;
                byte[] code = file.GetMethodBody(method.RelativeVirtualAddress).GetILBytes() ?? [];
                if (takes.Any(call => code.AsSpan().IndexOf(call) >= 0) && !releases.Any(call => code.AsSpan().IndexOf(call) >= 0))
                    yield return $"{typeName}.{reader.GetString(method.Name)}";
            }
        }
    }

    private static byte[][] CallsOf(MetadataReader reader, string name)
    {
        IEnumerable<EntityHandle> own = reader.MethodDefinitions
            .Where(handle => NameOf(reader, reader.GetMethodDefinition(handle)) == name).Select(handle => (EntityHandle)handle);
        IEnumerable<EntityHandle> others = reader.MemberReferences
            .Where(handle => NameOf(reader, reader.GetMemberReference(handle)) == name).Select(handle => (EntityHandle)handle);
        return [.. own.Concat(others).Select(handle => (byte[])[Call, .. BitConverter.GetBytes(MetadataTokens.GetToken(handle))])];
    }

    private static string NameOf(MetadataReader reader, MethodDefinition method)
    {
        TypeDefinition type = reader.GetTypeDefinition(method.GetDeclaringType());
        StringHandle space = type.IsNested ? reader.GetTypeDefinition(type.GetDeclaringType()).Namespace : type.Namespace;
        return NameOf(reader, space, type.Name) + "." + reader.GetString(method.Name);
    }

    private static string? NameOf(MetadataReader reader, MemberReference member)
    {
        if (member.Parent.Kind != HandleKind.TypeReference) return null;
        TypeReference type = reader.GetTypeReference((TypeReferenceHandle)member.Parent);
        StringHandle space = type.ResolutionScope.Kind == HandleKind.TypeReference ? reader.GetTypeReference((TypeReferenceHandle)type.ResolutionScope).Namespace : type.Namespace;
        return NameOf(reader, space, type.Name) + "." + reader.GetString(member.Name);
    }

    private static string NameOf(MetadataReader reader, StringHandle space, StringHandle name) =>
        reader.GetString(space) is { Length: > 0 } text ? text + "." + reader.GetString(name) : reader.GetString(name);
}
