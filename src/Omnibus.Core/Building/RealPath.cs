namespace Omnibus.Core.Building;

/// <summary>Paths with every link on the way followed.</summary>
internal static class RealPath
{
    private const int MaximumLinks = 40;

    /// <summary>The real path of something that is there (realpath(3)).</summary>
    /// <exception cref="FileNotFoundException">It, or what a link leads to, is not there.</exception>
    /// <exception cref="IOException">The links go round in circles.</exception>
    public static string Of(string path)
    {
        int links = 0;
        string real = "/";
        var rest = new Stack<string>(Path.GetFullPath(path).Split('/', StringSplitOptions.RemoveEmptyEntries).Reverse());
        while (rest.TryPop(out string? part))
        {
            string next = Path.GetFullPath(part, real);
            if (FileStatus.Of(next).Type != FileType.SymbolicLink)
            {
                real = next;
                continue;
            }

            if (++links > MaximumLinks)
            {
                throw new IOException($"{path}: too many links");
            }

            string target = new FileInfo(next).LinkTarget!;
            if (Path.IsPathRooted(target))
            {
                real = "/";
            }

            foreach (string piece in target.Split('/', StringSplitOptions.RemoveEmptyEntries).Reverse())
            {
                rest.Push(piece);
            }
        }

        return real;
    }
}
