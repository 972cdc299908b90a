/*
 * Options: a row each. What ModemManager has for its own tests and plugins is taken and has no effect, which the help
 * says.
 */
#include "options.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum option_key {
	OPTION_DEVICE = 256,
	OPTION_AT_PORT,
	OPTION_POLICY,
	OPTION_NO_SCAN,
	OPTION_EVENTS,
	OPTION_GROUP,
	OPTION_DEBUG,
	OPTION_LEVEL,
	OPTION_FILE,
	OPTION_JOURNAL,
	OPTION_TIMES,
	OPTION_RELATIVE_TIMES,
	OPTION_PERSONAL,
	OPTION_SESSION,
	OPTION_NO_UDEV,
	OPTION_MULTIPLEX,
	OPTION_HURRY,
	OPTION_NO_QRTR,
	OPTION_NO_EFFECT,
};

static const struct row {
	const char *name;
	const char *value; /* NULL: it takes none */
	enum option_key key;
	const char *help;
} rows[] = {
	{ "device", "PATH", OPTION_DEVICE, "manage the QMI port at PATH too, such as a pty" },
	{ "at-port", "PATH", OPTION_AT_PORT, "the AT port of the --device before it" },
	{ "filter-policy", "POLICY", OPTION_POLICY,
	  "STRICT (the default), or ALLOWLIST-ONLY: what udev says" },
	{ "no-auto-scan", NULL, OPTION_NO_SCAN, "look for no modems: others report their ports" },
	{ "initial-kernel-events", "PATH", OPTION_EVENTS, "with that, the ports that are there" },
	{ "group", "NAME", OPTION_GROUP, "who may use modems without polkit (dialout)" },
	{ "debug", NULL, OPTION_DEBUG, "log at DEBUG, and let clients send AT commands" },
	{ "log-level", "LEVEL", OPTION_LEVEL, "ERR, WARN, MSG, INFO (the default) or DEBUG" },
	{ "log-file", "PATH", OPTION_FILE, "log to the end of that file" },
	{ "log-journal", NULL, OPTION_JOURNAL, "log to the journal" },
	{ "log-timestamps", NULL, OPTION_TIMES, "begin lines with the time" },
	{ "log-relative-timestamps", NULL, OPTION_RELATIVE_TIMES, "with the time since the start" },
	{ "log-personal-info", NULL, OPTION_PERSONAL, "log what identifies persons and SIMs, too" },
	{ "test-session", NULL, OPTION_SESSION, "serve the session's bus" },
	{ "test-no-udev", NULL, OPTION_NO_UDEV, "use no udev" },
	{ "test-enable", NULL, OPTION_NO_EFFECT, "no effect: there is no interface Test" },
	{ "test-plugin-dir", "PATH", OPTION_NO_EFFECT, "no effect: there are no plugins" },
	{ "test-no-suspend-resume", NULL, OPTION_NO_EFFECT,
	  "no effect: nothing is done at a suspend" },
	{ "test-quick-suspend-resume", NULL, OPTION_NO_EFFECT, "no effect, likewise" },
	{ "test-no-qrtr", NULL, OPTION_NO_QRTR, "look for no nodes of QRTR" },
	{ "test-multiplex-requested", NULL, OPTION_MULTIPLEX,
	  "let connections share the link, where they can" },
	{ "test-hurry", "N", OPTION_HURRY, "watch connections N times as often, for tests" },
	{ "test-mbimex-profile-management", NULL, OPTION_NO_EFFECT, "no effect: there is no MBIM" },
};

enum { HURRY_MAX = 1000 };

enum { ROWS = sizeof(rows) / sizeof(rows[0]) };

static void show_help(void)
{
	puts("usage: ModemManager [OPTION]...\n"
	     "\n"
	     "Manages the modems of this machine for clients on the system bus.\n");
	for (size_t i = 0; i < ROWS; i++) {
		char name[64];

		snprintf(name, sizeof(name), "--%s%s%s", rows[i].name, rows[i].value ? "=" : "",
			 rows[i].value ? rows[i].value : "");
		printf("  %-32s  %s\n", name, rows[i].help);
	}
	printf("  %-32s  %s\n  %-32s  %s\n", "-V, --version", "show the version", "-h, --help",
	       "show this help");
	puts("\nThe environment variable MM_LOGLEVEL is the level without --log-level.");
}

static int complain(const char *format, const char *value)
{
	fputs("ModemManager: ", stderr);
	fprintf(stderr, format, value);
	fputs("; --help lists the options\n", stderr);
	return -EINVAL;
}

static int add_device(struct options *options, const char *path)
{
	if (options->device_count == OPTIONS_DEVICES_MAX)
		return complain("there are too many devices, with %s", path);
	options->devices[options->device_count++].path = path;
	return 0;
}

static int add_at_port(struct options *options, const char *path)
{
	if (options->device_count == 0)
		return complain("--at-port %s stands behind its --device", path);
	options->devices[options->device_count - 1].at_port = path;
	return 0;
}

/* As released; the second is the same under its old name. */
static int set_policy(struct options *options, const char *value)
{
	options->allowlist_only = strcasecmp(value, "allowlist-only") == 0 ||
				  strcasecmp(value, "whitelist-only") == 0;
	if (options->allowlist_only || strcasecmp(value, "strict") == 0)
		return 0;
	return complain("%s is no policy: STRICT, ALLOWLIST-ONLY", value);
}

static int set_file(struct log *log, const char *path)
{
	int r = log_to_file(log, path);

	if (r < 0)
		fprintf(stderr, "ModemManager: %s cannot be written: %s\n", path, strerror(-r));
	return r < 0 ? -EINVAL : 0;
}

static int set_level(struct log *log, const char *level)
{
	return log_set_level(log, level)
		       ? 0
		       : complain("%s is no level: ERR, WARN, MSG, INFO, DEBUG", level);
}

static int set_hurry(struct manager_options *manager, const char *value)
{
	char *end;
	unsigned long by = strtoul(value, &end, 10);

	if (end == value || *end || by < 1 || by > HURRY_MAX)
		return complain("--test-hurry takes 1 to 1000, not %s", value);
	manager->hurry = (unsigned int)by;
	return 0;
}

static int take(struct options *options, enum option_key key, const char *value)
{
	struct manager_options *manager = &options->manager;

	switch (key) {
	case OPTION_DEVICE:
		return add_device(options, value);
	case OPTION_AT_PORT:
		return add_at_port(options, value);
	case OPTION_POLICY:
		return set_policy(options, value);
	case OPTION_LEVEL:
		return set_level(&manager->log, value);
	case OPTION_HURRY:
		return set_hurry(manager, value);
	case OPTION_FILE:
		return set_file(&manager->log, value);
	case OPTION_NO_SCAN:
		options->no_scan = true;
		break;
	case OPTION_NO_UDEV:
		options->no_udev = true;
		break;
	case OPTION_MULTIPLEX:
		manager->multiplex = true;
		break;
	case OPTION_NO_QRTR:
		options->no_qrtr = true;
		break;
	case OPTION_EVENTS:
		options->kernel_events = value;
		break;
	case OPTION_GROUP:
		manager->group = value;
		break;
	case OPTION_JOURNAL:
		manager->log.journal = true;
		break;
	case OPTION_TIMES:
		manager->log.times = LOG_TIMES_OF_DAY;
		break;
	case OPTION_RELATIVE_TIMES:
		manager->log.times = LOG_TIMES_SINCE_START;
		break;
	case OPTION_PERSONAL:
		manager->log.personal = true;
		break;
	case OPTION_SESSION:
		manager->session = true;
		break;
	case OPTION_DEBUG:
		manager->debug = true;
		manager->log.level = LOG_DEBUG;
		break;
	case OPTION_NO_EFFECT:
		break;
	}
	return 0;
}

/* getopt's table. */
static void list_options(struct option table[ROWS + 3])
{
	for (size_t i = 0; i < ROWS; i++)
		table[i] = (struct option){
			.name = rows[i].name,
			.has_arg = rows[i].value ? required_argument : no_argument,
			.val = (int)rows[i].key,
		};
	table[ROWS] = (struct option){ .name = "version", .val = 'V' };
	table[ROWS + 1] = (struct option){ .name = "help", .val = 'h' };
}

int options_read(struct options *options, int argc, char **argv)
{
	struct option table[ROWS + 3] = { 0 };
	int key;

	*options = (struct options){ 0 };
	log_open(&options->manager.log);
	/* systemd names the folders it has made for the service; a daemon started by hand leaves no traces. */
	options->manager.state_folder = getenv("STATE_DIRECTORY");
	options->manager.run_folder = getenv("RUNTIME_DIRECTORY");
	options->manager.config_folder = getenv("CONFIGURATION_DIRECTORY");
	if (!options->manager.config_folder)
		options->manager.config_folder = QK_CONFIG_FOLDER;
	list_options(table);
	while ((key = getopt_long(argc, argv, "hV", table, NULL)) != -1) {
		switch (key) {
		case 'V':
			puts("ModemManager " QK_VERSION);
			return 0;
		case 'h':
			show_help();
			return 0;
		case '?':
			return -EINVAL;
		default:
			if (take(options, (enum option_key)key, optarg) < 0)
				return -EINVAL;
		}
	}
	return optind < argc ? complain("%s is no option", argv[optind]) : 1;
}
