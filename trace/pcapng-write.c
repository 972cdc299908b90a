/*
 * pcapng write: section, interface and packet blocks (see pcapng-write.h).
 */
#include "pcapng-write.h"

#include <string.h>

#include <qmikit/wire.h>

#define SECTION_HEADER 0x0a0d0d0au
#define BYTE_ORDER_MAGIC 0x1a2b3c4du
#define INTERFACE_DESCRIPTION 1u
#define ENHANCED_PACKET 6u
#define NANOSECONDS 9 /* if_tsresol: a power of ten */

enum option { OPTION_END = 0, EPB_FLAGS = 2, SHB_USERAPPL = 4, IF_TSRESOL = 9 };
enum { INBOUND = 1, OUTBOUND = 2 }; /* epb_flags */

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

size_t qk_pcapng_around(const struct qk_pcapng_packet *packet, uint8_t ret_before[QK_PCAPNG_BEFORE],
			uint8_t ret_after[QK_PCAPNG_AFTER])
{
	const uint8_t flags[] = { packet->from_modem ? INBOUND : OUTBOUND, 0, 0, 0 };
	static const uint8_t zeros[3];
	struct qk_writer w = qk_writer(ret_after, QK_PCAPNG_AFTER);
	size_t padding = (4 - packet->size % 4) % 4;
	size_t size = QK_PCAPNG_BEFORE + packet->size + padding + 16;

	qk_write_bytes(&w, zeros, padding);
	put_option(&w, EPB_FLAGS, flags, sizeof(flags));
	end_block(&w, size);
	size_t after = qk_writer_used(&w);

	w = qk_writer(ret_before, QK_PCAPNG_BEFORE);
	begin_block(&w, ENHANCED_PACKET, size);
	put(&w, 0, 4); /* the interface */
	put(&w, packet->time_nsec >> 32, 4);
	put(&w, packet->time_nsec & UINT32_MAX, 4);
	put(&w, packet->size, 4); /* captured */
	put(&w, packet->size, 4); /* on the wire */
	return after;
}

size_t qk_link_header_write(const struct qk_link_header *link, uint8_t ret[QK_LINK_MAX])
{
	struct qk_writer w = qk_writer(ret, QK_LINK_MAX);
	char process[QK_LINK_PROCESS] = { 0 }, device[QK_LINK_DEVICE_MAX + 1] = { 0 };
	size_t name = strnlen(link->device, QK_LINK_DEVICE_MAX);
	size_t padded = (name / 4 + 1) * 4; /* with a NUL at least */
	bool large = link->service > UINT8_MAX;

	memcpy(process, link->process, strnlen(link->process, sizeof(process)));
	memcpy(device, link->device, name);
	put(&w, QK_LINK_VERSION, 1);
	put(&w, link->transport, 1);
	put(&w, link->from_modem, 1);
	put(&w, large ? QK_LINK_SERVICE_UNKNOWN : link->service, 1);
	put(&w, QK_LINK_FIXED + padded, 2);
	put(&w, large ? link->service : 0, 2);
	put(&w, link->pid, 4);
	put(&w, link->connection, 4);
	put(&w, link->node, 4);
	put(&w, link->port, 4);
	qk_write_bytes(&w, process, sizeof(process));
	qk_write_bytes(&w, device, padded);
	return QK_LINK_FIXED + padded;
}

void qk_pcapng_record(const struct qk_link_header *link, uint64_t time_nsec, struct qk_span bytes,
		      struct qk_pcapng_record *ret)
{
	size_t head = qk_link_header_write(link, ret->head);
	const struct qk_pcapng_packet packet = {
		.time_nsec = time_nsec,
		.from_modem = link->from_modem,
		.size = head + bytes.size,
	};
	size_t after = qk_pcapng_around(&packet, ret->before, ret->after);

	ret->parts[0] = (struct iovec){ ret->before, sizeof(ret->before) };
	ret->parts[1] = (struct iovec){ ret->head, head };
	ret->parts[2] = (struct iovec){ (void *)bytes.data, bytes.size };
	ret->parts[3] = (struct iovec){ ret->after, after };
	ret->size = sizeof(ret->before) + packet.size + after;
}
