using System.Management.Automation;

namespace Omnibus.PowerShell.Transformation;

/// <summary>
/// Refuses numbers in a list of versions: PowerShell reads <c>1.10, 1.2</c> as the numbers 1.1 and 1.2 before any command sees them. A single
/// argument is no problem, since PowerShell keeps its text.
/// </summary>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Field)]
public sealed class VersionTextAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object? Transform(EngineIntrinsics engineIntrinsics, object inputData)
    {
        if ((inputData is PSObject wrapped ? wrapped.BaseObject : inputData) is object[] many
            && many.FirstOrDefault(v => (v is PSObject p ? p.BaseObject : v) is double or decimal or int or long) is { } number)
        {
            throw new ArgumentTransformationMetadataException(
                $"In a list, PowerShell takes a version without quotes for the number {number}, and 1.10 for 1.1. Put each version into quotes: '1.10', '1.2'.");
        }

        return inputData;
    }
}
