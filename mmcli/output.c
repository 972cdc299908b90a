/* Output: the three ways to write fields. The widths, the wrapping and the escapes are those of stock's screens
 * (cli/mmcli-output.c of ModemManager 1.20.4), which scripts have come to rely on. */
#include "mmcli/output.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* As much of an array as stands in a line of the screen, commas included. */
#define LINE_LENGTH 60
#define RULE "------------------------------------------------------------"

static const char *text_at(const json_t *array, size_t index)
{
	const char *text = json_string_value(json_array_get(array, index));

	return text ? text : "";
}

static int longer(int longest, size_t length)
{
	return (size_t)longest < length ? (int)length : longest;
}

/* For people. */

struct columns {
	int section, label;
};

static int by_section(const void *one, const void *other)
{
	const struct output_item *a = one, *b = other;

	return (a->section > b->section) - (a->section < b->section);
}

/* Sorts without moving what is equal: a few dozen fields, nearly in order. */
static void sort(struct output_item *items, size_t count,
		 int (*compare)(const void *, const void *))
{
	for (size_t i = 1; i < count; i++) {
		struct output_item item = items[i];
		size_t at = i;

		while (at > 0 && compare(&items[at - 1], &item) > 0) {
			items[at] = items[at - 1];
			at--;
		}
		items[at] = item;
	}
}

static void next_line(struct columns c)
{
	printf("  %*s | %*s  ", c.section, "", c.label, "");
}

static void human_text(struct columns c, const char *text)
{
	const char *end;

	while ((end = strchr(text, '\n'))) {
		printf("%.*s\n", (int)(end - text), text);
		next_line(c);
		text = end + 1;
	}
	printf("%s\n", text);
}

static void human_array(struct columns c, const json_t *array, bool lines)
{
	size_t count = json_array_size(array), used = 0;

	for (size_t i = 0; i < count; i++) {
		const char *text = text_at(array, i);
		bool last = i + 1 == count;
		size_t length = strlen(text) + (last ? 0 : 2);

		if ((lines && i > 0) || used + length > LINE_LENGTH) {
			/* What begins a line is not counted in it: so stock wraps. */
			used = 0;
			printf("\n");
			next_line(c);
		} else {
			used += length;
		}
		printf("%s%s", text, lines || last ? "" : ", ");
	}
	printf("\n");
}

static bool is_empty(const json_t *value)
{
	return json_is_string(value) ? json_string_length(value) == 0 : json_array_size(value) == 0;
}

static struct columns measure(const struct output_item *items, size_t count)
{
	struct columns c = { 0 };

	for (size_t i = 0; i < count; i++) {
		if (!items[i].value || json_is_null(items[i].value) || !items[i].label)
			continue;
		c.section = longer(c.section, strlen(items[i].section_name));
		c.label = longer(c.label, strlen(items[i].label));
	}
	return c;
}

static void human(struct output_item *items, size_t count)
{
	struct columns c;
	int section = -1;

	sort(items, count, by_section);
	c = measure(items, count);
	for (size_t i = 0; i < count; i++) {
		const struct output_item *item = &items[i];

		if (!item->value || !item->label || is_empty(item->value))
			continue;
		if (item->section != section)
			printf("  %.*s\n", c.section + c.label + 4, RULE);
		printf("  %-*s | %*s: ", c.section,
		       item->section != section ? item->section_name : "", c.label, item->label);
		section = item->section;
		if (json_is_array(item->value))
			human_array(c, item->value, item->lines);
		else
			human_text(c, json_string_value(item->value));
	}
}

/* Key-value pairs. */

/* With the escapes of C, and of what is not ASCII in octal. */
static void put_escaped(const char *text)
{
	static const char letters[] = "\b\f\n\r\t\v\\\"", escapes[] = "bfnrtv\\\"";

	for (const unsigned char *c = (const unsigned char *)text; *c; c++) {
		const char *at = strchr(letters, *c);

		if (at)
			printf("\\%c", escapes[at - letters]);
		else if (*c < ' ' || *c >= 0x7f)
			printf("\\%03o", *c);
		else
			putchar(*c);
	}
}

static int digits(size_t number)
{
	int count = 1;

	while ((number /= 10) > 0)
		count++;
	return count;
}

/* The column of keys: as wide as KEY.value[NUMBER] of the last number of an array. */
static size_t key_width(const char *key, const json_t *value)
{
	size_t count = json_array_size(value);

	return strlen(key) + (count ? strlen(".value[]") + (size_t)digits(count) : 0);
}

static void put_count(int width, const char *key, size_t count)
{
	printf("%s%-*s : %zu\n", key, width - (int)strlen(key), ".length", count);
}

static void put_index(int width, const char *key, size_t index)
{
	char suffix[40];

	snprintf(suffix, sizeof(suffix), ".value[%zu]", index + 1);
	printf("%s%-*s : ", key, width - (int)strlen(key), suffix);
}

static void keyvalue(const struct output_item *items, size_t count)
{
	int width = 0;

	for (size_t i = 0; i < count; i++)
		width = longer(width, key_width(items[i].key, items[i].value));
	for (size_t i = 0; i < count; i++) {
		const json_t *value = items[i].value;
		size_t length = json_array_size(value);

		if (length)
			put_count(width, items[i].key, length);
		for (size_t index = 0; index < length; index++) {
			put_index(width, items[i].key, index);
			put_escaped(text_at(value, index));
			printf("\n");
		}
		if (length)
			continue;
		printf("%-*s : ", width, items[i].key);
		put_escaped(json_is_string(value) ? json_string_value(value) : "--");
		printf("\n");
	}
}

/* JSON. */

static void put_json(const char *text)
{
	static const char letters[] = "\b\f\n\r\t\\\"", escapes[] = "bfnrt\\\"";

	putchar('"');
	for (const unsigned char *c = (const unsigned char *)text; *c; c++) {
		const char *at = strchr(letters, *c);

		if (at)
			printf("\\%c", escapes[at - letters]);
		else if (*c < ' ' || *c == 0x7f)
			printf("\\u%04x", *c);
		else
			putchar(*c);
	}
	putchar('"');
}

static int by_key(const void *one, const void *other)
{
	const struct output_item *a = one, *b = other;

	return strcmp(a->key, b->key);
}

/* How many objects two keys are both in, and where the first differs. */
static size_t shared_depth(const char *key, const char *other, size_t *ret_length)
{
	size_t depth = 0;

	*ret_length = 0;
	for (size_t i = 0; key[i] && key[i] == other[i]; i++) {
		if (key[i] == '.') {
			depth++;
			*ret_length = i + 1;
		}
	}
	return depth;
}

static size_t depth_of(const char *key)
{
	size_t depth = 0;

	while ((key = strchr(key, '.'))) {
		depth++;
		key++;
	}
	return depth;
}

static void put_closing(size_t count)
{
	while (count-- > 0)
		putchar('}');
}

/* The key behind the last one: closes what it is not in, opens what it is in alone. */
static void json_key(const char *key, const char *last)
{
	size_t same = 0, start = 0;
	const char *dot;

	if (last) {
		same = shared_depth(key, last, &start);
		put_closing(depth_of(last) - same);
		putchar(',');
	}
	for (key += start; (dot = strchr(key, '.')); key = dot + 1)
		printf("\"%.*s\":{", (int)(dot - key), key);
	printf("\"%s\":", key);
}

static void json_value(const json_t *value)
{
	if (!json_is_array(value) && !json_is_null(value)) {
		put_json(json_is_string(value) ? json_string_value(value) : "--");
		return;
	}
	putchar('[');
	for (size_t i = 0; i < json_array_size(value); i++) {
		if (i)
			putchar(',');
		if (json_is_object(json_array_get(value, i)))
			json_dumpf(json_array_get(value, i), stdout, JSON_COMPACT);
		else
			put_json(text_at(value, i));
	}
	putchar(']');
}

static void json(struct output_item *items, size_t count)
{
	const char *last = NULL;

	sort(items, count, by_key);
	putchar('{');
	for (size_t i = 0; i < count; i++) {
		json_key(items[i].key, last);
		last = items[i].key;
		json_value(items[i].value);
	}
	put_closing(last ? depth_of(last) : 0);
	printf("}\n");
}

/* "none" and "unknown" are no value. */
static const json_t *without_nothing(const json_t *value)
{
	bool array = json_array_size(value) == 1;
	const char *word = json_string_value(array ? json_array_get(value, 0) : value);

	if (!word || (strcmp(word, "none") != 0 && strcmp(word, "unknown") != 0))
		return value;
	return array ? json_null() : NULL;
}

void output_fields(enum output_format format, struct output_item *items, size_t count)
{
	for (size_t i = 0; i < count; i++)
		items[i].value = without_nothing(items[i].value);
	switch (format) {
	case OUTPUT_HUMAN:
		human(items, count);
		break;
	case OUTPUT_KEYVALUE:
		keyvalue(items, count);
		break;
	case OUTPUT_JSON:
		json(items, count);
		break;
	}
	fflush(stdout);
}

static void list_human(const char *title, const json_t *list)
{
	if (json_array_size(list) == 0)
		printf("No %s were found\n", title);
	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *item = json_array_get(list, i);

		printf("%s%s %s\n", text_at(item, 0), text_at(item, 1), text_at(item, 2));
	}
}

static void list_keyvalue(const char *key, const json_t *list)
{
	int width = (int)key_width(key, list);

	/* Stock cuts the key of an empty list to its column, without the ".length". */
	if (json_array_size(list) == 0)
		printf("%s : 0\n", key);
	else
		put_count(width, key, json_array_size(list));
	for (size_t i = 0; i < json_array_size(list); i++) {
		put_index(width, key, i);
		printf("%s\n", text_at(json_array_get(list, i), 1));
	}
}

static void list_json(const char *key, const json_t *list)
{
	printf("{\"%s\":[", key);
	for (size_t i = 0; i < json_array_size(list); i++)
		printf("%s\"%s\"", i ? "," : "", text_at(json_array_get(list, i), 1));
	printf("]}\n");
}

void output_list(enum output_format format, const char *key, const char *title, const json_t *list)
{
	switch (format) {
	case OUTPUT_HUMAN:
		list_human(title, list);
		break;
	case OUTPUT_KEYVALUE:
		list_keyvalue(key, list);
		break;
	case OUTPUT_JSON:
		list_json(key, list);
		break;
	}
	fflush(stdout);
}
