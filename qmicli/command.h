/*
 * Command: what qmicli can do, a table a service, a row a command.
 *
 * Owns: nothing, all rows are constants. Does not know: devices, how rows are printed.
 * Lifetime: static.
 * Called from: options (to know the names), session (to run them), help, tests.
 *
 * A new plain command is one row here and its text rows. Its name is libqmi's option.
 */
#pragma once

#include <qmikit/common.h>

#include "text.h"

/* A request field that every call of a command sends the same. */
struct command_preset {
	const char *field; /* a TLV of the request; NULL ends the list */
	int64_t number;
};

struct command {
	const char *name; /* the option without its dashes */
	const struct qk_method
		*method;      /* NULL: nothing is sent, a client is allocated and released */
	const char *help;     /* one line */
	const char *argument; /* how help shows the argument; NULL: it takes none */
	const char *takes;    /* the TLV of the request that the argument fills */
	const struct command_preset *presets;
	const char *failure; /* "couldn't get model": what libqmi says when refused */
	const struct text_row *text;
	const struct text_row *refused; /* printed when the modem refuses; NULL: nothing */
	uint16_t refused_with;          /* … with this error; 0: with any */
};

struct command_service {
	uint8_t id;
	const char *name; /* of --help-NAME */
	const char *title;
	const struct command *commands; /* ends with a row without name */
};

/* Every service with commands; ends with NULL. */
extern const struct command_service *const command_services[];

/* The command of an option name, and its service; NULL when there is none. */
const struct command *command_find(const char *name, size_t size,
				   const struct command_service **ret_service);

/* The option name nearest to `name` by edit distance, or NULL when none is near. */
const char *command_nearest(const char *name, size_t size);
