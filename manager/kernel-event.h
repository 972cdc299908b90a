/*
 * Kernel event: a port that came or went, as somebody tells of it: a line of the file of --initial-kernel-events, or
 * the dictionary of ReportKernelEvent.
 *
 * Owns: nothing. Does not know: which ports there are.
 * Lifetime: on the stack. Called from: discovery.c, control.c; the fuzzer.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <jansson.h>
#include <qmikit/wire.h>

struct kernel_event {
	char action[16]; /* "add", "remove" */
	char subsystem[32];
	char name[64];
	char uid[256]; /* what the device is to be known by; "": nothing was said */
};

/* "action=add,subsystem=tty,name=ttyUSB0,uid='my modem'". -EINVAL with a sentence in `error`. */
QK_MUST_CHECK int kernel_event_parse(struct kernel_event *event, const char *line, char *error,
				     size_t error_size);
/* The same from a JSON object of strings. */
QK_MUST_CHECK int kernel_event_read(struct kernel_event *event, const json_t *properties,
				    char *error, size_t error_size);
