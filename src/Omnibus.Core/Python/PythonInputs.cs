using Omnibus.Core.Diagnostics;

namespace Omnibus.Core.Python;

/// <summary>Makes sure that what a specification names is there before anything is begun.</summary>
internal static class PythonInputs
{
    /// <summary>Checks every file and folder.</summary>
    /// <exception cref="OmnibusException"><c>PythonInputMissing</c>; its findings list all that is missing.</exception>
    public static void Require(PythonEnvironmentSpec spec)
    {
        var findings = new List<Finding>();
        void Check(string path, string what, bool there)
        {
            if (!there)
            {
                findings.Add(new Finding("PythonInputMissing", FindingSeverity.Error, $"{path}: no such {what}.", path, path));
            }
        }

        foreach (string file in spec.RequirementFiles)
        {
            Check(file, "requirements file", File.Exists(file));
        }

        foreach (string file in spec.Constraints)
        {
            Check(file, "constraints file", File.Exists(file));
        }

        foreach (string folder in spec.WheelDirectories)
        {
            Check(folder, "wheel directory", Directory.Exists(folder));
        }

        foreach (string folder in spec.Projects)
        {
            Check(
                folder,
                "Python project (a folder with pyproject.toml or setup.py)",
                File.Exists(Path.Combine(folder, "pyproject.toml")) || File.Exists(Path.Combine(folder, "setup.py")));
        }

        if (findings.Count > 0)
        {
            throw new OmnibusException(
                "PythonInputMissing", ErrorKind.NotFound, string.Join('\n', findings.Select(f => f.Message)), findings[0].Path)
            {
                Findings = findings,
            };
        }
    }
}
