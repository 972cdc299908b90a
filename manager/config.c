/*
 * Config: inih splits the lines, which are counted on their way to it; a table says what the keys are.
 */
#include "config.h"

#include <ctype.h>
#include <errno.h>
#include <ini.h>
#include <limits.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum value_kind {
	VALUE_TEXT,
	VALUE_DIGITS,
	VALUE_DEVICE,
	VALUE_NODE,
	VALUE_FLAG,
	VALUE_SECONDS,
	VALUE_SECONDS_OR_0,
	VALUE_COUNT,
};

/* A week, and more tries than anybody waits for. */
enum { SECONDS_MAX = 7 * 86400, COUNT_MAX = 100000 };

#define FIELD(name) offsetof(struct config_modem, name), sizeof(((struct config_modem *)0)->name)

static const struct key {
	const char *name;
	enum value_kind kind;
	size_t offset, size;
} keys[] = {
	{ "imei", VALUE_DIGITS, FIELD(imei) },
	{ "usb-path", VALUE_TEXT, FIELD(usb_path) },
	{ "device", VALUE_DEVICE, FIELD(device) },
	{ "at-port", VALUE_NODE, FIELD(at_port) },
	{ "net-port", VALUE_TEXT, FIELD(net_port) },
	{ "ignore", VALUE_FLAG, FIELD(ignore) },
	{ "reconnect", VALUE_FLAG, FIELD(bounds.on) },
	{ "reconnect-first", VALUE_SECONDS, FIELD(bounds.first_usec) },
	{ "reconnect-longest", VALUE_SECONDS, FIELD(bounds.longest_usec) },
	{ "reconnect-stable", VALUE_SECONDS, FIELD(bounds.stable_usec) },
	{ "reconnect-refused", VALUE_SECONDS_OR_0, FIELD(bounds.refused_usec) },
	{ "reconnect-tries", VALUE_COUNT, FIELD(bounds.tries) },
};

enum { KEYS = sizeof(keys) / sizeof(keys[0]) };

struct reader {
	struct config *config;
	FILE *file;
	const char *path;
	char *line;
	size_t size;
	unsigned int number;
	struct config_modem *modem; /* whose section it is; NULL: it is passed over */
	char section[64];           /* as last seen */
	config_tell_fn tell;
	void *userdata;
};

static void tell(const struct reader *reader, unsigned int line, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

static void tell(const struct reader *reader, unsigned int line, const char *format, ...)
{
	char what[160], text[400];
	va_list args;

	va_start(args, format);
	vsnprintf(what, sizeof(what), format, args);
	va_end(args);
	for (char *c = what; *c; c++)
		if (iscntrl((unsigned char)*c))
			*c = '?';
	snprintf(text, sizeof(text), "%s:%u: %s", reader->path, line, what);
	reader->tell(reader->userdata, text);
}

/* As fgets(3); what inih would cut or not see the end of is an empty line. */
static char *read_line(char *to, int size, void *stream)
{
	struct reader *reader = stream;
	ssize_t length = getline(&reader->line, &reader->size, reader->file);
	bool good = length >= 0 && length < size && !memchr(reader->line, 0, (size_t)length);

	if (length < 0)
		return NULL;
	reader->number++;
	if (good) {
		memcpy(to, reader->line, (size_t)length + 1);
	} else {
		tell(reader, reader->number,
		     length < size ? "there is a zero byte" : "the line is too long");
		memcpy(to, "\n", 2);
	}
	return to;
}

/* What mmcli would take for something else is no name. */
static bool is_name(const char *name)
{
	size_t length = strlen(name);

	if (length == 0 || length > CONFIG_NAME_MAX || strcmp(name, "any") == 0 ||
	    strspn(name, "0123456789") == length)
		return false;
	for (const char *c = name; *c; c++)
		if (!isgraph((unsigned char)*c) || *c == '/')
			return false;
	return true;
}

static bool is_taken(const struct config *config, const char *name)
{
	for (size_t i = 0; i < config->count; i++)
		if (strcmp(config->modems[i].name, name) == 0)
			return true;
	return false;
}

static void begin_section(struct reader *reader, const char *name)
{
	struct config *config = reader->config;

	snprintf(reader->section, sizeof(reader->section), "%s", name);
	reader->modem = NULL;
	if (!is_name(name)) {
		tell(reader, reader->number, "[%s] is no name of a modem", name);
	} else if (is_taken(config, name)) {
		tell(reader, reader->number, "[%s] is there twice", name);
	} else if (config->count == CONFIG_MODEMS_MAX) {
		tell(reader, reader->number, "more than %d modems", CONFIG_MODEMS_MAX);
	} else {
		reader->modem = &config->modems[config->count++];
		*reader->modem = (struct config_modem){
			.line = reader->number,
			.bounds = intent_bounds_default,
		};
		memcpy(reader->modem->name, name, strlen(name) + 1);
	}
}

static bool is_flag(const char *value, bool *ret)
{
	static const char *const words[2][4] = { { "no", "false", "0", "off" },
						 { "yes", "true", "1", "on" } };

	for (size_t i = 0; i < 4; i++) {
		if (strcasecmp(value, words[0][i]) != 0 && strcasecmp(value, words[1][i]) != 0)
			continue;
		*ret = strcasecmp(value, words[1][i]) == 0;
		return true;
	}
	return false;
}

static bool is_number(const char *value, unsigned long least, unsigned long most,
		      unsigned long *ret)
{
	size_t length = strlen(value);

	if (length == 0 || length > 9 || strspn(value, "0123456789") != length)
		return false;
	*ret = strtoul(value, NULL, 10);
	return *ret >= least && *ret <= most;
}

static const char *take_number(const struct key *key, const char *value, void *to)
{
	unsigned long number;

	if (key->kind == VALUE_COUNT) {
		if (!is_number(value, 0, COUNT_MAX, &number))
			return "a count up to 100000";
		*(unsigned int *)to = (unsigned int)number;
		return NULL;
	}
	if (!is_number(value, key->kind == VALUE_SECONDS, SECONDS_MAX, &number))
		return "a number of seconds up to 604800";
	*(uint64_t *)to = (uint64_t)number * 1000000;
	return NULL;
}

/* NULL: the value was taken; else what it is not. */
static const char *take_value(struct config_modem *modem, const struct key *key, const char *value)
{
	char *to = (char *)modem + key->offset;
	size_t length = strlen(value);

	for (const char *c = value; *c; c++)
		if (!isgraph((unsigned char)*c))
			return "a word";
	switch (key->kind) {
	case VALUE_FLAG:
		return is_flag(value, (bool *)to) ? NULL : "yes or no";
	case VALUE_SECONDS:
	case VALUE_SECONDS_OR_0:
	case VALUE_COUNT:
		return take_number(key, value, to);
	case VALUE_DIGITS:
		if (strspn(value, "0123456789") != length)
			return "a number";
		break;
	case VALUE_DEVICE:
		if (value[0] != '/' && !strchr(value, ':'))
			return "a path or an address";
		break;
	case VALUE_NODE:
		/* A name of the kernel's is one in /dev. */
		if (value[0] != '/' && !strchr(value, '/') && length > 0 &&
		    length + 5 < key->size) {
			memcpy(to, "/dev/", 5);
			memcpy(to + 5, value, length + 1);
			return NULL;
		}
		if (value[0] != '/')
			return "a path or a name in /dev";
		break;
	case VALUE_TEXT:
		if (strchr(value, '/'))
			return "a name";
		break;
	}
	if (length == 0 || length >= key->size)
		return length ? "as short as it has to be" : "there";
	memcpy(to, value, length + 1);
	return NULL;
}

/* What inih calls for each key. What is wrong is told here; for inih all is well. */
static int on_key(void *userdata, const char *section, const char *name, const char *value)
{
	struct reader *reader = userdata;
	const char *wanted;
	size_t i = 0;

	if (strcmp(section, reader->section) != 0)
		begin_section(reader, section);
	if (!*section)
		tell(reader, reader->number, "%s stands in front of the first [name]", name);
	if (!reader->modem)
		return 1;
	while (i < KEYS && strcmp(keys[i].name, name) != 0)
		i++;
	if (i == KEYS) {
		tell(reader, reader->number, "there is no key %s", name);
		return 1;
	}
	if (reader->modem->seen & 1u << i) {
		tell(reader, reader->number, "%s is there twice", name);
		return 1;
	}
	wanted = take_value(reader->modem, &keys[i], value);
	if (wanted)
		tell(reader, reader->number, "%s: '%s' is not %s", name, value, wanted);
	else
		reader->modem->seen |= 1u << i;
	return 1;
}

/* A section that does not say which modem is of no use. */
static void drop_unbound(const struct reader *reader)
{
	struct config *config = reader->config;
	size_t count = 0;

	for (size_t i = 0; i < config->count; i++) {
		const struct config_modem *modem = &config->modems[i];

		if (modem->ignore && !*modem->usb_path && !*modem->device)
			tell(reader, modem->line, "[%s]: to ignore it takes usb-path or device",
			     modem->name);
		else if (*modem->imei || *modem->usb_path || *modem->device)
			config->modems[count++] = *modem;
		else
			tell(reader, modem->line, "[%s] has no imei, usb-path or device",
			     modem->name);
	}
	config->count = count;
}

int config_read(struct config *config, FILE *file, const char *path, config_tell_fn fn,
		void *userdata)
{
	struct reader reader = {
		.config = config,
		.file = file,
		.path = path,
		.tell = fn,
		.userdata = userdata,
	};
	int line;

	*config = (struct config){ calloc(CONFIG_MODEMS_MAX, sizeof(*config->modems)), 0 };
	if (!config->modems)
		return -ENOMEM;
	line = ini_parse_stream(read_line, &reader, on_key, &reader);
	if (line > 0)
		tell(&reader, (unsigned int)line, "this is neither [name] nor key = value");
	free(reader.line);
	if (line < 0 || ferror(file)) {
		config_free(config);
		return line < 0 ? -ENOMEM : -EIO;
	}
	drop_unbound(&reader);
	return 0;
}

void config_free(struct config *config)
{
	free(config->modems);
	*config = (struct config){ 0 };
}

static bool is_it(const char *wanted, const char *value)
{
	return !*wanted || (value && strcmp(wanted, value) == 0);
}

/* The same of a node, of which udev may have another name. */
static bool is_node(const char *wanted, const char *node)
{
	char path[PATH_MAX];

	return is_it(wanted, node) || (strncmp(wanted, "/dev/", 5) == 0 && node &&
				       realpath(wanted, path) && strcmp(path, node) == 0);
}

const struct config_modem *config_find(const struct config *config, const char *imei,
				       const char *usb_path, const char *device)
{
	for (size_t i = 0; i < config->count; i++) {
		const struct config_modem *modem = &config->modems[i];

		if (is_it(modem->imei, imei) && is_it(modem->usb_path, usb_path) &&
		    is_node(modem->device, device))
			return modem;
	}
	return NULL;
}
