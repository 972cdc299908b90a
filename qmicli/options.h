/*
 * Options: the command line, read the way GLib's option parser reads it.
 *
 * Owns: the list of actions. Does not know: devices, modems.
 * Lifetime: options_parse() to options_done(); strings stay those of argv.
 * Called from: main; help reads the table.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "command.h"
#include "failure.h"

struct action {
	const struct command *command;
	const struct command_service *service;
	const char *argument;
	char *joined; /* the same, where it was given more than once; owned by the options */
};

/* Bits of --device-open-net, as libqmi has them. */
enum {
	OPEN_NET_802_3 = 1 << 0,
	OPEN_NET_RAW_IP = 1 << 1,
	OPEN_NET_QOS = 1 << 2,
	OPEN_NET_NO_QOS = 1 << 3,
};

struct options {
	const char *device;                     /* NULL: the only one of this machine */
	const char *net, *client_cid, *timeout; /* as given */
	bool open_version_info, open_sync, open_proxy, open_qmi, open_mbim, open_auto, open_direct;
	bool no_release, verbose, verbose_full, silent, version, list, json, help, help_all;
	const struct command_service *help_service;
	unsigned int net_flags;
	uint8_t cid; /* 0: allocate one */
	uint64_t timeout_usec;
	struct action *actions; /* in the order given, each command once */
	size_t action_count;
};

struct option_row {
	const char *name;
	char letter;          /* 0: none */
	const char *argument; /* as help shows it; NULL: it takes none */
	size_t offset;        /* of its bool or its string in struct options */
	const char *help;
};

/* Every option that is no action; ends with a row without name. */
extern const struct option_row option_rows[];

/* 0, or the exit code of a failure. What is no option is left alone, as libqmi's tool does. */
__attribute__((warn_unused_result)) int options_parse(struct options *ret, int argc, char **argv,
						      struct failure *failure);

/* The action (or setting) of this name, or NULL when it was not given. */
const struct action *options_action(const struct options *options, const char *name);

void options_done(struct options *options);
