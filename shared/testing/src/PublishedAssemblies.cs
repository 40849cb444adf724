using System.Text;

namespace CiMetrics.Testing;

/// <summary>The assemblies inside a published program, as the trimmer left them.</summary>
public static class PublishedAssemblies
{
    // The host finds its bundle by this text, which stands once in the file; the header's place is written before it.
    private static readonly byte[] Mark =
    [
        0x8b, 0x12, 0x02, 0xb9, 0x6a, 0x61, 0x20, 0x38, 0x72, 0x7b, 0x93, 0x02, 0x14, 0xd7, 0xa0, 0x32,
        0x13, 0xf5, 0xb9, 0xe6, 0xef, 0xae, 0x33, 0x18, 0xee, 0x3b, 0x2d, 0xce, 0x24, 0xb3, 0x6a, 0xae,
    ];

    private const byte AssemblyType = 1;

    /// <summary>Reads a single-file program: the name and the bytes of each of its assemblies.</summary>
    /// <exception cref="InvalidDataException">The file is no such program, or its assemblies are compressed.</exception>
    public static IEnumerable<(string Name, byte[] Image)> Of(string path)
    {
        byte[] file = File.ReadAllBytes(path);
        int mark = file.AsSpan().IndexOf(Mark);
        if (mark < 8) throw new InvalidDataException($"{path} is no single-file program");
        using BinaryReader reader = new(new MemoryStream(file), Encoding.UTF8);
        reader.BaseStream.Position = BitConverter.ToInt64(file, mark - 8);
        uint version = reader.ReadUInt32();
        if (version < 6) throw new InvalidDataException($"{path} has a bundle of version {version}");
        _ = reader.ReadUInt32();
        int count = reader.ReadInt32();
        _ = reader.ReadString();
        // Two files that the host reads itself, each with its place and size, and flags.
        reader.BaseStream.Position += (4 * sizeof(long)) + sizeof(ulong);
        for (int i = 0; i < count; i++)
        {
            long offset = reader.ReadInt64();
            long size = reader.ReadInt64();
            long compressed = reader.ReadInt64();
            byte type = reader.ReadByte();
            string name = reader.ReadString();
            if (type != AssemblyType) continue;
            if (compressed != 0) throw new InvalidDataException($"{name} in {path} is compressed");
            yield return (name, file.AsSpan((int)offset, (int)size).ToArray());
        }
    }
}
