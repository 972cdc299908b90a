/*
 * Filter: which records are wanted, by the options of the command line.
 *
 * Owns: nothing. Does not know: how records are shown.
 * Lifetime: that of the arguments it borrows. Called from: the verbs of qmi-trace.
 */
#pragma once

#include "entry.h"

struct filter {
	bool by_service, by_message, by_client, by_pid, errors;
	uint16_t service;
	uint8_t client;
	uint16_t message;
	const char *message_name; /* instead of `message` */
	uint32_t pid;
	const char *process, *device;
};

/* The option `name` ("service", …) with its value. 1: it is the filter's; 0: it is not; -EINVAL with one
 * line in `error`. */
QK_MUST_CHECK int filter_option(struct filter *filter, const char *name, const char *value,
				char *error, size_t error_size);

/* A vendor of modems by its name or its USB id: 0 or -EINVAL. */
QK_MUST_CHECK int filter_vendor(const char *text, uint16_t *ret);

/* A service by its name or number: 0 or -EINVAL. */
QK_MUST_CHECK int filter_service(const char *text, uint16_t *ret);

bool filter_wants(const struct filter *filter, const struct entry *entry);
