using Omnibus.Core.Recipes.Plans;

namespace Omnibus.Tests.Unit.Recipes;

public class PathExcludesTests
{
    [Theory]
    [InlineData("/build", "build", true)]
    [InlineData("/build", "build/a/b", true)]
    [InlineData("/build", "lib/build", false)]
    [InlineData("/build", "builder", false)]
    [InlineData("build", "build", true)]
    [InlineData("build", "site/build/a", false)]
    [InlineData("dist/", "dist/x", true)]
    [InlineData("*.swp", "a/b/.x.swp", true)]
    [InlineData("*.swp", "a.swp.txt", false)]
    [InlineData("a/*.pyc", "a/b.pyc", true)]
    [InlineData("a/*.pyc", "a/b/c.pyc", false)]
    [InlineData("a/**/c", "a/c", true)]
    [InlineData("a/**/c", "a/b/b/c", true)]
    [InlineData("**/tests", "x/y/tests/z", true)]
    [InlineData("?.txt", "a.txt", true)]
    [InlineData("?.txt", "ab.txt", false)]
    [InlineData("a.c", "abc", false)]
    [InlineData("*.c", "a.c\n", false)]
    public void Excludes_are_anchored_at_the_root_of_the_tree(string pattern, string path, bool expected) =>
        Assert.Equal(expected, new PathExcludes([pattern]).Matches(path));
}
