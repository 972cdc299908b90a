/* Api: names and numbers. Tables are short or searched once; the one of bands has 250 rows, in order. */
#include "api/api.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int by_number(const void *key, const void *row)
{
	int64_t number = *(const int64_t *)key;
	const struct api_value *value = row;

	return (number > value->number) - (number < value->number);
}

const char *api_value_name(const struct api_values *values, int64_t number)
{
	const struct api_value *row =
		bsearch(&number, values->rows, values->count, sizeof(*values->rows), by_number);

	return row ? row->name : NULL;
}

bool api_value_number(const struct api_values *values, const char *name, int64_t *ret)
{
	for (size_t i = 0; i < values->count; i++) {
		if (strcmp(values->rows[i].name, name) == 0) {
			*ret = values->rows[i].number;
			return true;
		}
	}
	return false;
}

/* Appends a word behind a comma. Returns the new length, which stays below `size`. */
static size_t add_word(char *buffer, size_t size, size_t used, const char *word)
{
	int length = snprintf(buffer + used, size - used, "%s%s", used ? ", " : "", word);

	if (length < 0 || (size_t)length >= size - used)
		return size - 1;
	return used + (size_t)length;
}

char *api_flags_text(const struct api_values *values, uint64_t flags, char *buffer, size_t size)
{
	const char *whole = api_value_name(values, (int64_t)flags);
	size_t used = 0;

	buffer[0] = 0;
	if (whole) {
		add_word(buffer, size, 0, whole);
		return buffer;
	}
	for (unsigned int bit = 0; bit < 32 && used + 1 < size; bit++) {
		int64_t number = (int64_t)1 << bit;
		const char *name = api_value_name(values, number);
		char hex[24];

		if (!(flags & (uint64_t)number))
			continue;
		snprintf(hex, sizeof(hex), "0x%" PRIx64, number);
		used = add_word(buffer, size, used, name ? name : hex);
	}
	return buffer;
}

const struct api_type *api_dict_type(const struct api_dict *dict, const char *key)
{
	for (size_t i = 0; i < dict->count; i++)
		if (strcmp(dict->keys[i].name, key) == 0)
			return &dict->keys[i].type;
	return NULL;
}
