using Omnibus.Core.Diagnostics;
using Omnibus.Core.Packages;
using Omnibus.Core.Python;
using Omnibus.Core.Recipes.Plans;

namespace Omnibus.Core.Building;

/// <summary>Makes the definition of each package of a plan: its entries, relations, scripts, copyright and changelog.</summary>
/// <param name="plan">The plan, its version known.</param>
/// <param name="scratch">Scratch folder of the build steps.</param>
/// <param name="environment">The Python environment, or null.</param>
/// <param name="timestamp">Time of everything.</param>
/// <param name="findings">Takes warnings.</param>
internal sealed class DefinitionComposer(BuildPlan plan, string scratch, PythonEnvironment? environment, DateTimeOffset timestamp, List<Finding> findings)
{
    private bool IsDeb => plan.Distribution.Format.Equals("Deb", StringComparison.OrdinalIgnoreCase);

    /// <summary>Makes one definition.</summary>
    /// <exception cref="OmnibusException">Content that cannot be packaged (<c>Content…</c>), <c>ScriptNotShell</c>.</exception>
    public PackageDefinition Compose(PackagePlan package, CancellationToken cancellationToken)
    {
        PackageVersion version = plan.Version.PackageVersion!;
        PythonEnvironment? carried = package.IncludesEnvironment ? environment : null;
        string copyright = Copyright(package, carried);
        return new PackageDefinition
        {
            Name = package.Name,
            Version = version,
            Architecture = package.Architecture,
            Summary = package.Summary,
            Description = package.Description is { } text && !IsDeb ? DescriptionText.Wrap(text) : package.Description,
            Maintainer = plan.Maintainer,
            Vendor = plan.Vendor,
            License = plan.License,
            Homepage = plan.Homepage,
            Section = package.Section,
            Priority = package.Priority,
            MultiArch = package.MultiArch,
            Entries = Entries(package, carried, copyright, cancellationToken),
            Relations = Relations(package, carried),
            Scripts = MaintainerScripts.Compose(package, IsDeb),
            Triggers = package.Triggers,
            Changelog = package.Changelog.Count > 0
                ? package.Changelog
                : [new ChangelogEntry(version.ToString(), timestamp, plan.Maintainer, [$"Packaged {plan.Name} {plan.Version.SourceVersion ?? version.Upstream}."])],
            Copyright = copyright,
            CustomFields = package.CustomFields,
            Timestamp = timestamp,
            Distribution = plan.Distribution.Name,
        };
    }

    private IReadOnlyList<PackageEntry> Entries(PackagePlan package, PythonEnvironment? carried, string copyright, CancellationToken cancellationToken)
    {
        var collector = new ContentCollector(package.Name, plan.RecipeDirectory, scratch, timestamp);
        if (carried is not null)
        {
            collector.AddEnvironment(carried, cancellationToken);
        }

        foreach (ContentItem item in package.Content)
        {
            collector.Add(item, cancellationToken);
        }

        // Units and the files of other daemons are read, never run.
        foreach (SystemdUnitPlan unit in package.Units)
        {
            collector.Add(new FileItem(unit.Source, unit.Destination) { Mode = 0b110_100_100 }, cancellationToken);
        }

        foreach (IntegrationFile file in package.Integrations)
        {
            bool isConfig = file.Destination.StartsWith("/etc/", StringComparison.Ordinal);
            collector.Add(
                new FileItem(file.Source, file.Destination) { Mode = 0b110_100_100, Flags = isConfig ? PackageEntryFlags.Config | PackageEntryFlags.NoReplace : PackageEntryFlags.None },
                cancellationToken);
        }

        foreach (PlanPath file in package.DocumentationFiles)
        {
            collector.Add(new FileItem(file, $"/usr/share/doc/{package.Name}/{Path.GetFileName(file.Path)}") { Mode = 0b110_100_100, Flags = PackageEntryFlags.Documentation }, cancellationToken);
        }

        if (!IsDeb)
        {
            AddRpmLicenses(collector, package, carried, copyright, cancellationToken);
        }

        return collector.Finish();
    }

    // In a deb all licences stand in the copyright file; an rpm keeps each text as a file that knows what it is.
    private static void AddRpmLicenses(ContentCollector collector, PackagePlan package, PythonEnvironment? carried, string copyright, CancellationToken cancellationToken)
    {
        string folder = $"/usr/share/licenses/{package.Name}";
        foreach (PlanPath file in package.LicenseFiles)
        {
            collector.Add(new FileItem(file, $"{folder}/{Path.GetFileName(file.Path)}") { Mode = 0b110_100_100, Flags = PackageEntryFlags.License }, cancellationToken);
        }

        if (carried is not null)
        {
            collector.Add(new PackageEntry(PackageEntryKind.File, $"{folder}/copyright") { Content = new MemoryContent(copyright), Flags = PackageEntryFlags.License });
        }

        if (carried is not null || package.LicenseFiles.Count > 0)
        {
            collector.Add(new PackageEntry(PackageEntryKind.Directory, folder));
        }
    }

    private string Copyright(PackagePlan package, PythonEnvironment? carried)
    {
        string[] files = [.. package.LicenseFiles.Select(f => f.Resolve(scratch)).Where(File.Exists)];
        if (files.Length == 0 && environment?.Find(plan.Name) is { } own)
        {
            // The project's own distribution brings the text, whichever of the packages it is.
            files = [.. own.LicenseFiles.Select(f => Path.Combine(environment.HostPath, f))];
        }

        return CopyrightText.Write(plan, files, carried, timestamp, commonLicenses: IsDeb);
    }

    private IReadOnlyList<PackageRelation> Relations(PackagePlan package, PythonEnvironment? carried)
    {
        List<PackageRelation> relations = [.. package.Relations];
        if (carried is not null)
        {
            IReadOnlyList<PackageRelation> found = IsDeb ? NativeDependencies.ForDeb(carried.Native, package.Name, findings) : NativeDependencies.ForRpm(carried.Native);
            var known = relations.Where(r => r.Kind is RelationKind.Depends or RelationKind.PreDepends).SelectMany(r => r.Alternatives).Select(a => a.Name).ToHashSet(StringComparer.Ordinal);
            relations.AddRange(found.Where(r => !known.Contains(r.Alternatives[0].Name)));
        }

        if (!IsDeb && package.Units.Count > 0)
        {
            relations.Add(PackageRelation.To(RelationKind.Depends, "systemd") with
            {
                Qualifiers = RelationQualifiers.Post | RelationQualifiers.PreUninstall | RelationQualifiers.PostUninstall,
            });
        }

        return relations;
    }
}
