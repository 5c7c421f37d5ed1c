/*-------------------------------------------------------------------------
 *
 * ps_crc.c
 *	  CRC-32C, the checksum of stored and sent bytes.
 *
 * Castagnoli's polynomial as in RFC 3720, reflected, four bits at a time: the
 * table is small enough to be read and checked, and bytes pass here only when
 * values are sent, received or loaded.
 *
 *-------------------------------------------------------------------------
 */
#include "ps_crc.h"

#define POLL_BYTES 1048576		/* a few milliseconds */

/* Continue a checksum over more bytes. */
uint32_t
ps_crc32c(uint32_t crc, const uint8_t *data, size_t length)
{
	/* remainders of the sixteen values of four bits */
	static const uint32_t remainders[16] = {
		0x00000000, 0x105EC76F, 0x20BD8EDE, 0x30E349B1, 0x417B1DBC, 0x5125DAD3, 0x61C69362, 0x7198540D,
		0x82F63B78, 0x92A8FC17, 0xA24BB5A6, 0xB21572C9, 0xC38D26C4, 0xD3D3E1AB, 0xE330A81A, 0xF36E6F75
	};

	crc = ~crc;
	for (size_t i = 0; i < length; i++)
	{
		crc ^= data[i];
		crc = crc >> 4 ^ remainders[crc & 15];
		crc = crc >> 4 ^ remainders[crc & 15];
	}
	return ~crc;
}

ps_status
ps_checksum(const ps_env *env, const uint8_t *bytes, size_t length, uint32_t *out, ps_error *error)
{
	uint32_t	crc = ps_crc32c(0, bytes, PS_CHECKSUM_OFFSET);

	for (size_t done = PS_HEADER_BYTES; done < length;)
	{
		size_t		block = length - done < POLL_BYTES ? length - done : POLL_BYTES;

		crc = ps_crc32c(crc, bytes + done, block);
		done += block;
		PS_TRY(ps_poll(env, 0, error));
	}
	*out = crc;
	return PS_OK;
}
