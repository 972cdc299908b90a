/*
 * Reading the command line, by rows.
 */
#include "options.h"

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store.h"

static const char default_profile[] = "/etc/qmi-network.conf";
enum { DEFAULT_TIMEOUT = 10, MAX_TIMEOUT = 3600, USEC_PER_SEC = 1000000 };

enum kind { FLAG, TEXT, SECONDS };

static const struct row {
	const char *name;
	enum kind kind;
	size_t offset;
	const char *argument, *help;
} rows[] = {
	{ "profile", TEXT, offsetof(struct options, profile), "[PATH]",
	  "Use the profile in the specified path" },
	{ "no-ip-config", FLAG, offsetof(struct options, no_ip_config), NULL,
	  "Start the call alone: no addresses, routes, DNS" },
	{ "json", FLAG, offsetof(struct options, json), NULL,
	  "Print the status as one JSON document" },
	{ "interface", TEXT, offsetof(struct options, interface), "[NAME]",
	  "The network interface, where sysfs does not tell" },
	{ "timeout", SECONDS, offsetof(struct options, timeout_usec), "[SECONDS]",
	  "How long the modem may take for an answer (10)" },
	{ "state-directory", TEXT, offsetof(struct options, state_folder), "[PATH]",
	  "Where states are kept (" STORE_FOLDER ")" },
	{ "help", FLAG, offsetof(struct options, help), NULL, "Show help options" },
	{ "version", FLAG, offsetof(struct options, version), NULL, "Show version" },
};

static const struct {
	const char *name, *help;
} commands[] = {
	[COMMAND_START] = { "start", "Start network connection" },
	[COMMAND_STOP] = { "stop", "Stop network connection" },
	[COMMAND_STATUS] = { "status", "Query network connection status" },
};

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static bool read_seconds(const char *text, uint64_t *ret_usec)
{
	char *end;
	unsigned long seconds;

	errno = 0;
	seconds = strtoul(text, &end, 10);
	if (*text < '0' || *text > '9' || errno || *end || !seconds || seconds > MAX_TIMEOUT)
		return false;
	*ret_usec = (uint64_t)seconds * USEC_PER_SEC;
	return true;
}

static int set(const struct row *row, const char *value, struct options *o, struct failure *f)
{
	char *at = (char *)o + row->offset;

	switch (row->kind) {
	case FLAG:
		*(bool *)(void *)at = true;
		return 0;
	case TEXT:
		/* The words of libqmi's script. */
		if (!*value)
			return failure_set(
				f, EXIT_USAGE, "empty %s%s given", row->name,
				row->offset == offsetof(struct options, profile) ? " path" : "");
		*(const char **)(void *)at = value;
		return 0;
	case SECONDS:
		if (read_seconds(value, (uint64_t *)(void *)at))
			return 0;
		return failure_set(f, EXIT_USAGE, "--%s: '%s' is no number from 1 to %d", row->name,
				   value, MAX_TIMEOUT);
	}
	return 0;
}

/* One option at argv[*i], and its value, which may be the next word. */
static int read_option(char **argv, int argc, int *i, struct options *o, struct failure *f)
{
	const char *name = argv[*i] + 2, *equals = strchr(name, '=');
	size_t size = equals ? (size_t)(equals - name) : strlen(name);

	for (size_t r = 0; r < COUNT(rows); r++) {
		const char *value = equals ? equals + 1 : "";

		if (strlen(rows[r].name) != size || memcmp(rows[r].name, name, size) ||
		    (rows[r].kind == FLAG && equals))
			continue;
		if (rows[r].kind != FLAG && !equals && *i + 1 < argc)
			value = argv[++*i];
		return set(&rows[r], value, o, f);
	}
	return failure_set(f, EXIT_USAGE, "Invalid option: %s", argv[*i]);
}

static int read_words(int argc, char **argv, struct options *o, struct failure *f)
{
	const char **words[] = { &o->device, &o->command_name };
	size_t count = 0;
	bool only_words = false;

	for (int i = 1; i < argc; i++) {
		if (!only_words && !strcmp(argv[i], "--")) {
			only_words = true;
		} else if (!only_words && argv[i][0] == '-' && argv[i][1]) {
			if (argv[i][1] != '-')
				return failure_set(f, EXIT_USAGE, "Invalid option: %s", argv[i]);
			if (read_option(argv, argc, &i, o, f))
				return f->code;
		} else if (count < COUNT(words)) {
			*words[count++] = argv[i];
		} else {
			return failure_set(f, EXIT_USAGE, "'%s' is one word too many", argv[i]);
		}
	}
	if (!o->help && !o->version && count < COUNT(words))
		return failure_set(f, EXIT_USAGE, "missing arguments");
	return 0;
}

int options_parse(struct options *ret, int argc, char **argv, struct failure *failure)
{
	*ret = (struct options){
		.profile = default_profile,
		.state_folder = STORE_FOLDER,
		.command = COMMAND_UNKNOWN,
		.timeout_usec = (uint64_t)DEFAULT_TIMEOUT * USEC_PER_SEC,
	};
	if (read_words(argc, argv, ret, failure))
		return failure->code;
	for (size_t i = 0; i < COUNT(commands); i++)
		if (ret->command_name && !strcmp(ret->command_name, commands[i].name))
			ret->command = (enum command)i;
	if (ret->json && ret->command != COMMAND_STATUS && !ret->help && !ret->version)
		return failure_set(failure, EXIT_USAGE, "--json is for the command status");
	return 0;
}

void options_print_help(void)
{
	puts("Usage: qmi-network [OPTIONS] [DEVICE] [COMMAND]\n"
	     "\n"
	     "Simple network management of QMI devices\n"
	     "\n"
	     "Commands:");
	for (size_t i = 0; i < COUNT(commands); i++)
		printf("  %-16s  %s\n", commands[i].name, commands[i].help);
	puts("\nOptions:");
	for (size_t i = 0; i < COUNT(rows); i++) {
		char text[64];

		snprintf(text, sizeof(text), "--%s%s%s", rows[i].name, rows[i].argument ? "=" : "",
			 rows[i].argument ? rows[i].argument : "");
		printf("  %-28s  %s\n", text, rows[i].help);
	}
	printf("\n"
	       "DEVICE is the modem's control port, such as /dev/cdc-wdm0. What to connect to\n"
	       "stands in %s, a KEY=value a line:\n"
	       "  APN=internet  APN_USER=user  APN_PASS=password\n"
	       "  IP_TYPE=4|6|46  PROFILE=auto|NUMBER  PROXY=yes|no  METRIC=NUMBER\n"
	       "start sets the network interface up as well; no DHCP client is needed.\n"
	       "The manual: qmi-network(1), qmi-network.conf(5).\n",
	       default_profile);
}

void options_print_version(void)
{
	puts("qmi-network " QK_VERSION "\n"
	     "License MIT\n"
	     "This is free software: you are free to change and redistribute it.\n"
	     "There is NO WARRANTY, to the extent permitted by law.");
}
