using Omnibus.Core.Diagnostics;
using Omnibus.Core.Processes;

namespace Omnibus.Core.Packages.Linting;

/// <summary>An outside program that checks packages of one format, and how its words are read.</summary>
internal interface IPackageLintProgram
{
    /// <summary>The format that it knows.</summary>
    string Format { get; }

    /// <summary>Its name in PATH, and the source of its findings.</summary>
    string Program { get; }

    /// <summary>How it is called for one package.</summary>
    ProgramCommand Command(string path);

    /// <summary>Reads what it said.</summary>
    /// <exception cref="FormatException">It broke down instead of checking.</exception>
    IReadOnlyList<Finding> Read(ProgramResult result, PackageFile package);
}
