using System.Text;
using Omnibus.Core.Repositories.Storage;
using Omnibus.Core.Repositories.Storage.S3;

namespace Omnibus.Tests.Unit.Repositories.Storage;

public sealed class S3UploadClaimTests
{
    [Fact]
    public void A_claim_comes_back_as_it_was_written()
    {
        var claim = new S3UploadClaim("pool/a/ä.deb", new string('a', 64), 30_000_000, 16 * 1024 * 1024, "2~id");
        Assert.Equal(claim, S3UploadClaim.Parse(claim.ToBytes()));
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("{\"key\":\"k\",\"sha256\":\"s\",\"length\":10,\"partSize\":1,\"uploadId\":\"u\"}")]
    [InlineData("{\"key\":\"k\",\"sha256\":\"s\",\"length\":-10,\"partSize\":16777216,\"uploadId\":\"u\"}")]
    [InlineData("{\"key\":null,\"sha256\":\"s\",\"length\":10,\"partSize\":16777216,\"uploadId\":\"u\"}")]
    [InlineData("{\"key\":\"k\",\"sha256\":\"s\",\"length\":\"many\",\"partSize\":16777216,\"uploadId\":\"u\"}")]
    public void What_is_no_claim_is_none(string text) => Assert.Null(S3UploadClaim.Parse(Encoding.UTF8.GetBytes(text)));

    [Fact]
    public void Each_key_has_a_claim_of_its_own_below_the_hidden_folder()
    {
        Assert.NotEqual(S3UploadClaim.KeyOf("a"), S3UploadClaim.KeyOf("b"));
        Assert.True(ObjectKey.IsValid(S3UploadClaim.KeyOf(new string('x', 1024))));
    }
}
