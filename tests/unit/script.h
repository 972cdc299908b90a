/*
 * Script: a modem inside the test process. What the host sends is kept; what the modem says is put
 * there by the test, byte by byte if need be.
 *
 * Owns: the frames it was sent. Does not know: what a message means, except that it can answer
 * Allocate CID and Release CID by itself.
 * Lifetime: the test's, zeroed at first; it allocates nothing.
 * Called from: the unit tests of transport and device.
 */
#pragma once

#include <qmikit/device.h>

#define SCRIPT_SENT_MAX 512

struct script {
	uint8_t in[1 << 18];
	size_t in_start, in_end;
	size_t chunk;                  /* bytes of one read; 0: as many as there are */
	bool at_end;                   /* the modem hung up behind what is in `in` */
	int receive_error, send_error; /* negative: the next calls return it */
	bool answers;                  /* allocates and releases by itself */
	uint8_t next_id;
	unsigned int closed;
	uint64_t now; /* of script_hooks() */
	unsigned int traced_sent, traced_received, logged;
	char last_log[256];
	struct qk_frame sent[SCRIPT_SENT_MAX]; /* their TLVs are in `kept` */
	unsigned int sent_count;
	uint8_t kept[1 << 17];
	size_t kept_size;
};

extern const struct qk_transport_ops script_ops;

/* A device on the script, with its clock. Fails the test when it cannot be made. */
struct qk_device *script_device(struct script *script);
struct qk_device_hooks script_hooks(struct script *script);

/* The modem says these bytes. */
void script_put(struct script *script, const void *bytes, size_t size);
/* The modem says this frame; its size. */
size_t script_say(struct script *script, const struct qk_frame *frame);
/* Answers what was sent as number `index`: success or `error`, then `tlvs`. */
void script_answer(struct script *script, unsigned int index, uint16_t error, const void *tlvs,
		   size_t size);
/* The same with TLVs alone, no result put in front. */
void script_answer_raw(struct script *script, unsigned int index, const void *tlvs, size_t size);
void script_indicate(struct script *script, uint8_t service, uint8_t client, uint16_t message,
		     const void *tlvs, size_t size);
