/*
 * pcapng write: section, interface and packet blocks (see pcapng-write.h).
 */
#include "pcapng-write.h"

#include <string.h>

#include <qmikit/wire.h>

#include "link-header.h"

#define SECTION_HEADER 0x0a0d0d0au
#define BYTE_ORDER_MAGIC 0x1a2b3c4du
#define INTERFACE_DESCRIPTION 1u
#define NANOSECONDS 9 /* if_tsresol: a power of ten */

enum option { OPTION_END = 0, SHB_USERAPPL = 4, IF_TSRESOL = 9 };

static const char application[] = "qmikit";

static void put(struct qk_writer *w, uint64_t value, unsigned int width)
{
	qk_write_uint(w, value, width, false);
}

/* Blocks and options are padded to 32 bits. */
static void put_padded(struct qk_writer *w, const void *data, size_t size)
{
	static const uint8_t zeros[3];

	qk_write_bytes(w, data, size);
	qk_write_bytes(w, zeros, (4 - size % 4) % 4);
}

static void put_option(struct qk_writer *w, enum option code, const void *value, size_t size)
{
	put(w, code, 2);
	put(w, size, 2);
	put_padded(w, value, size);
}

/* A block begins and ends with its size, which the caller knows. */
static void begin_block(struct qk_writer *w, uint32_t type, size_t size)
{
	put(w, type, 4);
	put(w, size, 4);
}

static void end_block(struct qk_writer *w, size_t size)
{
	put(w, OPTION_END, 4);
	put(w, size, 4);
}

void qk_pcapng_head(uint8_t ret[QK_PCAPNG_HEAD])
{
	struct qk_writer w = qk_writer(ret, QK_PCAPNG_HEAD);
	const uint8_t resolution = NANOSECONDS;

	begin_block(&w, SECTION_HEADER, 44);
	put(&w, BYTE_ORDER_MAGIC, 4);
	put(&w, 1, 2); /* version 1.0 */
	put(&w, 0, 2);
	put(&w, UINT64_MAX, 8); /* of unknown length: it grows */
	put_option(&w, SHB_USERAPPL, application, strlen(application));
	end_block(&w, 44);

	begin_block(&w, INTERFACE_DESCRIPTION, 32);
	put(&w, QK_LINK_TYPE, 2);
	put(&w, 0, 2);
	put(&w, 0, 4); /* no limit on what is captured of a packet */
	put_option(&w, IF_TSRESOL, &resolution, sizeof(resolution));
	end_block(&w, 32);
}
