/*
 * Options (see options.h).
 */
#include "options.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

struct row {
	const char *name, *value, *help;
	bool filter; /* one of filter.h */
	int (*take)(struct options *options, const char *value);
	const char *takes; /* the values, where not any is good */
};

static int take_json(struct options *options, const char *value)
{
	(void)value;
	options->json = true;
	return 0;
}

static int take_follow(struct options *options, const char *value)
{
	(void)value;
	options->follow = true;
	return 0;
}

static int take_unmask(struct options *options, const char *value)
{
	(void)value;
	options->unmask = true;
	return 0;
}

static int take_luhn(struct options *options, const char *value)
{
	(void)value;
	options->luhn = true;
	return 0;
}

static int take_output(struct options *options, const char *value)
{
	options->output = value;
	return 0;
}

static int take_base(struct options *options, const char *value)
{
	options->base = value;
	return 0;
}

static int take_name(struct options *options, const char *value)
{
	options->name = value;
	return 0;
}

static int take_transport(struct options *options, const char *value)
{
	for (uint8_t i = QK_LINK_QMUX; i <= QK_LINK_MSM_IPC; i++) {
		if (strcmp(entry_transport_name(i), value) == 0) {
			options->transport = i;
			return 0;
		}
	}
	return -EINVAL;
}

static int take_of_service(struct options *options, const char *value)
{
	return filter_service(value, &options->service);
}

static int take_vendor(struct options *options, const char *value)
{
	struct entry_vendors *vendors = &options->vendors;
	uint16_t id;

	if (vendors->count == ENTRY_VENDORS_MAX || filter_vendor(value, &id) < 0)
		return -EINVAL;
	vendors->ids[vendors->count++] = id;
	return 0;
}

static const struct row rows[] = {
	{ "json", NULL, "print JSON, an object a line", false, take_json },
	{ "follow", NULL, "wait for more at the end of the file", false, take_follow },
	{ "unmask", NULL, "show personal fields, and the bytes of each message", false,
	  take_unmask },
	{ "transport", "NAME", "what carried the messages: qmux (default), qrtr, qmuxd, msm-ipc",
	  false, take_transport, "qmux, qrtr, qmuxd or msm-ipc" },
	{ "of-service", "NAME", "the service of messages that do not tell it (qrtr, msm-ipc)",
	  false, take_of_service, "the name or the number of a service" },
	{ "vendor", "NAME",
	  "whose own messages to know: hp, foxconn, foxconn-v2, sierra; may be repeated", false,
	  take_vendor, "hp, foxconn, foxconn-v2, sierra or a USB id, 8 at most" },
	{ "imei-luhn", NULL, "give replaced IMEIs of 15 digits a right check digit", false,
	  take_luhn },
	{ "output", "FILE", "where to write; also -o FILE", false, take_output },
	{ "base", "NAME", "the built-in profile that the new one differs from (ec25-eux)", false,
	  take_base },
	{ "name", "NAME", "the name of the profile", false, take_name },
	{ "service", "NAME", "only this service, by name or number", true, NULL },
	{ "message", "NAME", "only this message, by name or number", true, NULL },
	{ "client", "ID", "only this client id", true, NULL },
	{ "errors", NULL, "only responses that are refusals", true, NULL },
	{ "pid", "PID", "only this process", true, NULL },
	{ "process", "NAME", "only processes of this name", true, NULL },
	{ "device", "PATH", "only this device", true, NULL },
};

/* Whether `name` is one of the words of `names`. */
static bool has_word(const char *names, const char *name)
{
	size_t size = strlen(name);

	for (const char *at = names; (at = strstr(at, name)); at += size)
		if ((at == names || at[-1] == ' ') && (!at[size] || at[size] == ' '))
			return true;
	return false;
}

static bool is_wanted(const struct options_wanted *wanted, const struct row *row)
{
	return has_word(wanted->names, row->name) ||
	       (row->filter && has_word(wanted->names, "filter"));
}

static void options_help(const struct options_wanted *wanted)
{
	printf("usage: qmi-trace %s %s\n", wanted->verb, wanted->usage);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char name[40];
		if (!is_wanted(wanted, &rows[i]))
			continue;
		snprintf(name, sizeof(name), "--%s%s%s", rows[i].name, rows[i].value ? " " : "",
			 rows[i].value ? rows[i].value : "");
		printf("  %-18s %s\n", name, rows[i].help);
	}
}

static int refuse(const struct options_wanted *wanted, const char *what, const char *word)
{
	fprintf(stderr, "error: %s: %s%s%s%s (qmi-trace %s --help)\n", wanted->verb, what,
		*word ? " '" : "", word, *word ? "'" : "", wanted->verb);
	return -EINVAL;
}

static const struct row *find_row(const struct options_wanted *wanted, const char *name,
				  size_t size)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (strlen(rows[i].name) == size && strncmp(rows[i].name, name, size) == 0 &&
		    is_wanted(wanted, &rows[i]))
			return &rows[i];
	return NULL;
}

static int take(const struct options_wanted *wanted, const struct row *row, const char *value,
		struct options *options)
{
	char error[128];

	if (!row->filter && row->take(options, value) == 0)
		return 0;
	if (!row->filter) {
		snprintf(error, sizeof(error), "--%s takes %.80s, not", row->name, row->takes);
		return refuse(wanted, error, value);
	}
	if (filter_option(&options->filter, row->name, value, error, sizeof(error)) < 0)
		return refuse(wanted, error, "");
	return 0;
}

/* The option at `arguments[*at]`; moves past its value. */
static int read_option(const struct options_wanted *wanted, char **arguments, int *at,
		       struct options *options)
{
	const char *word = arguments[*at];
	const char *name = strcmp(word, "-o") == 0 ? "--output" : word;
	const char *equals = strchr(name, '=');
	size_t size = equals ? (size_t)(equals - name) : strlen(name);
	const struct row *row =
		size > 2 && name[1] == '-' ? find_row(wanted, name + 2, size - 2) : NULL;

	if (!row)
		return refuse(wanted, "unknown option", word);
	if (!row->value)
		return equals ? refuse(wanted, "takes no value:", word)
			      : take(wanted, row, NULL, options);
	const char *value = equals ? equals + 1 : arguments[++*at];
	if (!value)
		return refuse(wanted, "a value is missing behind", word);
	return take(wanted, row, value, options);
}

int options_read(const struct options_wanted *wanted, int count, char **arguments,
		 struct options *ret)
{
	struct options options = { .transport = QK_LINK_QMUX, .service = QK_LINK_SERVICE_UNKNOWN };
	bool only_files = false;
	int files = 0;

	for (int i = 1; i < count; i++) {
		const char *word = arguments[i];
		if (!only_files && strcmp(word, "--") == 0) {
			only_files = true;
		} else if (!only_files &&
			   (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0)) {
			options_help(wanted);
			return 1;
		} else if (!only_files && word[0] == '-' && word[1]) {
			int r = read_option(wanted, arguments, &i, &options);
			if (r < 0)
				return r;
		} else if (files == wanted->files_most) {
			return refuse(wanted, "what is not wanted here:", word);
		} else {
			options.files[files++] = word;
		}
	}
	if (files < wanted->files_least)
		return refuse(wanted, "a file is missing", "");
	*ret = options;
	return 0;
}
