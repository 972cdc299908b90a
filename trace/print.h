/*
 * Print: a record as text for people or as one line of JSON.
 *
 * Owns: the memory for the fields. Does not know: files, filters, what came before but what it is told.
 * Lifetime: struct printer begins zeroed but for what the verb sets, ends with printer_done().
 * Called from: show, decode.
 */
#pragma once

#include "decoder.h"
#include "pairing.h"

struct printer {
	FILE *out;
	bool json, unmask;
	struct decoder decoder;
};

void printer_done(struct printer *printer);

/* One record; `request` is what it answers, or NULL. 0 or -ENOMEM. */
QK_MUST_CHECK int printer_show(struct printer *printer, const struct entry *entry,
			       const struct pairing_request *request);

/* "qmicli[4711]" into `buffer`; "" when the record has neither. */
void printer_process(const char *process, uint32_t pid, char *buffer, size_t size);

/* The name of a service, or "service 0xNN", into `buffer`. */
const char *printer_service(uint16_t service, char *buffer, size_t size);

/* A name of a process or a path as JSON, whatever bytes it has; NULL when memory is out. */
json_t *printer_text_to_json(const char *text);

/* Bytes as hex digits; NULL when memory is out. */
json_t *printer_hex_to_json(struct qk_span bytes);
