/*
 * Decoder: the fields of a record's message, as a struct, as text and as JSON with personal fields
 * hidden.
 *
 * Owns: the memory of one decoded message. Does not know: where records come from or go.
 * Lifetime: struct decoder begins zeroed and ends with decoder_done(); a decoded message lives until
 * the next one. Called from: the verbs of qmi-trace.
 */
#pragma once

#include <stdio.h>

#include <qmikit/json.h>

#include "entry.h"

struct decoder {
	uint8_t *memory;
	size_t size;
	struct qk_arena arena;
};

void decoder_done(struct decoder *decoder);

/* The struct of `message` out of `tlvs` into `*ret`. 0; -EBADMSG when the chain of TLVs is broken: what
 * came before stands in `*ret`; -ENOMEM, and `*ret` is untouched. */
QK_MUST_CHECK int decoder_run(struct decoder *decoder, const struct qk_message *message,
			      struct qk_span tlvs, void **ret);

/* The fields as text, each line begun with two blanks, to `out`. 0 or -ENOMEM. */
QK_MUST_CHECK int decoder_print(const struct qk_message *message, const void *value, bool unmask,
				FILE *out);

/* The fields as JSON: a new reference, or NULL when memory is out. Hidden values are "###". */
json_t *decoder_to_json(const struct qk_message *message, const void *value, bool unmask);
