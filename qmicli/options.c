/*
 * Reading the command line.
 */
#include "options.h"

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "output.h"

/* clang-format off */
#define FLAG(name, letter, member, help) \
	{ name, letter, NULL, offsetof(struct options, member), help }
#define TEXT(name, letter, argument, member, help) \
	{ name, letter, argument, offsetof(struct options, member), help }
/* clang-format on */

enum { HELP_PREFIX = sizeof("help-") - 1 };

static const double TIMEOUT_SECONDS_MAX = 86400;

const struct option_row option_rows[] = {
	TEXT("device", 'd', "DEVICE", device,
	     "A path (/dev/cdc-wdm0), unix:/path, qrtr://NODE, qmuxd:/path, or sim:PROFILE"),
	FLAG("list-devices", 'L', list, "List the QMI devices of this machine"),
	FLAG("device-open-version-info", 0, open_version_info,
	     "Ask for the service versions when opening"),
	FLAG("device-open-sync", 0, open_sync,
	     "Have the modem forget all client ids when opening, those of others too"),
	FLAG("device-open-proxy", 'p', open_proxy, "Share the device through qmi-proxy"),
	FLAG("device-open-direct", 0, open_direct, "Open the device itself even if qmi-proxy runs"),
	FLAG("device-open-qmi", 0, open_qmi, "Speak QMI, which is all that qmicli speaks"),
	FLAG("device-open-mbim", 0, open_mbim, "Speak QMI inside MBIM: not supported"),
	FLAG("device-open-auto", 0, open_auto, "Find out what to speak (the default)"),
	TEXT("device-open-net", 0, "net-802-3|net-raw-ip|net-qos-header|net-no-qos-header", net,
	     "Set how data frames look when opening"),
	TEXT("client-cid", 0, "CID", client_cid, "Use this client id instead of allocating one"),
	FLAG("client-no-release-cid", 0, no_release, "Keep the client id allocated at the end"),
	TEXT("timeout", 0, "SECONDS", timeout, "How long to wait for each answer (10)"),
	FLAG("json", 0, json, "Print JSON, one document a line"),
	FLAG("verbose", 'v', verbose, "Show what is sent and received, without personal data"),
	FLAG("verbose-full", 0, verbose_full, "Show all of what is sent and received"),
	FLAG("silent", 0, silent, "Show no warnings"),
	FLAG("version", 'V', version, "Show the version"),
	FLAG("help", 'h', help, "Show these options"),
	FLAG("help-all", 0, help_all, "Show all options"),
	{ 0 },
};

/* What --device-open-net takes. libqmi reads its other opening flags there as well. */
static const struct {
	const char *name;
	unsigned int flag;
	size_t offset;
} net_names[] = {
	{ "net-802-3", OPEN_NET_802_3, 0 },
	{ "net-raw-ip", OPEN_NET_RAW_IP, 0 },
	{ "net-qos-header", OPEN_NET_QOS, 0 },
	{ "net-no-qos-header", OPEN_NET_NO_QOS, 0 },
	{ "version-info", 0, offsetof(struct options, open_version_info) },
	{ "sync", 0, offsetof(struct options, open_sync) },
	{ "proxy", 0, offsetof(struct options, open_proxy) },
	{ "mbim", 0, offsetof(struct options, open_mbim) },
	{ "auto", 0, offsetof(struct options, open_auto) },
};

/* What is wrong with the value of an option that is no action. */
static int usage(struct failure *f, const char *option, const char *what, const char *value,
		 const char *why)
{
	failure_hint(f, "%s", why);
	failure_set(f, EXIT_USAGE, "%s '%s'", what, value);
	failure_option(f, option, NULL);
	return EXIT_USAGE;
}

static const struct option_row *find_long(const char *name, size_t size)
{
	for (const struct option_row *o = option_rows; o->name; o++)
		if (!strncmp(o->name, name, size) && !o->name[size])
			return o;
	return NULL;
}

static const struct option_row *find_letter(char letter)
{
	for (const struct option_row *o = option_rows; o->name; o++)
		if (o->letter == letter)
			return o;
	return letter == '?' ? find_letter('h') : NULL;
}

static void store(struct options *options, const struct option_row *row, const char *value)
{
	char *at = (char *)options + row->offset;

	if (row->argument)
		*(const char **)at = value;
	else
		*(bool *)at = true;
}

/* Puts `argument` behind what the action has. */
static int join(struct action *action, const char *argument, struct failure *f)
{
	char *joined = NULL;

	if (asprintf(&joined, "%s %s", action->argument, argument) < 0)
		return failure_set(f, EXIT_FAILED, "out of memory");
	free(action->joined);
	action->argument = action->joined = joined;
	return 0;
}

static int add_action(struct options *options, const struct action *action, struct failure *f)
{
	struct action *before = NULL;

	for (size_t i = 0; i < options->action_count; i++)
		if (options->actions[i].command == action->command)
			before = &options->actions[i];
	if (before && command_argument(action->command)->repeats)
		return join(before, action->argument, f);
	if (before)
		before->argument = action->argument;
	else
		options->actions[options->action_count++] = *action;
	return 0;
}

static int unknown(struct failure *f, const char *option, const char *name, size_t size)
{
	const char *nearest = command_nearest(name, size);

	if (nearest)
		failure_hint(f, "did you mean --%s?", nearest);
	else
		failure_hint(f, "--help-all lists all options");
	return failure_set(f, EXIT_USAGE, "Unknown option %s", option);
}

/* The value of an option: behind its "=", or the next word, which is then used up; if the value may
 * miss, that is no word with a dash. */
static int take_value(const char *inside, bool optional, int argc, char **argv, int *index,
		      const char **ret, struct failure *f)
{
	if (!inside && optional && (*index + 1 >= argc || *argv[*index + 1] == '-'))
		return 0;
	if (!inside && *index + 1 >= argc)
		return failure_set(f, EXIT_USAGE, "Missing argument for %s", argv[*index]);
	*ret = inside ? inside : argv[++*index];
	return 0;
}

static bool asks_for_help(const struct option_row *row)
{
	return row && (row->offset == offsetof(struct options, help) ||
		       row->offset == offsetof(struct options, help_all));
}

static int parse_long(struct options *options, int argc, char **argv, int *index, struct failure *f)
{
	const char *name = argv[*index] + 2, *equals = strchr(name, '='), *value = NULL;
	size_t size = equals ? (size_t)(equals - name) : strlen(name);
	const struct option_row *row = find_long(name, size);
	struct action action = { 0 };
	bool takes;
	int r = 0;

	if (!row)
		action.command = command_find(name, size, &action.service);
	takes = row ? row->argument != NULL : action.command && action.command->argument;
	if (!row && !action.command && !equals && !strncmp(name, "help-", HELP_PREFIX)) {
		for (size_t i = 0; command_services[i]; i++)
			if (!strcmp(command_services[i]->name, name + HELP_PREFIX))
				options->help_service = command_services[i];
		if (options->help_service)
			return 0;
	}
	/* GLib lets a flag have a value and forgets it, but not those for help: so must we. */
	if ((!row && !action.command) || (equals && asks_for_help(row)))
		return unknown(f, argv[*index], name, size);
	if (takes) {
		r = take_value(equals ? equals + 1 : NULL,
			       action.command && command_argument(action.command)->optional, argc,
			       argv, index, &value, f);
		if (r)
			return r;
	}
	if (row) {
		store(options, row, value);
	} else {
		action.argument = value;
		r = add_action(options, &action, f);
	}
	return r;
}

/* What a letter stands for: an option, an action, or nothing. */
struct letter {
	const struct option_row *row;
	struct action action;
	bool known, takes;
};

static struct letter read_letter(char letter)
{
	struct letter ret = { .row = find_letter(letter) };

	if (!ret.row)
		ret.action.command = command_by_letter(letter, &ret.action.service);
	ret.known = ret.row || ret.action.command;
	ret.takes = ret.row ? ret.row->argument != NULL : ret.known && ret.action.command->argument;
	return ret;
}

static bool only_flags(const char *letters)
{
	for (; *letters; letters++) {
		struct letter letter = read_letter(*letters);

		if (!letter.known || letter.takes)
			return false;
	}
	return true;
}

/* -p, -pv, -d PATH, -dPATH; and -dp PATH, since GLib takes that as -d PATH -p. */
static int parse_short(struct options *options, int argc, char **argv, int *index,
		       struct failure *f)
{
	int word = *index;

	for (const char *at = argv[word] + 1; *at; at++) {
		struct letter letter = read_letter(*at);
		bool inside = letter.takes && at[1] && !only_flags(at + 1);
		const char *value = NULL;
		int r = 0;

		if (!letter.known)
			return failure_set(f, EXIT_USAGE, "Unknown option %s", argv[word]);
		if (letter.takes)
			r = take_value(inside ? at + 1 : NULL, false, argc, argv, index, &value, f);
		if (r)
			return r;
		letter.action.argument = value;
		if (letter.row)
			store(options, letter.row, value);
		else
			r = add_action(options, &letter.action, f);
		if (r || inside)
			return r;
	}
	return 0;
}

/* The next word between bars, without the blanks around it. */
static const char *next_word(const char *at, size_t *ret_size)
{
	at += strspn(at, "| \t");
	*ret_size = strcspn(at, "|");
	while (*ret_size && strchr(" \t", at[*ret_size - 1]))
		--*ret_size;
	return at;
}

static int parse_net(struct options *options, struct failure *f)
{
	static const char what[] = "invalid device open value given:";
	size_t size, words = 0;

	if (!options->net)
		return 0;
	for (const char *at = next_word(options->net, &size); size;
	     at = next_word(at + size, &size), words++) {
		size_t i;

		for (i = 0; i < sizeof(net_names) / sizeof(net_names[0]); i++)
			if (!strncmp(net_names[i].name, at, size) && !net_names[i].name[size])
				break;
		if (i == sizeof(net_names) / sizeof(net_names[0]))
			return usage(f, "device-open-net", what, at, "no such flag; see --help");
		if (net_names[i].offset)
			*(bool *)((char *)options + net_names[i].offset) = true;
		options->net_flags |= net_names[i].flag;
	}
	if (!words)
		return usage(f, "device-open-net", what, options->net, "no flag is in it");

	unsigned int link = options->net_flags & (OPEN_NET_802_3 | OPEN_NET_RAW_IP);
	unsigned int qos = options->net_flags & (OPEN_NET_QOS | OPEN_NET_NO_QOS);

	if (link == (OPEN_NET_802_3 | OPEN_NET_RAW_IP))
		return usage(f, "device-open-net", what, options->net,
			     "802.3 and raw IP exclude each other");
	if (qos == (OPEN_NET_QOS | OPEN_NET_NO_QOS))
		return usage(f, "device-open-net", what, options->net,
			     "with and without QoS header exclude each other");
	if (!link != !qos)
		return usage(f, "device-open-net", what, options->net,
			     "give a link protocol and a QoS header choice");
	return 0;
}

static int parse_cid(struct options *options, struct failure *f)
{
	char *end;
	unsigned long cid;

	if (!options->client_cid)
		return 0;
	errno = 0;
	cid = strtoul(options->client_cid, &end, 10);
	if (errno || end == options->client_cid || *end || cid == 0 || cid > UINT8_MAX)
		return usage(f, "client-cid", "invalid CID given", options->client_cid,
			     "give a number, 1 to 255");
	options->cid = (uint8_t)cid;
	for (size_t i = 1; i < options->action_count; i++)
		if (options->actions[i].service != options->actions[0].service)
			return usage(
				f, "client-cid", "invalid CID given", options->client_cid,
				"a client id is of one service; ask for one service at a time");
	return 0;
}

static int parse_timeout(struct options *options, struct failure *f)
{
	char *end;
	double seconds;

	if (!options->timeout)
		return 0;
	seconds = strtod(options->timeout, &end);
	if (end == options->timeout || *end || !(seconds >= 1e-6) || seconds > TIMEOUT_SECONDS_MAX)
		return usage(f, "timeout", "invalid timeout given", options->timeout,
			     "give seconds, more than 0 and at most 86400");
	options->timeout_usec = (uint64_t)(seconds * 1e6);
	return 0;
}

const struct action *options_action(const struct options *options, const char *name)
{
	for (size_t i = 0; i < options->action_count; i++)
		if (!strcmp(options->actions[i].command->name, name))
			return &options->actions[i];
	return NULL;
}

/* What an option needs beside itself. */
static int check_company(const struct options *options, const struct command *command,
			 struct failure *f)
{
	const char *const *with = command_course(command)->with;
	struct output names = { 0 };

	if (!with)
		return 0;
	for (size_t i = 0; with[i]; i++)
		if (options_action(options, with[i]))
			return 0;
	for (size_t i = 0; with[i]; i++)
		output_printf(&names, "%s`--%s'", i ? " or " : "", with[i]);
	failure_set(f, EXIT_USAGE, "`--%s' must be used with %s", command->name,
		    names.data ? names.data : "");
	output_done(&names);
	return EXIT_USAGE;
}

static int check(struct options *options, struct failure *f)
{
	int r = parse_net(options, f);

	r = r ? r : parse_cid(options, f);
	r = r ? r : parse_timeout(options, f);
	if (r)
		return r;
	if (options->verbose && options->verbose_full)
		return failure_set(f, EXIT_USAGE,
				   "cannot specify --verbose and --verbose-full at the "
				   "same time");
	if (options->open_mbim + options->open_qmi + options->open_auto > 1)
		return failure_set(f, EXIT_USAGE,
				   "cannot specify multiple mode flags to open device");
	if (options->open_proxy && options->open_direct)
		return failure_set(f, EXIT_USAGE,
				   "--device-open-proxy and --device-open-direct "
				   "exclude each other");
	for (size_t i = 0; i < options->action_count && !r; i++)
		r = check_company(options, options->actions[i].command, f);
	return r;
}

static bool wants_help(const struct options *options)
{
	return options->help || options->help_all || options->help_service;
}

int options_parse(struct options *ret, int argc, char **argv, struct failure *failure)
{
	struct options options = { 0 };
	int r = 0;

	options.actions = calloc((size_t)argc + 1, sizeof(*options.actions));
	if (!options.actions)
		return failure_set(failure, EXIT_FAILED, "out of memory");
	/* Help is given at once, as GLib does: what comes behind it may be wrong. */
	for (int i = 1; i < argc && !r && !wants_help(&options); i++) {
		if (!strcmp(argv[i], "--"))
			break;
		if (!strncmp(argv[i], "--", 2))
			r = parse_long(&options, argc, argv, &i, failure);
		else if (argv[i][0] == '-' && argv[i][1])
			r = parse_short(&options, argc, argv, &i, failure);
	}
	/* A failure is told in JSON also when it comes before --json. */
	for (int i = 1; i < argc && r; i++)
		options.json = options.json || !strcmp(argv[i], "--json");
	*ret = options;
	return r || wants_help(ret) ? r : check(ret, failure);
}

void options_done(struct options *options)
{
	for (size_t i = 0; i < options->action_count; i++)
		free(options->actions[i].joined);
	free(options->actions);
	options->actions = NULL;
	options->action_count = 0;
}
