/*
 * qmi_wwan: the network interface beside a control port, and in what form it takes packets.
 */
#include <string.h>

#include "json.h"
#include "link-words.h"
#include "services.h"

static const char cannot_get[] = "cannot get expected data format";
static const char cannot_set[] = "cannot set expected data format";

/* libqmi's names of enum qk_link_format. */
static const char *const formats[] = {
	[QK_LINK_802_3] = "802-3",
	[QK_LINK_RAW_IP] = "raw-ip",
	[QK_LINK_PASS_THROUGH] = "qmap-pass-through",
};

enum { FORMATS = sizeof(formats) / sizeof(formats[0]) };

static int no_interface(const struct local *local, const char *doing, struct failure *f)
{
	failure_hint(f, "only a control port of qmi_wwan has one; qmicli -L shows it");
	return failure_set(f, EXIT_UNSUPPORTED, "%s: %s has no network interface beside it", doing,
			   local->target->name);
}

/* A word, or with JSON a document that has it under `name`. */
static void print_word(const struct local *local, const char *name, const char *word)
{
	if (local->json)
		json_print_word(name, word, local->out);
	else
		output_printf(local->out, "%s\n", word);
}

static int get_interface(const struct local *local, const char *argument, struct failure *f)
{
	char interface[QK_LINK_NAME_SIZE];

	(void)argument;
	if (!link_of_target(local->target, interface))
		return no_interface(local, "cannot get WWAN interface name", f);
	print_word(local, "interface", interface);
	return 0;
}

static int get_format(const struct local *local, const char *argument, struct failure *f)
{
	const struct qk_links links = { 0 };
	char interface[QK_LINK_NAME_SIZE];
	enum qk_link_format format;
	int r;

	(void)argument;
	if (!link_of_target(local->target, interface))
		return no_interface(local, cannot_get, f);
	r = qk_link_format(&links, interface, &format);
	if (r < 0)
		return link_failure(f, cannot_get, interface, r, NULL);
	print_word(local, "expected-data-format", formats[format]);
	return 0;
}

static int set_format(const struct local *local, const char *argument, struct failure *f)
{
	const struct qk_links links = { 0 };
	char interface[QK_LINK_NAME_SIZE];
	size_t format = 0;
	int r;

	while (format < FORMATS && strcmp(formats[format], argument))
		format++;
	if (format == FORMATS) {
		failure_hint(f, "it may be 802-3, raw-ip, qmap-pass-through");
		return failure_set(f, EXIT_USAGE, "invalid requested data format: '%s'", argument);
	}
	if (!link_of_target(local->target, interface))
		return no_interface(local, cannot_set, f);
	r = qk_link_set_format(&links, interface, (enum qk_link_format)format);
	if (r < 0)
		return link_failure(f, cannot_set, interface, r, NULL);
	if (local->json)
		json_print_word("expected-data-format", argument, local->out);
	else
		output_printf(local->out, "[%s] expected data format set to: %s\n",
			      local->target->name, argument);
	return 0;
}

static const struct command commands[] = {
	{ .name = "get-wwan-iface",
	  .letter = 'w',
	  .help = "Show the network interface beside the control port",
	  .course = COURSE(.local = get_interface) },
	{ .name = "get-expected-data-format",
	  .letter = 'e',
	  .help = "Show in what form that interface takes packets",
	  .course = COURSE(.local = get_format) },
	{ .name = "set-expected-data-format",
	  .letter = 'E',
	  .help = "Set it; the interface must be down",
	  .argument = TAKES("802-3|raw-ip|qmap-pass-through"),
	  .course = COURSE(.local = set_format) },
	{ 0 },
};

const struct command_service commands_qmiwwan = { 0, "qmiwwan", "Network interface of qmi_wwan",
						  commands };
