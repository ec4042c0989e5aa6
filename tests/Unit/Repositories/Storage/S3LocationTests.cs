using Omnibus.Core.Diagnostics;
using Omnibus.Core.Repositories.Storage;
using Omnibus.Core.Repositories.Storage.S3;

namespace Omnibus.Tests.Unit;

public class S3LocationTests
{
    [Theory]
    [InlineData("s3://example-archive", "example-archive", "")]
    [InlineData("s3://example-archive/", "example-archive", "")]
    [InlineData("S3://b.ucket/debian/12/", "b.ucket", "debian/12")]
    public void A_location_comes_apart(string text, string bucket, string prefix) =>
        Assert.Equal(new S3Location(bucket, prefix), S3Location.Parse(text));

    [Theory]
    [InlineData("/srv/archive", "StoreLocationInvalid")]
    [InlineData("s3://", "StoreLocationInvalid")]
    [InlineData("s3://Upper/x", "StoreLocationInvalid")]
    [InlineData("s3://a..b/x", "StoreLocationInvalid")]
    [InlineData("s3://bucket/a/../b", "StoreKeyInvalid")]
    public void A_wrong_location_is_refused(string text, string id) =>
        Assert.Equal(id, Assert.Throws<OmnibusException>(() => S3Location.Parse(text)).Id);

    [Theory]
    [InlineData("/etc/passwd")]
    [InlineData("a/../b")]
    [InlineData("a//b")]
    [InlineData("./a")]
    [InlineData("")]
    [InlineData("a\nb")]
    public void A_key_that_could_leave_its_root_is_refused(string key) =>
        Assert.Equal("StoreKeyInvalid", Assert.Throws<OmnibusException>(() => ObjectKey.Check(key)).Id);

    [Fact]
    public void A_policy_keeps_what_others_put_in_it_and_holds_our_statement_once()
    {
        const string Theirs = """{"Version":"2012-10-17","Statement":{"Sid":"Theirs","Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"*"}}""";
        var place = new S3Location("bucket", "debian");
        string once = S3BucketPolicy.Merge(Theirs, place);
        Assert.Equal(once, S3BucketPolicy.Merge(once, place));
        Assert.Contains("\"Theirs\"", once, StringComparison.Ordinal);
        Assert.Contains("arn:aws:s3:::bucket/debian/*", once, StringComparison.Ordinal);
        Assert.Contains("arn:aws:s3:::bucket/*", S3BucketPolicy.Merge(once, place with { Prefix = "" }), StringComparison.Ordinal);
    }
}
