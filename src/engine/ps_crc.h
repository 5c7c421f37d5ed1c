/*-------------------------------------------------------------------------
 *
 * ps_crc.h
 *	  CRC-32C, the checksum of stored and sent bytes.
 *
 *-------------------------------------------------------------------------
 */
#ifndef PS_CRC_H
#define PS_CRC_H

#include <stddef.h>
#include <stdint.h>

/* Continue a checksum over more bytes; start with 0. */
extern uint32_t ps_crc32c(uint32_t crc, const uint8_t *data, size_t length);

#endif							/* PS_CRC_H */
