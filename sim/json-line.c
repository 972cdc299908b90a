/*
 * JSON line: finding a value in the text (see json-line.h).
 */
#include "json-line.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

struct scan {
	const char *json;
	size_t size, at;
	unsigned int line;
};

/* The next character, or 0 at the end. */
static char look(const struct scan *scan)
{
	return scan->at < scan->size ? scan->json[scan->at] : 0;
}

static char take(struct scan *scan)
{
	char c = look(scan);

	scan->line += c == '\n';
	scan->at += scan->at < scan->size;
	return c;
}

static void skip_any(struct scan *scan, const char *set)
{
	while (look(scan) && strchr(set, look(scan)))
		take(scan);
}

/* Behind a string, whose first quote is next. */
static void skip_string(struct scan *scan)
{
	take(scan);
	while (look(scan) && look(scan) != '"')
		if (take(scan) == '\\')
			take(scan);
	take(scan);
}

/* Behind a value, whatever it is. */
static void skip_value(struct scan *scan)
{
	size_t depth = 0;

	do {
		char c = look(scan);
		if (c == '"') {
			skip_string(scan);
		} else if (c == '{' || c == '[') {
			take(scan);
			depth++;
		} else if (c == '}' || c == ']') {
			take(scan);
			depth -= depth > 0;
		} else if (strchr(" \t\r\n,:", c)) {
			take(scan);
		} else {
			while (look(scan) && !strchr(" \t\r\n,:]}", look(scan)))
				take(scan);
		}
	} while (depth && look(scan));
}

/* A name or the number of an item at the front of a path. */
struct part {
	bool is_item;
	size_t number;
	const char *name;
	size_t size; /* of all of it in the path, or of the name alone */
};

static struct part first_part(const char *path)
{
	char *end;

	if (*path == '[') {
		size_t number = strtoul(path + 1, &end, 10);
		return (struct part){ true, number, path, (size_t)(end - path) + (*end == ']') };
	}
	return (struct part){ .name = path, .size = strcspn(path, ".[") };
}

/* From the bracket of an object or a list to the value that `part` names. Whether it is there. */
static bool enter(struct scan *scan, const struct part *part)
{
	if (take(scan) != (part->is_item ? '[' : '{'))
		return false;
	for (size_t i = 0;; i++) {
		skip_any(scan, " \t\r\n,");
		if (!look(scan) || look(scan) == '}' || look(scan) == ']')
			return false;
		bool found = part->is_item && i == part->number;
		if (!part->is_item) {
			size_t start = scan->at + 1;
			skip_string(scan);
			found = scan->at - 1 - start == part->size &&
				memcmp(scan->json + start, part->name, part->size) == 0;
			skip_any(scan, " \t\r\n:");
		}
		if (found)
			return true;
		skip_value(scan);
	}
}

unsigned int qk_json_line(const char *json, size_t size, const char *path)
{
	struct scan scan = { .json = json, .size = size, .line = 1 };

	skip_any(&scan, " \t\r\n");
	unsigned int line = scan.line;
	while (*path) {
		struct part part = first_part(path);
		if (!enter(&scan, &part))
			break;
		line = scan.line;
		path += part.size;
		path += *path == '.';
	}
	return line;
}

int qk_one_line(char *message)
{
	for (char *c = message; *c; c++)
		if ((unsigned char)*c < 0x20 || *c == 0x7f)
			*c = '?';
	return -EINVAL;
}
