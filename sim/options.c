/*
 * Options: reading the command line (see options.h).
 */
#include "options.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "loop.h"

enum kind { TEXT, FLAG, PORT, COUNT, SEED, SCALE, FAULT, HELP, VERSION };

struct row {
	const char *name;
	enum kind kind;
	size_t offset; /* of TEXT and FLAG, in struct qk_sim_options */
};

#define AT(member) offsetof(struct qk_sim_options, member)

static const struct row rows[] = {
	{ "profile", TEXT, AT(profile) },
	{ "count", COUNT, 0 },
	{ "at", TEXT, AT(at) },
	{ "seed", SEED, 0 },
	{ "pty", TEXT, AT(pty) },
	{ "unix", TEXT, AT(socket) },
	{ "qmuxd", TEXT, AT(qmuxd) },
	{ "qrtr", FLAG, AT(qrtr) },
	{ "usb", FLAG, AT(usb) },
	{ "usbip", PORT, 0 },
	{ "no-rhythm", FLAG, AT(no_rhythm) },
	{ "net-unix", TEXT, AT(net) },
	{ "internet", FLAG, AT(internet) },
	{ "fault", FAULT, 0 },
	{ "help", HELP, 0 },
	{ "version", VERSION, 0 },
	{ "control", TEXT, AT(control) },
	{ "scenario", TEXT, AT(scenario) },
	{ "cold", FLAG, AT(cold) },
	{ "warm", FLAG, AT(warm) },
	{ "time-scale", SCALE, 0 },
};

#define ROWS (sizeof(rows) / sizeof(rows[0]))
/* What getopt_long() says for the first row; above all letters. */
#define FIRST_ROW 256

static const char help[] =
	"Usage: qmi-sim [OPTION...] FACE...\n"
	"       qmi-sim ctl PATH REQUEST...\n"
	"       qmi-sim shell PATH [-- COMMAND...]\n"
	"A virtual QMI modem that programs can open as if it were one.\n"
	"\n"
	"Faces:\n"
	"  --pty PATH        a pty at PATH that speaks QMUX as /dev/cdc-wdm0 does\n"
	"  --unix PATH       the same on a listening Unix stream socket\n"
	"  --at PATH         a pty at PATH that speaks AT\n"
	"  --qmuxd DIR       the modem's own qmuxd, with its socket in DIR\n"
	"  --qrtr            its services on this kernel's AF_QIPCRTR (one modem)\n"
	"  --usb             plugged into this kernel (vhci_hcd; needs root)\n"
	"  --usbip PORT      exported on that TCP port of 127.0.0.1, for 'usbip attach'\n"
	"  --net-unix PATH   its data calls' packets on a Unix seqpacket socket\n"
	"\n"
	"Options:\n"
	"  --profile NAME    what modem it is: ec25-eux (the default), ec20, ep06-e, everything,\n"
	"                    or a file\n"
	"  --count N         so many modems; with more than one, PATH becomes PATH0, PATH1, ...\n"
	"  --seed N          identities and seeded answers come from this number (1)\n"
	"  --control PATH    a Unix socket for requests; 'qmi-sim ctl --help' lists them\n"
	"  --scenario FILE   requests that are carried out at their times\n"
	"  --time-scale F    all that takes time takes F times as long as on a real modem (1)\n"
	"  --cold, --warm    boot from power-on, or be up from the start; cold with --usb, else warm\n"
	"  --no-rhythm       on the bus, do not keep to the 32 ms at which a host asks\n"
	"  --internet        data calls reach the network, not this machine's loopback alone\n"
	"  --fault FAULT     do something wrong; may be given several times\n"
	"  --help            this text\n"
	"  --version         the version\n"
	"\n"
	"A FAULT is NAME[=VALUE][:SERVICE[.MESSAGE]][:COUNT][@AFTER[+FOR]], with times in ms:\n";

static void print_help(void)
{
	const char *name, *sentence;

	fputs(help, stdout);
	for (size_t i = 0; (name = qk_sim_fault_name(i, &sentence)); i++)
		printf("  %-19s%s\n", name, sentence);
	fputs("\nIt prints \"ready\" once it can be used and ends on SIGTERM, SIGINT or SIGHUP.\n"
	      "The manual: qmi-sim(1).\n",
	      stdout);
}

static int read_number(const char *option, const char *text, uint64_t min, uint64_t max,
		       uint64_t *ret, char *error, size_t error_size)
{
	char *end;

	errno = 0;
	unsigned long long number = strtoull(text, &end, 10);
	if (*text < '0' || *text > '9' || errno || *end || number < min || number > max) {
		snprintf(error, error_size, "--%s: '%.60s' is no number from %llu to %llu", option,
			 text, (unsigned long long)min, (unsigned long long)max);
		return -EINVAL;
	}
	*ret = number;
	return 0;
}

/* A factor from 0 to 1000, as millionths. */
static int read_scale(const char *text, uint32_t *ret, char *error, size_t error_size)
{
	char *end;
	double factor = strtod(text, &end);

	if (*text < '0' || *text > '9' || *end || !(factor <= 1000)) {
		snprintf(error, error_size, "--time-scale: '%.60s' is no number from 0 to 1000",
			 text);
		return -EINVAL;
	}
	*ret = (uint32_t)(factor * 1e6 + 0.5);
	return 0;
}

static int add_fault(struct qk_sim_options *options, const char *text, char *error,
		     size_t error_size)
{
	if (options->fault_count == QK_SIM_FAULTS_MAX) {
		snprintf(error, error_size, "--fault: more than %d of them", QK_SIM_FAULTS_MAX);
		return -EINVAL;
	}
	int r = qk_sim_fault_parse(text, &options->faults[options->fault_count], error, error_size);
	options->fault_count += r == 0;
	return r;
}

static int read_option(const struct row *row, struct qk_sim_options *options, char *error,
		       size_t error_size)
{
	uint64_t number = 0;
	int r = 0;

	switch (row->kind) {
	case TEXT:
		memcpy((char *)options + row->offset, &optarg, sizeof(optarg));
		break;
	case FLAG:
		*((bool *)((char *)options + row->offset)) = true;
		break;
	case PORT:
		r = read_number(row->name, optarg, 1, UINT16_MAX, &number, error, error_size);
		options->usbip = (uint16_t)number;
		break;
	case COUNT:
		r = read_number(row->name, optarg, 1, QK_SIM_MODEMS_MAX, &number, error,
				error_size);
		options->count = (uint32_t)number;
		break;
	case SEED:
		return read_number(row->name, optarg, 0, UINT64_MAX, &options->seed, error,
				   error_size);
	case SCALE:
		return read_scale(optarg, &options->time_scale_ppm, error, error_size);
	case FAULT:
		return add_fault(options, optarg, error, error_size);
	case HELP:
		print_help();
		return 1;
	case VERSION:
		printf("qmi-sim %s\n", QK_VERSION);
		return 1;
	}
	return r;
}

/* The rows as getopt_long() wants them; it has room for one more, the end. */
static void list_options(struct option *ret)
{
	for (size_t i = 0; i < ROWS; i++) {
		enum kind kind = rows[i].kind;
		bool bare = kind == FLAG || kind == HELP || kind == VERSION;
		ret[i] = (struct option){ rows[i].name, bare ? no_argument : required_argument,
					  NULL, FIRST_ROW + (int)i };
	}
	ret[ROWS] = (struct option){ 0 };
}

/* The row behind what getopt_long() said: its number, or a letter. */
static const struct row *find_row(int option)
{
	if (option >= FIRST_ROW)
		return &rows[option - FIRST_ROW];
	for (size_t i = 0; i < ROWS; i++)
		if (rows[i].kind == (option == 'h' ? HELP : VERSION))
			return &rows[i];
	return NULL;
}

/* What makes no sense together. */
static int check(const struct qk_sim_options *options, char *error, size_t error_size)
{
	if (options->cold && options->warm) {
		snprintf(error, error_size, "--cold and --warm contradict each other");
		return -EINVAL;
	}
	if (options->usb && options->usbip) {
		snprintf(error, error_size, "--usb and --usbip: a modem has one plug");
		return -EINVAL;
	}
	if (options->qrtr && options->count > 1) {
		snprintf(error, error_size, "--qrtr: this kernel's node can be one modem alone");
		return -EINVAL;
	}
	/* the second pty would take the path from the first; sockets find theirs taken */
	if (options->pty && options->at && strcmp(options->pty, options->at) == 0) {
		snprintf(error, error_size, "--pty and --at: two ports cannot both be %.200s",
			 options->pty);
		return -EINVAL;
	}
	if (!options->pty && !options->at && !options->socket && !options->qmuxd &&
	    !options->qrtr && !options->net && !options->usb && !options->usbip) {
		snprintf(
			error, error_size,
			"no face: say --pty PATH, --at PATH, --unix PATH, --qmuxd DIR, --qrtr, --net-unix PATH, --usb or --usbip PORT");
		return -EINVAL;
	}
	return 0;
}

int qk_sim_options_read(int argc, char **argv, struct qk_sim_options *ret, char *error,
			size_t error_size)
{
	struct qk_sim_options options = {
		.profile = "", .count = 1, .seed = 1, .time_scale_ppm = 1000000
	};
	struct option long_options[ROWS + 1];
	int option, r = 0;

	opterr = 0;
	list_options(long_options);
	while (r == 0 && (option = getopt_long(argc, argv, ":hV", long_options, NULL)) != -1) {
		if (option == '?' || option == ':') {
			snprintf(error, error_size,
				 option == ':' ? "option '%.60s' needs a value (--help)"
					       : "option '%.60s' is unknown (--help lists them)",
				 argv[optind - 1]);
			return -EINVAL;
		}
		r = read_option(find_row(option), &options, error, error_size);
	}
	if (r != 0)
		return r;
	if (optind < argc) {
		snprintf(error, error_size, "'%.60s' is no option (--help lists them)",
			 argv[optind]);
		return -EINVAL;
	}
	/* an empty socket path would be one that the kernel makes up */
	const char *const paths[] = { options.pty,   options.at,  options.socket,
				      options.qmuxd, options.net, options.control };
	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		if (paths[i] && !*paths[i]) {
			snprintf(error, error_size, "the path of a face or of --control is empty");
			return -EINVAL;
		}
	}
	r = check(&options, error, error_size);
	if (r < 0)
		return r;
	*ret = options;
	return 0;
}
