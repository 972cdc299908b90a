/*
 * pcapng, reading: a capture file as a stream of packets, whoever wrote it: both byte orders, several
 * sections and interfaces, every time resolution.
 *
 * Owns: the bytes that were pushed and are no whole block yet, the interfaces of the section at hand.
 * Does not know: files, what a packet holds.
 * Lifetime: pcapng_reader_new() to pcapng_reader_free(); a packet lives until the next call.
 * Called from: the verbs of qmi-trace that read a recording, through reader.h.
 *
 * What is wrong is an error with the byte where it stands; what came before has been given by then.
 * Source of the format: IETF draft-ietf-opsawg-pcapng.
 */
#pragma once

#include <qmikit/wire.h>

#define PCAPNG_BLOCK_MAX (16U << 20)
#define PCAPNG_INTERFACES_MAX 4096

struct pcapng_packet {
	uint64_t offset;    /* of its block in the file */
	uint64_t time_nsec; /* since 1970; 0: it has none */
	uint32_t link_type; /* LINKTYPE_* */
	uint32_t original_size;
	struct qk_span data;
};

struct pcapng_reader;

/* 0 or -ENOMEM. */
QK_MUST_CHECK int pcapng_reader_new(struct pcapng_reader **ret);

/* NULL is fine; returns NULL. */
struct pcapng_reader *pcapng_reader_free(struct pcapng_reader *reader);

/* Appends bytes of the file. 0 or -ENOMEM. */
QK_MUST_CHECK int pcapng_push(struct pcapng_reader *reader, struct qk_span bytes);

/* The next packet: 1 and `*ret`; 0 when more bytes are needed; -EBADMSG where the file breaks, from
 * then on always: pcapng_error() says why. */
QK_MUST_CHECK int pcapng_next(struct pcapng_reader *reader, struct pcapng_packet *ret);

/* No more bytes will come: 0, or -EBADMSG when the file ends within a block. */
QK_MUST_CHECK int pcapng_end(struct pcapng_reader *reader);

/* "byte 4711: …", one line; "" before an error. */
const char *pcapng_error(const struct pcapng_reader *reader);
