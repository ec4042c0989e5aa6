namespace Omnibus.Tests.Integration.Fixtures;

/// <summary>Waits for what happens by itself, with patience for a loaded machine.</summary>
internal static class Eventually
{
    public static async Task<T> BecomesAsync<T>(Func<T> read, Func<T, bool> holds)
    {
        DateTime end = DateTime.UtcNow.AddSeconds(30);
        T value = read();
        while (!holds(value) && DateTime.UtcNow < end)
        {
            await Task.Delay(100);
            value = read();
        }

        return value;
    }
}
