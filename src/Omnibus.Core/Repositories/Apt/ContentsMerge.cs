using System.Buffers;
using Omnibus.Core.Diagnostics;
using Omnibus.Core.Packages.Deb;
using Omnibus.Core.Repositories.Indexes;
using Omnibus.Core.Repositories.Storage;

namespace Omnibus.Core.Repositories.Apt;

/// <summary>
/// Makes the lists of files. What is added is merged in without reading any other package. When packages go, only the other versions
/// of the same name are read again: a path stays as long as one of them brings it. A list that is not there yet is made from all packages.
/// </summary>
internal sealed class ContentsMerge(RepositoryMerge merge, AptLayout layout, AptIndexSet indexes, AptDelta delta)
{
    /// <summary>Makes them.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var lists = new List<FileList>();
        try
        {
            foreach (string component in layout.Components)
            {
                foreach (string architecture in merge.Repository.Configuration.Architectures)
                {
                    string path = AptLayout.ContentsPath(component, architecture);
                    var lines = new RecordSorter(ContentsLines.Instance, merge.StagingFolder, path.Replace('/', '-'));
                    lists.Add(new FileList(component, architecture, path, lines) { Anew = !indexes.IsComplete(path) });
                }
            }

            Add(delta.Added, lists);
            await ScanAsync(delta.Remaining.ToAsyncEnumerable(), [.. lists.Where(l => !l.Anew)], cancellationToken).ConfigureAwait(false);
            foreach (FileList list in lists.Where(l => !l.Anew))
            {
                await MergeAsync(list, cancellationToken).ConfigureAwait(false);
            }

            List<FileList> anew = lists.FindAll(l => l.Anew);
            if (anew.Count > 0)
            {
                await ScanAsync(delta.ReadRemainingAsync(merge, cancellationToken), anew, cancellationToken).ConfigureAwait(false);
                foreach (FileList list in anew)
                {
                    await indexes.MergeAsync(list.Path, new RecordMerge(ContentsLines.Instance, null), list.Lines.ReadSorted(), anew: true, cancellationToken).ConfigureAwait(false);
                }
            }
        }
        finally
        {
            lists.ForEach(l => l.Lines.Dispose());
        }
    }

    private async Task MergeAsync(FileList list, CancellationToken cancellationToken)
    {
        byte[][] gone = [.. delta.Gone.Where(p => list.Takes(p.Component, p.Architecture)).Select(p => ContentsLines.OwnerOf(p.Section, p.Name)).DistinctBy(Convert.ToHexString)];
        if (gone.Length == 0 && list.Lines.IsEmpty)
        {
            indexes.Carry(list.Path);
            return;
        }

        var merging = new RecordMerge(ContentsLines.Instance, gone.Length > 0 ? new ContentsOwnerFilter(gone) : null);
        if (!await indexes.MergeAsync(list.Path, merging, list.Lines.ReadSorted(), anew: false, cancellationToken).ConfigureAwait(false))
        {
            list.Anew = true;
        }
    }

    private static void Add(IEnumerable<AptPackage> packages, List<FileList> lists)
    {
        foreach (AptPackage package in packages)
        {
            List<FileList> takers = lists.FindAll(l => l.Takes(package.Identity.Component, package.Identity.Architecture));
            Add(package.FileList.Span, ContentsLines.OwnerOf(package.Section, package.Identity.Name), takers);
        }
    }

    private static void Add(ReadOnlySpan<byte> paths, ReadOnlySpan<byte> owner, List<FileList> lists)
    {
        var line = new ArrayBufferWriter<byte>();
        while (!paths.IsEmpty)
        {
            int end = paths.IndexOf((byte)'\n');
            line.ResetWrittenCount();
            ContentsLines.Write(paths[..end], owner, line);
            foreach (FileList list in lists)
            {
                list.Lines.Add(line.WrittenSpan);
            }

            paths = paths[(end + 1)..];
        }
    }

    private async Task ScanAsync(IAsyncEnumerable<PublishedPackage> packages, List<FileList> lists, CancellationToken cancellationToken)
    {
        var options = new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(packages, options, async (package, token) =>
        {
            List<FileList> takers = lists.FindAll(l => l.Takes(package.Component, package.Architecture));
            if (takers.Count > 0)
            {
                Add(await ReadFilesAsync(package, token).ConfigureAwait(false), ContentsLines.OwnerOf(package.Section, package.Name), takers);
            }
        }).ConfigureAwait(false);
    }

    private async Task<byte[]> ReadFilesAsync(PublishedPackage package, CancellationToken cancellationToken)
    {
        Repository repository = merge.Repository;
        ObjectReading reading = await repository.Store.OpenReadAsync(package.Key, cancellationToken).ConfigureAwait(false) ?? throw new OmnibusException(
            "RepositoryPackageMissing",
            ErrorKind.NotFound,
            $"{repository.Location}: {package.Key} is published, but is not there: its files cannot be listed.",
            package.Key,
            "Take the package out with Remove-RepoPackage, together with the other versions that are missing. Test-Repository -Detailed names them.");
        await using (reading.ConfigureAwait(false))
        {
            return ContentsLines.ListOf(DebPackageReader.Scan(reading.Content, package.Key, files: true, cancellationToken).Files);
        }
    }

    private sealed class FileList(string component, string architecture, string path, RecordSorter lines)
    {
        public string Path { get; } = path;

        public RecordSorter Lines { get; } = lines;

        public bool Anew { get; set; }

        public bool Takes(string otherComponent, string otherArchitecture) => otherComponent == component && (otherArchitecture == "all" || otherArchitecture == architecture);
    }
}
