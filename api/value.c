/*
 * Value: one walk over a signature in each direction.
 *
 * Signatures come from the tables or, when reading what some stranger sent, from the message, which sd-bus has
 * checked. Nesting is bounded by D-Bus itself (32 arrays and 32 structs).
 */
#include "api/value.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What goes along with a walk. */
struct walk {
	sd_bus_message *message;
	const struct api_dict *dict; /* of the a{sv} ahead; or NULL */
	struct api_trouble *trouble;
};

__attribute__((format(printf, 2, 3))) static int refuse(const struct walk *w, const char *format,
							...)
{
	va_list args;

	va_start(args, format);
	if (w->trouble)
		vsnprintf(w->trouble->text, sizeof(w->trouble->text), format, args);
	va_end(args);
	return -EINVAL;
}

/* Reading. */

static int read_value(const struct walk *w, json_t **ret);

/* A value of a basic type. */
static json_t *basic_json(char type, const void *value)
{
	switch (type) {
	case 'y':
		return json_integer(*(const uint8_t *)value);
	case 'b':
		return json_boolean(*(const int *)value);
	case 'n':
		return json_integer(*(const int16_t *)value);
	case 'q':
		return json_integer(*(const uint16_t *)value);
	case 'i':
		return json_integer(*(const int32_t *)value);
	case 'u':
		return json_integer(*(const uint32_t *)value);
	case 'x':
		return json_integer(*(const int64_t *)value);
	case 't':
		return json_integer((json_int_t) * (const uint64_t *)value);
	case 'd':
		return json_real(*(const double *)value);
	case 's':
	case 'o':
	case 'g':
		return json_string_nocheck(*(const char *const *)value); /* sd-bus has checked it */
	default:
		return NULL;
	}
}

static int read_basic(const struct walk *w, char type, json_t **ret)
{
	union {
		uint64_t number;
		double real;
		const char *text;
	} value = { 0 };
	int r = sd_bus_message_read_basic(w->message, type, &value);

	if (r <= 0)
		return r < 0 ? r : -EBADMSG;
	*ret = basic_json(type, &value);
	/* JSON has no infinity and no NaN; nothing on these interfaces means one. */
	if (!*ret)
		return refuse(w, "a value of type %c that is none", type);
	return 0;
}

/* [SIGNATURE, VALUE] */
static int read_variant(const struct walk *w, json_t **ret)
{
	const char *contents;
	json_t *value = NULL;
	char type;
	int r = sd_bus_message_peek_type(w->message, &type, &contents);

	if (r > 0)
		r = sd_bus_message_enter_container(w->message, 'v', contents);
	if (r <= 0)
		return r < 0 ? r : -EBADMSG;
	r = read_value(w, &value);
	if (r == 0) {
		*ret = json_pack("[s, o]", contents, value);
		r = *ret ? sd_bus_message_exit_container(w->message) : -ENOMEM;
	}
	return r < 0 ? r : 0;
}

/* The variant behind the key of an a{sv}, as its bare value. */
static int read_keyed(const struct walk *w, const char *key, json_t **ret)
{
	const struct api_type *wanted = w->dict ? api_dict_type(w->dict, key) : NULL;
	const char *contents;
	struct walk inner = *w;
	char type;
	int r = sd_bus_message_peek_type(w->message, &type, &contents);

	if (r <= 0)
		return r < 0 ? r : -EBADMSG;
	if (w->dict && !wanted)
		return refuse(w, "there is no '%.60s' among %s", key, w->dict->name);
	if (wanted && strcmp(wanted->signature, contents) != 0)
		return refuse(w, "'%.60s' is of type %s, not %.20s", key, wanted->signature,
			      contents);
	inner.dict = wanted ? wanted->dict : NULL;
	r = sd_bus_message_enter_container(w->message, 'v', contents);
	if (r > 0)
		r = read_value(&inner, ret);
	if (r == 0)
		r = sd_bus_message_exit_container(w->message);
	return r < 0 ? r : 0;
}

/* The key of a dictionary as text: the message's own, or in `room`. */
static int read_key(const struct walk *w, char type, char room[32], const char **ret)
{
	json_t *key = NULL;
	int r;

	if (strchr("sog", type)) {
		r = sd_bus_message_read_basic(w->message, type, ret);
		return r == 0 ? -EBADMSG : r < 0 ? r : 0;
	}
	r = read_basic(w, type, &key);
	if (r < 0)
		return r;
	snprintf(room, 32, "%" JSON_INTEGER_FORMAT, json_integer_value(key));
	json_decref(key);
	*ret = room;
	return 0;
}

/* One {key, value} of which `contents` are the types. */
static int read_entry(const struct walk *w, const char *contents, json_t *object)
{
	json_t *value = NULL;
	const char *key;
	char room[32];
	int r = sd_bus_message_enter_container(w->message, 'e', contents);

	if (r < 0)
		return r;
	r = read_key(w, contents[0], room, &key);
	if (r < 0)
		return r;
	r = strcmp(contents, "sv") == 0 ? read_keyed(w, key, &value) : read_value(w, &value);
	if (r < 0) {
		json_decref(value);
		return r;
	}
	if (json_object_set_new_nocheck(object, key, value) < 0)
		return -ENOMEM;
	return sd_bus_message_exit_container(w->message);
}

static int read_items(const struct walk *w, const char *contents, json_t *into)
{
	bool entries = contents[0] == '{';
	char types[256] = "";
	size_t length = strlen(contents);
	int r;

	if (entries && length < sizeof(types) + 2 && length > 2) {
		memcpy(types, contents + 1, length - 2);
		types[length - 2] = 0;
	}
	while ((r = sd_bus_message_at_end(w->message, 0)) == 0) {
		json_t *item = NULL;

		r = entries ? read_entry(w, types, into) : read_value(w, &item);
		if (r < 0) {
			json_decref(item);
			return r;
		}
		if (!entries && json_array_append_new(into, item) < 0)
			return -ENOMEM;
	}
	return r < 0 ? r : 0;
}

/* An array, a dictionary or a struct. */
static int read_container(const struct walk *w, char type, const char *contents, json_t **ret)
{
	json_t *into = type == 'a' && contents[0] == '{' ? json_object() : json_array();
	int r = sd_bus_message_enter_container(w->message, type, contents);

	if (!into)
		return -ENOMEM;
	if (r > 0)
		r = read_items(w, contents, into);
	else if (r == 0)
		r = -EBADMSG;
	if (r >= 0)
		r = sd_bus_message_exit_container(w->message);
	if (r < 0) {
		json_decref(into);
		return r;
	}
	*ret = into;
	return 0;
}

static int read_value(const struct walk *w, json_t **ret)
{
	const char *contents;
	char type;
	int r = sd_bus_message_peek_type(w->message, &type, &contents);

	if (r <= 0)
		return r < 0 ? r : -EBADMSG;
	if (type == 'v')
		return read_variant(w, ret);
	if (type == 'a' || type == 'r')
		return read_container(w, type, contents, ret);
	return read_basic(w, type, ret);
}

int api_read(sd_bus_message *message, const struct api_type *type, json_t **ret,
	     struct api_trouble *trouble)
{
	struct walk w = { .message = message,
			  .dict = type ? type->dict : NULL,
			  .trouble = trouble };
	json_t *value = NULL;
	int r = read_value(&w, &value);

	if (r < 0) {
		json_decref(value);
		return r;
	}
	*ret = value;
	return 0;
}

/* Writing. */

static int write_value(const struct walk *w, const char **signature, const json_t *value);

/* Where the complete type at `signature` ends; it comes from a table, or was checked. */
static const char *type_end(const char *signature)
{
	unsigned int depth = 0;

	while (*signature == 'a')
		signature++;
	do {
		depth += *signature == '(' || *signature == '{';
		depth -= *signature == ')' || *signature == '}';
		if (*signature)
			signature++;
	} while (depth > 0 && *signature);
	return signature;
}

/* What an integer type can hold. */
static const struct range {
	char type;
	json_int_t low, high;
} ranges[] = {
	{ 'y', 0, UINT8_MAX },         { 'n', INT16_MIN, INT16_MAX }, { 'q', 0, UINT16_MAX },
	{ 'i', INT32_MIN, INT32_MAX }, { 'u', 0, UINT32_MAX },        { 'x', INT64_MIN, INT64_MAX },
	{ 't', INT64_MIN, INT64_MAX },
};

static int write_integer(const struct walk *w, const struct range *range, const json_t *value)
{
	json_int_t number = json_integer_value(value);
	/* Little or big endian, sd-bus reads as many bytes as the type has from the start. */
	union {
		uint8_t y;
		int16_t n;
		uint16_t q;
		int32_t i;
		uint32_t u;
		json_int_t x;
	} raw;

	if (!json_is_integer(value) || number < range->low || number > range->high)
		return refuse(w, "a value that does not fit type %c", range->type);
	raw.x = number;
	if (range->type == 'y')
		raw.y = (uint8_t)number;
	else if (range->type == 'n' || range->type == 'q')
		raw.q = (uint16_t)number;
	else if (range->type == 'i' || range->type == 'u')
		raw.u = (uint32_t)number;
	return sd_bus_message_append_basic(w->message, range->type, &raw);
}

static int write_basic(const struct walk *w, char type, const json_t *value)
{
	for (size_t i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++)
		if (ranges[i].type == type)
			return write_integer(w, &ranges[i], value);
	if (type == 'b' && json_is_boolean(value)) {
		int truth = json_is_true(value);

		return sd_bus_message_append_basic(w->message, type, &truth);
	}
	if (type == 'd' && json_is_number(value)) {
		double real = json_number_value(value);

		return sd_bus_message_append_basic(w->message, type, &real);
	}
	if ((type == 's' || type == 'o' || type == 'g') && json_is_string(value))
		return sd_bus_message_append_basic(w->message, type, json_string_value(value));
	return refuse(w, "a value that does not fit type %c", type);
}

static int write_in_variant(const struct walk *w, const char *signature, const json_t *value)
{
	const char *rest = signature;
	int r = sd_bus_message_open_container(w->message, 'v', signature);

	if (r >= 0)
		r = write_value(w, &rest, value);
	return r < 0 ? r : sd_bus_message_close_container(w->message);
}

static int write_keyed(const struct walk *w, const char *key, const json_t *value)
{
	const struct api_type *type = w->dict ? api_dict_type(w->dict, key) : NULL;
	struct walk inner = *w;

	if (!type)
		return refuse(w, "there is no '%.60s' among %s", key,
			      w->dict ? w->dict->name : "these");
	inner.dict = type->dict;
	return write_in_variant(&inner, type->signature, value);
}

static int write_key(const struct walk *w, char type, const char *key)
{
	uint32_t number;
	char *end;

	if (type == 's')
		return sd_bus_message_append_basic(w->message, type, key);
	errno = 0;
	number = (uint32_t)strtoul(key, &end, 10);
	if (type != 'u' || *end || end == key || errno)
		return refuse(w, "a key that is no number: '%.60s'", key);
	return sd_bus_message_append_basic(w->message, type, &number);
}

/* The entries of a dictionary whose entries are of `types`, such as sv. */
static int write_entries(const struct walk *w, const char *types, const json_t *value)
{
	const char *key;
	json_t *item;
	int r = 0;

	if (!json_is_object(value))
		return refuse(w, "not a dictionary");
	json_object_foreach((json_t *)value, key, item)
	{
		const char *rest = types + 1;

		r = sd_bus_message_open_container(w->message, 'e', types);
		if (r >= 0)
			r = write_key(w, types[0], key);
		if (r >= 0)
			r = strcmp(types, "sv") == 0 ? write_keyed(w, key, item)
						     : write_value(w, &rest, item);
		if (r >= 0)
			r = sd_bus_message_close_container(w->message);
		if (r < 0)
			return r;
	}
	return 0;
}

static int write_array(const struct walk *w, const char *contents, const json_t *value)
{
	char types[256];
	size_t length = strlen(contents);
	size_t i;
	json_t *item;
	int r = sd_bus_message_open_container(w->message, 'a', contents);

	if (r < 0)
		return r;
	if (contents[0] == '{') {
		memcpy(types, contents + 1, length - 2);
		types[length - 2] = 0;
		r = write_entries(w, types, value);
	} else if (!json_is_array(value)) {
		r = refuse(w, "not an array");
	} else {
		json_array_foreach(value, i, item)
		{
			const char *rest = contents;

			r = write_value(w, &rest, item);
			if (r < 0)
				return r;
		}
	}
	return r < 0 ? r : sd_bus_message_close_container(w->message);
}

static int write_struct(const struct walk *w, const char *contents, const json_t *value)
{
	const char *rest = contents;
	size_t i;
	json_t *item;
	int r = sd_bus_message_open_container(w->message, 'r', contents);

	if (r < 0)
		return r;
	if (!json_is_array(value))
		return refuse(w, "not a struct");
	json_array_foreach(value, i, item)
	{
		r = *rest ? write_value(w, &rest, item) : -EINVAL;
		if (r < 0)
			return r;
	}
	if (*rest)
		return refuse(w, "a struct that lacks members");
	return sd_bus_message_close_container(w->message);
}

static int write_variant(const struct walk *w, const json_t *value)
{
	const char *signature = json_string_value(json_array_get(value, 0));

	if (!signature || json_array_size(value) != 2 || *type_end(signature) != 0 ||
	    strlen(signature) > 255)
		return refuse(w, "not a variant");
	return write_in_variant(w, signature, json_array_get(value, 1));
}

/* Writes a value of the complete type at `*signature` and moves behind it. */
static int write_value(const struct walk *w, const char **signature, const json_t *value)
{
	const char *start = *signature, *end = type_end(start);
	size_t length = (size_t)(end - start);
	char contents[256];

	*signature = end;
	if (!value || length == 0 || length >= sizeof(contents))
		return refuse(w, "nothing where a value was expected");
	if (start[0] == 'v')
		return write_variant(w, value);
	if (start[0] != 'a' && start[0] != '(')
		return write_basic(w, start[0], value);
	memcpy(contents, start + 1, length - 1);
	contents[length - 1] = 0;
	if (start[0] == 'a')
		return write_array(w, contents, value);
	contents[length - 2] = 0; /* the closing bracket */
	return write_struct(w, contents, value);
}

int api_write(sd_bus_message *message, const struct api_type *type, const json_t *value,
	      struct api_trouble *trouble)
{
	const char *signature = type->signature;
	struct walk w = { .message = message, .dict = type->dict, .trouble = trouble };
	int r = write_value(&w, &signature, value);

	return r < 0 ? r : 0;
}
