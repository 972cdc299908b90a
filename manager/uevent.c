/* Uevent: keys that are looked for in a list of texts. */
#include "uevent.h"

#include <stdlib.h>
#include <string.h>

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static const struct {
	const char *name; /* and '=' */
	size_t offset;
} texts[] = {
	{ "ACTION=", offsetof(struct uevent, action) },
	{ "DEVPATH=", offsetof(struct uevent, devpath) },
	{ "SUBSYSTEM=", offsetof(struct uevent, subsystem) },
	{ "DEVTYPE=", offsetof(struct uevent, devtype) },
};

static const char *behind(const char *text, const char *prefix)
{
	size_t size = strlen(prefix);

	return strncmp(text, prefix, size) == 0 ? text + size : NULL;
}

static void take(struct uevent *event, const char *text)
{
	const char *value = behind(text, "SEQNUM=");

	if (value)
		event->seqnum = strtoull(value, NULL, 10);
	for (size_t i = 0; i < COUNT(texts); i++) {
		value = behind(text, texts[i].name);
		if (value)
			*(const char **)((char *)event + texts[i].offset) = value;
	}
}

bool uevent_parse(const char *data, size_t size, struct uevent *ret)
{
	struct uevent event = { .action = "", .devpath = "", .subsystem = "", .devtype = "" };
	const char *end = data + size;

	if (size == 0 || end[-1] != 0)
		return false;
	for (const char *text = data; text < end; text += strlen(text) + 1)
		take(&event, text);
	if (!*event.action || !behind(event.devpath, "/devices/") || strstr(event.devpath, "/../"))
		return false;
	*ret = event;
	return true;
}
