/*
 * pcapng write: the blocks of a recording, each in one buffer (see link-header.h for what they hold).
 *
 * Owns: nothing; fills the caller's buffers, allocates nothing, so that a signal handler may use it.
 * Does not know: files, time, QMI. Lifetime: one call.
 * Called from: the recorder, qmi-trace where it writes recordings.
 *
 * Source: draft-ietf-opsawg-pcapng (sections 4.1 Section Header, 4.2 Interface Description, 4.3
 * Enhanced Packet, 3.5 options).
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

#include <qmikit/wire.h>

#include "link-header.h"

/* What every recording begins with, always the same bytes: a section header and one interface. */
#define QK_PCAPNG_HEAD 76

void qk_pcapng_head(uint8_t ret[QK_PCAPNG_HEAD]);

/* What stands around the bytes of a packet, for who writes all three with one writev(2). */
#define QK_PCAPNG_BEFORE 28
#define QK_PCAPNG_AFTER 23 /* at most: padding, epb_flags, the end */

struct qk_pcapng_packet {
	uint64_t time_nsec; /* since 1970 */
	bool from_modem;
	size_t size; /* of link header and frame */
};

/* Fills both and returns how many bytes `ret_after` has. */
size_t qk_pcapng_around(const struct qk_pcapng_packet *packet, uint8_t ret_before[QK_PCAPNG_BEFORE],
			uint8_t ret_after[QK_PCAPNG_AFTER]);

/* A record as the parts of one writev(2), which borrow the bytes of the frame and of this struct. */
struct qk_pcapng_record {
	uint8_t before[QK_PCAPNG_BEFORE], head[QK_LINK_MAX], after[QK_PCAPNG_AFTER];
	struct iovec parts[4];
	size_t size; /* of all of them */
};

void qk_pcapng_record(const struct qk_link_header *link, uint64_t time_nsec, struct qk_span bytes,
		      struct qk_pcapng_record *ret);

/* Writes a link header; its size. */
size_t qk_link_header_write(const struct qk_link_header *link, uint8_t ret[QK_LINK_MAX]);
