using Omnibus.Core.Building;

namespace Omnibus.Tests.Unit.Building;

public sealed class NeighbourVersionTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("omnibus-neighbour-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("setup.py", "from setuptools import setup\nsetup(\n    name='x',\n    version='1.5.2',\n)\n", "jammy", "1.5.2+01+jammy")]
    [InlineData("setup.py", "version = \"1.5.1.dev1\"\nsetup(version=version)\n", null, "1.5.1~~dev1+01")]
    [InlineData("pyproject.toml", "[project]\nname = \"x\"\nversion = \"2.0.1\"\n", "bookworm", "2.0.1+01+bookworm")]
    public void The_version_of_the_project_beside_a_tree_is_taken(string file, string text, string? codename, string version)
    {
        File.WriteAllText(Path.Combine(_folder, file), text);
        Assert.Equal(version, NeighbourVersion.Find(Directory.CreateDirectory(Path.Combine(_folder, "tree")).FullName, codename));
    }

    [Fact]
    public void Without_a_project_or_a_literal_version_there_is_none()
    {
        Assert.Null(NeighbourVersion.Find(Path.Combine(_folder, "tree"), "jammy"));
        File.WriteAllText(Path.Combine(_folder, "setup.py"), "setup(version=read_version())\n");
        Assert.Null(NeighbourVersion.Find(Path.Combine(_folder, "tree"), "jammy"));
    }
}
