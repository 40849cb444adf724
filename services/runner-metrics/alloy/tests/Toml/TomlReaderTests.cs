using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using CiMetrics.AlloyRunner.Toml;

namespace CiMetrics.AlloyRunner.Tests.Toml;

/// <summary>The examples of the format's own document, toml.io/en/v1.0.0, valid and invalid.</summary>
public sealed class TomlReaderTests
{
    [TestCase("# whole line\nkey = \"value\" # end of line\nanother = \"# not a comment\"", """{"key":"value","another":"# not a comment"}""")]
    [TestCase("key = \"a\"\nbare_key = \"b\"\nbare-key = \"c\"\n1234 = \"d\"", """{"key":"a","bare_key":"b","bare-key":"c","1234":"d"}""")]
    [TestCase("\"127.0.0.1\" = \"value\"\n\"character encoding\" = \"value\"\n\"ʎǝʞ\" = \"value\"\n'key2' = \"value\"\n'quoted \"value\"' = \"value\"", """{"127.0.0.1":"value","character encoding":"value","ʎǝʞ":"value","key2":"value","quoted \"value\"":"value"}""")]
    [TestCase("\"\" = \"blank\"", """{"":"blank"}""")]
    [TestCase("'' = 'blank'", """{"":"blank"}""")]
    [TestCase("name = \"Orange\"\nphysical.color = \"orange\"\nphysical.shape = \"round\"\nsite.\"google.com\" = true", """{"name":"Orange","physical":{"color":"orange","shape":"round"},"site":{"google.com":true}}""")]
    [TestCase("fruit.name = \"banana\"\nfruit. color = \"yellow\"\nfruit . flavor = \"banana\"", """{"fruit":{"name":"banana","color":"yellow","flavor":"banana"}}""")]
    [TestCase("fruit.apple.smooth = true\nfruit.orange = 2", """{"fruit":{"apple":{"smooth":true},"orange":2}}""")]
    [TestCase("3.14159 = \"pi\"", """{"3":{"14159":"pi"}}""")]
    [TestCase("str = \"I'm a string. \\\"You can quote me\\\". Name\\tJos\\u00E9\\nLocation\\tSF.\"", """{"str":"I'm a string. \"You can quote me\". Name\tJosé\nLocation\tSF."}""")]
    [TestCase("str1 = \"\"\"\nRoses are red\nViolets are blue\"\"\"", """{"str1":"Roses are red\nViolets are blue"}""")]
    [TestCase("str2 = \"\"\"\nThe quick brown \\\n\n\n  fox jumps over \\\n    the lazy dog.\"\"\"", """{"str2":"The quick brown fox jumps over the lazy dog."}""")]
    [TestCase("str3 = \"\"\"\\\n       The quick brown \\\n       fox jumps over \\\n       the lazy dog.\\\n       \"\"\"", """{"str3":"The quick brown fox jumps over the lazy dog."}""")]
    [TestCase("str4 = \"\"\"Here are two quotation marks: \"\". Simple enough.\"\"\"", """{"str4":"Here are two quotation marks: \"\". Simple enough."}""")]
    [TestCase("str5 = \"\"\"Here are three quotation marks: \"\"\\\".\"\"\"", """{"str5":"Here are three quotation marks: \"\"\"."}""")]
    [TestCase("str6 = \"\"\"Here are fifteen quotation marks: \"\"\\\"\"\"\\\"\"\"\\\"\"\"\\\"\"\"\\\".\"\"\"", """{"str6":"Here are fifteen quotation marks: \"\"\"\"\"\"\"\"\"\"\"\"\"\"\"."}""")]
    [TestCase("str7 = \"\"\"\"This,\" she said, \"is just a pointless statement.\"\"\"\"", """{"str7":"\"This,\" she said, \"is just a pointless statement.\""}""")]
    [TestCase("winpath = 'C:\\Users\\nodejs\\templates'\nwinpath2 = '\\\\ServerX\\admin$\\system32\\'\nregex = '<\\i\\c*\\s*>'", """{"winpath":"C:\\Users\\nodejs\\templates","winpath2":"\\\\ServerX\\admin$\\system32\\","regex":"<\\i\\c*\\s*>"}""")]
    [TestCase("regex2 = '''I [dw]on't need \\d{2} apples'''\nlines = '''\nThe first newline is\ntrimmed in raw strings.\n   All other whitespace\n   is preserved.\n'''", """{"regex2":"I [dw]on't need \\d{2} apples","lines":"The first newline is\ntrimmed in raw strings.\n   All other whitespace\n   is preserved.\n"}""")]
    [TestCase("quot15 = '''Here are fifteen quotation marks: \"\"\"\"\"\"\"\"\"\"\"\"\"\"\"'''\nstr = ''''That,' she said, 'is still pointless.''''", """{"quot15":"Here are fifteen quotation marks: \"\"\"\"\"\"\"\"\"\"\"\"\"\"\"","str":"'That,' she said, 'is still pointless.'"}""")]
    [TestCase("a = +99\nb = 42\nc = 0\nd = -17\ne = 1_000\nf = 5_349_221\ng = 53_49_221\nh = 1_2_3_4_5\ni = -0\nj = +0", """{"a":99,"b":42,"c":0,"d":-17,"e":1000,"f":5349221,"g":5349221,"h":12345,"i":0,"j":0}""")]
    [TestCase("hex1 = 0xDEADBEEF\nhex2 = 0xdeadbeef\nhex3 = 0xdead_beef\noct1 = 0o01234567\noct2 = 0o755\nbin1 = 0b11010110", """{"hex1":3735928559,"hex2":3735928559,"hex3":3735928559,"oct1":342391,"oct2":493,"bin1":214}""")]
    [TestCase("max = 9223372036854775807\nmin = -9223372036854775808\nhex = 0x7fffffffffffffff", """{"max":9223372036854775807,"min":-9223372036854775808,"hex":9223372036854775807}""")]
    [TestCase("a = +1.0\nb = 3.1415\nc = -0.01\nd = 5e+22\ne = 1e06\nf = -2E-2\ng = 6.626e-34\nh = 224_617.445_991_228", """{"a":1.0,"b":3.1415,"c":-0.01,"d":5e+22,"e":1000000.0,"f":-0.02,"g":6.626e-34,"h":224617.445991228}""")]
    [TestCase("a = inf\nb = +inf\nc = -inf\nd = nan\ne = +nan\nf = -nan", """{"a":"inf","b":"inf","c":"-inf","d":"nan","e":"nan","f":"nan"}""")]
    [TestCase("t = true\nf = false", """{"t":true,"f":false}""")]
    [TestCase("a = 1979-05-27T07:32:00Z\nb = 1979-05-27T00:32:00-07:00\nc = 1979-05-27T00:32:00.999999-07:00\nd = 1979-05-27 07:32:00Z", """{"a":"OffsetDateTime 1979-05-27 07:32:00.0000000 +00:00","b":"OffsetDateTime 1979-05-27 00:32:00.0000000 -07:00","c":"OffsetDateTime 1979-05-27 00:32:00.9999990 -07:00","d":"OffsetDateTime 1979-05-27 07:32:00.0000000 +00:00"}""")]
    [TestCase("a = 1979-05-27T07:32:00\nb = 1979-05-27T00:32:00.999999\nc = 1979-05-27\nd = 07:32:00\ne = 00:32:00.999999", """{"a":"LocalDateTime 1979-05-27 07:32:00.0000000 +00:00","b":"LocalDateTime 1979-05-27 00:32:00.9999990 +00:00","c":"LocalDate 1979-05-27 00:00:00.0000000 +00:00","d":"LocalTime 0001-01-01 07:32:00.0000000 +00:00","e":"LocalTime 0001-01-01 00:32:00.9999990 +00:00"}""")]
    [TestCase("integers = [ 1, 2, 3 ]\nnested = [ [ 1, 2 ], [\"a\", \"b\", \"c\"] ]\nmixed = [ 0.5, 1, \"x\", { n = 1 } ]\nlines = [\n  1, # one\n\n  2, # trailing comma\n]", """{"integers":[1,2,3],"nested":[[1,2],["a","b","c"]],"mixed":[0.5,1,"x",{"n":1}],"lines":[1,2]}""")]
    [TestCase("[table-1]\nkey1 = \"some string\"\n[table-2]\nkey1 = 1", """{"table-1":{"key1":"some string"},"table-2":{"key1":1}}""")]
    [TestCase("[dog.\"tater.man\"]\ntype.name = \"pug\"", """{"dog":{"tater.man":{"type":{"name":"pug"}}}}""")]
    [TestCase("[a.b.c]\n[ d.e.f ]\n[ g .  h  . i ]\n[ j . \"ʞ\" . 'l' ]", """{"a":{"b":{"c":{}}},"d":{"e":{"f":{}}},"g":{"h":{"i":{}}},"j":{"ʞ":{"l":{}}}}""")]
    [TestCase("[x.y.z.w]\n[x]\nk = 1", """{"x":{"y":{"z":{"w":{}}},"k":1}}""")]
    [TestCase("[fruit]\napple.color = \"red\"\napple.taste.sweet = true\n[fruit.apple.texture]\nsmooth = true", """{"fruit":{"apple":{"color":"red","taste":{"sweet":true},"texture":{"smooth":true}}}}""")]
    [TestCase("name = { first = \"Tom\", last = \"Preston-Werner\" }\npoint = { x = 1, y = 2 }\nanimal = { type.name = \"pug\" }\nempty = {}", """{"name":{"first":"Tom","last":"Preston-Werner"},"point":{"x":1,"y":2},"animal":{"type":{"name":"pug"}},"empty":{}}""")]
    [TestCase("[[products]]\nname = \"Hammer\"\nsku = 738594937\n\n[[products]]  # empty table within the array\n\n[[products]]\nname = \"Nail\"", """{"products":[{"name":"Hammer","sku":738594937},{},{"name":"Nail"}]}""")]
    [TestCase("[[fruits]]\nname = \"apple\"\n[fruits.physical]\ncolor = \"red\"\n[[fruits.varieties]]\nname = \"red delicious\"\n[[fruits.varieties]]\nname = \"granny smith\"\n[[fruits]]\nname = \"banana\"\n[[fruits.varieties]]\nname = \"plantain\"", """{"fruits":[{"name":"apple","physical":{"color":"red"},"varieties":[{"name":"red delicious"},{"name":"granny smith"}]},{"name":"banana","varieties":[{"name":"plantain"}]}]}""")]
    [TestCase("points = [ { x = 1, y = 2, z = 3 },\n           { x = 7, y = 8, z = 9 } ]", """{"points":[{"x":1,"y":2,"z":3},{"x":7,"y":8,"z":9}]}""")]
    [TestCase("\uFEFFa = 1\r\nb = \"\"\"x\r\ny\"\"\"\r\n", """{"a":1,"b":"x\ny"}""")]
    [TestCase("", "{}")]
    public void What_is_valid_is_read(string toml, string json) =>
        Assert.That(Json(TomlReader.Read(toml)).ToJsonString(), Is.EqualTo(JsonNode.Parse(json)!.ToJsonString()));

    [TestCase("key = # INVALID", 1, 7)]
    [TestCase("first = \"Tom\" last = \"Preston-Werner\"", 1, 15)]
    [TestCase("= \"no key name\"", 1, 1)]
    [TestCase("name = \"Tom\"\nname = \"Pradyun\"", 2, 1)]
    [TestCase("spelling = \"favorite\"\n\"spelling\" = \"favourite\"", 2, 1)]
    [TestCase("fruit.apple = 1\nfruit.apple.smooth = true", 2, 1)]
    [TestCase("str5 = \"\"\"Here are three quotation marks: \"\"\".\"\"\"", 1, null)]
    [TestCase("apos15 = '''Here are fifteen apostrophes: ''''''''''''''''''", 1, null)]
    [TestCase("invalid_float_1 = .7", 1, 19)]
    [TestCase("invalid_float_2 = 7.", 1, 19)]
    [TestCase("invalid_float_3 = 3.e+20", 1, 19)]
    [TestCase("[fruit]\napple = \"red\"\n[fruit]\norange = \"orange\"", 3, 1)]
    [TestCase("[fruit]\napple = \"red\"\n[fruit.apple]\ntexture = \"smooth\"", 3, 1)]
    [TestCase("[fruit]\napple.color = \"red\"\n[fruit.apple]", 3, 1)]
    [TestCase("[fruit]\napple.color = \"red\"\napple.taste.sweet = true\n[fruit.apple.taste]", 4, 1)]
    [TestCase("[product]\ntype = { name = \"Nail\" }\ntype.edible = false", 3, 1)]
    [TestCase("[product]\ntype.name = \"Nail\"\ntype = { edible = false }", 3, 1)]
    [TestCase("[fruit.physical]\ncolor = \"red\"\n[[fruit]]\nname = \"apple\"", 3, 1)]
    [TestCase("fruits = []\n[[fruits]]", 2, 1)]
    [TestCase("[[fruits]]\nname = \"apple\"\n[[fruits.varieties]]\nname = \"red\"\n[fruits.varieties]\nname = \"g\"", 5, 1)]
    [TestCase("[[fruits]]\n[fruits.physical]\ncolor = \"red\"\n[[fruits.physical]]", 4, 1)]
    [TestCase("a = 01", 1, 5)]
    [TestCase("a = +0x1", 1, 5)]
    [TestCase("a = 1__0", 1, 5)]
    [TestCase("a = 1_", 1, 5)]
    [TestCase("a = 0xG", 1, 5)]
    [TestCase("a = 9223372036854775808", 1, 5)]
    [TestCase("a = 0x8000000000000000", 1, 5)]
    [TestCase("a = 1e5.0", 1, 5)]
    [TestCase("a = True", 1, 5)]
    [TestCase("a = word", 1, 5)]
    [TestCase("a = 1979-13-27", 1, 5)]
    [TestCase("a = 2021-02-29", 1, 5)]
    [TestCase("a = 1979-05-27T25:00:00Z", 1, 5)]
    [TestCase("a = 1979-05-27T", 1, 5)]
    [TestCase("a = 07:32", 1, 5)]
    [TestCase("a = 07:32:00Z", 1, 5)]
    [TestCase("a = \"\\x41\"", 1, 6)]
    [TestCase("a = \"\\uD800\"", 1, 6)]
    [TestCase("a = \"\\U00110000\"", 1, 6)]
    [TestCase("a = \"\\u12\"", 1, 6)]
    [TestCase("a = \"no end", 1, 5)]
    [TestCase("a = \"\"\"no end\n", 1, 5)]
    [TestCase("a = 'x\ny'", 1, 5)]
    [TestCase("a = \"x\u0001\"", 1, 7)]
    [TestCase("a = 'x\u007f'", 1, 7)]
    [TestCase("# comment \u0000", 1, 11)]
    [TestCase("a = 1\rb = 2", 1, 6)]
    [TestCase("a = [1, 2", 1, 5)]
    [TestCase("a = [1 2]", 1, 8)]
    [TestCase("a = [,]", 1, 6)]
    [TestCase("a = { x = 1, }", 1, 14)]
    [TestCase("a = { x = 1\n}", 1, 12)]
    [TestCase("a = { x = 1 y = 2 }", 1, 13)]
    [TestCase("a = { x = 1, x = 2 }", 1, 14)]
    [TestCase("a = { b.c = 1, b = 2 }", 1, 16)]
    [TestCase("a = {}\n[a.b]", 2, 1)]
    [TestCase("a = [{}]\n[a.b]", 2, 1)]
    [TestCase("[a", 1, 3)]
    [TestCase("[[a]", 1, 4)]
    [TestCase("[]", 1, 2)]
    [TestCase("[a.]", 1, 4)]
    [TestCase("[a] b = 1", 1, 5)]
    [TestCase("[ [a] ]", 1, 3)]
    [TestCase("a", 1, 2)]
    [TestCase("a b = 1", 1, 3)]
    [TestCase("\"\"\"a\"\"\" = 1", 1, 3)]
    [TestCase("ä = 1", 1, 1)]
    [TestCase("[a]\n[a.b]\nc = 1\n[a]", 4, 1)]
    [TestCase("a.b.c = 1\n[a]\nb.d = 2", 2, 1)]
    [TestCase("[a.b.c]\nz = 9\n[a]\nb.c.t = \"no\"", 4, 1)]
    public void What_is_invalid_is_refused_with_its_place(string toml, int line, int? column)
    {
        TomlException refused = Assert.Throws<TomlException>(() => TomlReader.Read(toml));
        Assert.That((refused.Line, column is null ? null : (int?)refused.Column), Is.EqualTo((line, column)), refused.Message);
        Assert.That(refused.Message, Does.StartWith($"line {refused.Line}, column {refused.Column}: "));
    }

    [Test]
    public void What_is_no_UTF8_is_refused_with_its_place()
    {
        byte[] bytes = [.. Encoding.UTF8.GetBytes("a = 1\nb = \""), 0xff, (byte)'"'];
        TomlException refused = Assert.Throws<TomlException>(() => TomlReader.Read(bytes));
        Assert.That((refused.Line, refused.Column), Is.EqualTo((2, 6)));
    }

    [Test]
    public void What_is_nested_too_deeply_is_refused_and_no_stack_overflows()
    {
        Assert.That(() => TomlReader.Read("a = " + new string('[', 100_000)), Throws.InstanceOf<TomlException>().With.Message.Contains("deep"));
        Assert.That(() => TomlReader.Read("a = " + string.Concat(Enumerable.Repeat("{a=", 100_000))), Throws.InstanceOf<TomlException>().With.Message.Contains("deep"));
        Assert.That(() => TomlReader.Read(string.Join('.', Enumerable.Repeat("a", 100_000)) + " = 1"), Throws.InstanceOf<TomlException>());
    }

    [Test]
    public void A_message_never_shows_a_value()
    {
        TomlException refused = Assert.Throws<TomlException>(() => TomlReader.Read("[[runners]]\ntoken = secret-token-123\n"));
        Assert.That(refused.Message, Does.Not.Contain("secret"));
    }

    internal static JsonNode Json(object value) => value switch
    {
        TomlTable table => new JsonObject(table.Entries.Select(entry => KeyValuePair.Create<string, JsonNode?>(entry.Key, Json(entry.Value)))),
        TomlArray array => new JsonArray([.. array.Items.Select(Json)]),
        string text => JsonValue.Create(text),
        long number => JsonValue.Create(number),
        double number when double.IsFinite(number) => JsonNode.Parse(number.ToString("R", CultureInfo.InvariantCulture) is var text && text.Any(c => c is '.' or 'E') ? text.Replace("E", "e", StringComparison.Ordinal) : text + ".0")!,
        double number => JsonValue.Create(double.IsNaN(number) ? "nan" : number > 0 ? "inf" : "-inf"),
        bool truth => JsonValue.Create(truth),
        TomlTime time => JsonValue.Create($"{time.Kind} {time.Date:yyyy-MM-dd} {time.Time:HH:mm:ss.fffffff} {(time.Offset < TimeSpan.Zero ? "-" : "+")}{time.Offset:hh\\:mm}"),
        _ => throw new ArgumentOutOfRangeException(nameof(value)),
    };
}
