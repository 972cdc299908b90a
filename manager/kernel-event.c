/*
 * Kernel event: keys and values, each taken once and checked once.
 */
#include "kernel-event.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

static const struct key {
	const char *name;
	size_t offset, size;
} keys[] = {
	{ "action", offsetof(struct kernel_event, action),
	  sizeof(((struct kernel_event *)0)->action) },
	{ "subsystem", offsetof(struct kernel_event, subsystem),
	  sizeof(((struct kernel_event *)0)->subsystem) },
	{ "name", offsetof(struct kernel_event, name), sizeof(((struct kernel_event *)0)->name) },
	{ "uid", offsetof(struct kernel_event, uid), sizeof(((struct kernel_event *)0)->uid) },
};

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

/* Those of ports that modems have. */
static const char *const subsystems[] = { "usbmisc", "net", "tty", "wwan", "rpmsg", "qrtr" };

static int take(struct kernel_event *event, const char *key, size_t key_size, const char *value,
		size_t size, char *error, size_t error_size)
{
	for (size_t i = 0; i < COUNT(keys); i++) {
		if (strlen(keys[i].name) != key_size || memcmp(keys[i].name, key, key_size) != 0)
			continue;
		if (size >= keys[i].size) {
			snprintf(error, error_size, "'%s' is too long", keys[i].name);
			return -EINVAL;
		}

		char *to = (char *)event + keys[i].offset;

		memcpy(to, value, size);
		to[size] = 0;
		return 0;
	}
	snprintf(error, error_size, "unexpected key '%.*s'", (int)(key_size < 32 ? key_size : 32),
		 key);
	return -EINVAL;
}

/* What no port can be. A name is put behind a path. */
static int check(const struct kernel_event *event, char *error, size_t error_size)
{
	bool known = false;

	for (size_t i = 0; i < COUNT(keys) - 1; i++) {
		if (*((const char *)event + keys[i].offset))
			continue;
		snprintf(error, error_size, "Missing mandatory parameter '%s'", keys[i].name);
		return -EINVAL;
	}
	if (strcmp(event->action, "add") != 0 && strcmp(event->action, "remove") != 0) {
		snprintf(error, error_size,
			 "Invalid 'action' parameter given: '%s' (expected 'add' or 'remove')",
			 event->action);
		return -EINVAL;
	}
	for (size_t i = 0; i < COUNT(subsystems); i++)
		known |= strcmp(event->subsystem, subsystems[i]) == 0;
	if (!known) {
		snprintf(error, error_size, "Invalid 'subsystem' parameter given: '%s'",
			 event->subsystem);
		return -EINVAL;
	}
	if (strchr(event->name, '/') || event->name[0] == '.') {
		snprintf(error, error_size, "'%s' is no name of a port", event->name);
		return -EINVAL;
	}
	return 0;
}

static const char *skip_space(const char *at)
{
	while (isspace((unsigned char)*at))
		at++;
	return at;
}

/* The end of what begins at `at`; where it is quoted, the quotes are taken off. NULL: one is missing. */
static const char *read_value(const char *at, const char **ret_value, size_t *ret_size)
{
	const char *end;

	if (*at == '"' || *at == '\'') {
		end = strchr(at + 1, *at);
		*ret_value = at + 1;
		*ret_size = end ? (size_t)(end - at - 1) : 0;
		return end ? end + 1 : NULL;
	}
	end = at;
	while (*end && *end != ',' && !isspace((unsigned char)*end))
		end++;
	*ret_value = at;
	*ret_size = (size_t)(end - at);
	return end;
}

int kernel_event_parse(struct kernel_event *event, const char *line, char *error, size_t error_size)
{
	const char *at = skip_space(line), *key, *value;
	size_t key_size, size;

	*event = (struct kernel_event){ 0 };
	for (;; at = skip_space(at + 1)) {
		key = at;
		key_size = strcspn(at, "= \t");
		at = skip_space(key + key_size);
		if (key_size == 0 || *at != '=') {
			snprintf(error, error_size, "key=value is expected");
			return -EINVAL;
		}
		at = read_value(skip_space(at + 1), &value, &size);
		if (!at) {
			snprintf(error, error_size, "a quote has no end");
			return -EINVAL;
		}
		if (take(event, key, key_size, value, size, error, error_size) < 0)
			return -EINVAL;
		at = skip_space(at);
		if (*at != ',')
			break;
	}
	if (*at) {
		snprintf(error, error_size, "what stands behind a value is not expected");
		return -EINVAL;
	}
	return check(event, error, error_size);
}

int kernel_event_read(struct kernel_event *event, const json_t *properties, char *error,
		      size_t error_size)
{
	const char *key;
	const json_t *value;

	*event = (struct kernel_event){ 0 };
	json_object_foreach((json_t *)properties, key, value)
	{
		if (!json_is_string(value)) {
			snprintf(error, error_size, "'%.32s' is no string", key);
			return -EINVAL;
		}
		if (take(event, key, strlen(key), json_string_value(value),
			 json_string_length(value), error, error_size) < 0)
			return -EINVAL;
	}
	return check(event, error, error_size);
}
