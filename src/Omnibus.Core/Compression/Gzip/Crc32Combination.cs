namespace Omnibus.Core.Compression.Gzip;

/// <summary>
/// Joins the CRC-32 of two pieces into that of both together, so that pieces can be summed up at the same time.
/// Appending n zero bytes is a linear map of the 32 bits; that map is applied by repeated squaring of "one zero bit".
/// </summary>
internal static class Crc32Combination
{
    private const uint Polynomial = 0xEDB88320;

    /// <summary>The CRC-32 of A followed by B.</summary>
    /// <param name="first">CRC-32 of A.</param>
    /// <param name="second">CRC-32 of B.</param>
    /// <param name="secondLength">Bytes of B.</param>
    public static uint Combine(uint first, uint second, long secondLength)
    {
        // x^(8 * length) modulo the polynomial, bits reflected: bit 31 is x^0.
        uint shift = 0x80000000;
        uint power = 0x00800000; // x^8
        for (long n = secondLength; n > 0; n >>= 1)
        {
            if ((n & 1) != 0)
            {
                shift = Multiply(power, shift);
            }

            power = Multiply(power, power);
        }

        return Multiply(shift, first) ^ second;
    }

    private static uint Multiply(uint a, uint b)
    {
        uint product = 0;
        for (uint bit = 0x80000000; bit != 0; bit >>= 1)
        {
            if ((a & bit) != 0)
            {
                product ^= b;
            }

            b = (b & 1) != 0 ? (b >> 1) ^ Polynomial : b >> 1;
        }

        return product;
    }
}
