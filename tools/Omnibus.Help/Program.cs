using System.Text;

namespace Omnibus.Help;

/// <summary>
/// <c>Omnibus.Help build|update ASSEMBLY DOCS OUTPUT REFERENCES</c>: makes the help files from the markdown, or completes the
/// markdown from the compiled cmdlets. REFERENCES is a file with the path of a referenced assembly in each line.
/// </summary>
internal static class Program
{
    private static int Main(string[] arguments)
    {
        if (arguments is not [("build" or "update") and var task, var assembly, var docs, var output, var references])
        {
            Console.Error.WriteLine("usage: Omnibus.Help build|update ASSEMBLY DOCS OUTPUT REFERENCES");
            return 2;
        }

        IReadOnlyList<CmdletDescription> cmdlets = CmdletReader.Read(assembly, File.ReadLines(references).Where(l => l.Length > 0));
        return task == "update" ? Update(cmdlets, docs) : Build(cmdlets, docs, output, Path.GetFileName(assembly));
    }

    private static int Update(IReadOnlyList<CmdletDescription> cmdlets, string docs)
    {
        Directory.CreateDirectory(docs);
        foreach (CmdletDescription cmdlet in cmdlets)
        {
            string path = Path.Combine(docs, cmdlet.Name + ".md");
            string? text = File.Exists(path) ? File.ReadAllText(path) : null;
            string updated = TopicUpdater.Update(cmdlet, text);
            if (updated != text)
            {
                File.WriteAllText(path, updated);
                Console.WriteLine($"{(text is null ? "made" : "completed")} {path}");
            }
        }

        string readme = Path.Combine(docs, "..", "..", "README.md");
        if (File.Exists(readme))
        {
            string text = File.ReadAllText(readme);
            string updated = CommandTable.Update(text, cmdlets.Select(c => (c.Name, c.Noun, Synopsis(docs, c))));
            if (updated != text)
            {
                File.WriteAllText(readme, updated);
                Console.WriteLine($"completed {Path.GetFullPath(readme)}");
            }
        }

        return 0;
    }

    private static string Synopsis(string docs, CmdletDescription cmdlet) =>
        string.Join(' ', HelpTopicReader.Read(File.ReadAllText(Path.Combine(docs, cmdlet.Name + ".md"))).Synopsis);

    private static int Build(IReadOnlyList<CmdletDescription> cmdlets, string docs, string output, string assemblyName)
    {
        var faults = new List<(string Path, string Text)>();
        var topics = new List<(CmdletDescription Cmdlet, HelpTopic Topic)>();
        foreach (CmdletDescription cmdlet in cmdlets)
        {
            string path = Path.Combine(docs, cmdlet.Name + ".md");
            if (!File.Exists(path))
            {
                faults.Add((path, $"{cmdlet.Name} has no help; './build.sh docs' makes a file to fill in"));
                continue;
            }

            string text = File.ReadAllText(path);
            HelpTopic topic = HelpTopicReader.Read(text);
            int before = faults.Count;
            faults.AddRange(TopicCheck.Faults(cmdlet, topic).Select(f => (path, f)));
            if (faults.Count == before && TopicUpdater.Update(cmdlet, text) != text)
            {
                faults.Add((path, "syntax or parameter tables are not those of the cmdlet; run './build.sh docs'"));
            }

            topics.Add((cmdlet, topic));
        }

        List<string> abouts = [.. Directory.EnumerateFiles(docs, "about_*.md").Order(StringComparer.Ordinal)];
        faults.AddRange(abouts.SelectMany(a => AboutWriter.Faults(File.ReadAllText(a)).Select(f => (a, f))));
        faults.AddRange(Directory.EnumerateFiles(docs, "*-*.md").Order(StringComparer.Ordinal)
            .Where(f => !cmdlets.Any(c => c.Name == Path.GetFileNameWithoutExtension(f))).Select(f => (f, "there is no such cmdlet")));
        if (faults.Count > 0)
        {
            // The form in which MSBuild recognises an error.
            faults.ForEach(f => Console.Error.WriteLine($"{f.Path}: error HELP001: {f.Text}"));
            return 1;
        }

        Directory.CreateDirectory(output);
        using (var maml = new MamlWriter(File.Create(Path.Combine(output, assemblyName + "-Help.xml"))))
        {
            topics.ForEach(t => maml.Write(t.Cmdlet, t.Topic));
        }

        foreach (string about in abouts)
        {
            string name = Path.GetFileNameWithoutExtension(about);
            File.WriteAllText(Path.Combine(output, name + ".help.txt"), AboutWriter.Write(name, File.ReadAllText(about)), new UTF8Encoding(false));
        }

        return 0;
    }
}
