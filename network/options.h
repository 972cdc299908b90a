/*
 * Options: the command line of qmi-network.
 *
 * Owns: nothing; borrows argv. Does not know: files, modems.
 * Lifetime: on main's stack. Called from: main.c.
 */
#pragma once

#include <stdbool.h>

#include "failure.h"

enum command { COMMAND_START, COMMAND_STOP, COMMAND_STATUS, COMMAND_UNKNOWN };

struct options {
	const char *profile, *state_folder, *interface;
	const char *device, *command_name;
	enum command command;
	uint64_t timeout_usec; /* of each question but that for the call */
	bool no_ip_config, json, help, version;
};

/* Reads the command line: options, then DEVICE and COMMAND. 0 or EXIT_USAGE; the usage line is
 * then to be shown as well. */
__attribute__((warn_unused_result)) int options_parse(struct options *ret, int argc, char **argv,
						      struct failure *failure);

/* Writes the help, or name and version, to stdout. */
void options_print_help(void);
void options_print_version(void);
