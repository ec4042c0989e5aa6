using Omnibus.Core.Python;

namespace Omnibus.Tests.Unit.Python;

public class WheelTagTests
{
    [Theory]
    [InlineData("py3-none-any", true)]
    [InlineData("py2.py3-none-any", true)]
    [InlineData("cp311-cp311-linux_x86_64", true)]
    [InlineData("cp311-cp311-manylinux_2_17_x86_64.manylinux2014_x86_64", true)]
    [InlineData("cp36-abi3-manylinux_2_17_x86_64", true)]
    [InlineData("cp312-abi3-manylinux_2_17_x86_64", false)]
    [InlineData("cp310-cp310-linux_x86_64", false)]
    [InlineData("cp311-cp311-linux_aarch64", false)]
    [InlineData("cp311-cp311-musllinux_1_1_x86_64", false)]
    [InlineData("py2-none-any", false)]
    [InlineData("py313-none-any", false)]
    [InlineData("nonsense", false)]
    public void A_tag_runs_on_python_3_11_of_x86_64_or_not(string tag, bool runs) => Assert.Equal(runs, WheelTag.Runs(tag, "3.11", "x86_64"));

    [Theory]
    [InlineData("Jinja2", "jinja2")]
    [InlineData("zope.interface", "zope-interface")]
    [InlineData("a-_.B", "a-b")]
    public void Names_compare_as_pep_503_says(string name, string normalised) => Assert.Equal(normalised, PythonName.Normalise(name));
}
