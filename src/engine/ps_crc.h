/*-------------------------------------------------------------------------
 *
 * ps_crc.h
 *	  CRC-32C, the checksum of stored and sent bytes.
 *
 *-------------------------------------------------------------------------
 */
#ifndef PS_CRC_H
#define PS_CRC_H

#include "ps_env.h"

/* The header of every stored or sent format has this many bytes, the last four its checksum. */
#define PS_HEADER_BYTES 16
#define PS_CHECKSUM_OFFSET 12

/* Continue a checksum over more bytes; start with 0. */
extern uint32_t ps_crc32c(uint32_t crc, const uint8_t *data, size_t length);

/* The checksum of a header and what follows it: all of length bytes but the checksum itself. */
extern ps_status ps_checksum(const ps_env *env, const uint8_t *bytes, size_t length, uint32_t *out, ps_error *error);

#endif							/* PS_CRC_H */
