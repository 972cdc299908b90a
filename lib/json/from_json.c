/* From JSON: an object to a message struct. Says which member is wrong and why. */
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <qmikit/json.h>

struct reader {
	struct qk_arena *arena;
	char *error;
	size_t error_size;
};

static int read_field(struct reader *r, const struct qk_field *f, const json_t *json, void *at);

static int refuse(struct reader *r, const char *member, const char *expected)
{
	if (r->error_size)
		snprintf(r->error, r->error_size, "'%s': %s", member, expected);
	return -EINVAL;
}

/* The number of a text: a name of the field's values, or digits. */
static bool number_from_text(const struct qk_field *f, const char *text, int64_t *ret)
{
	const struct qk_values *values = qk_field_values(f);
	bool is_signed = f->kind == QK_KIND_INT;
	char *end;

	if (values && qk_value_by_name(values, text, ret))
		return true;
	if (!isdigit((unsigned char)text[is_signed && text[0] == '-']))
		return false;
	errno = 0;
	*ret = is_signed ? strtoll(text, &end, 10) : (int64_t)strtoull(text, &end, 10);
	return !*end && !errno;
}

static bool number_from_json(const struct qk_field *f, const json_t *json, int64_t *ret)
{
	if (json_is_integer(json)) {
		*ret = json_integer_value(json);
		return f->kind == QK_KIND_INT || *ret >= 0;
	}
	return json_is_string(json) && number_from_text(f, json_string_value(json), ret);
}

static bool fits(const struct qk_field *f, int64_t number)
{
	unsigned int bits = f->width * 8u;

	if (bits >= 64)
		return true;
	if (f->kind == QK_KIND_INT)
		return number >= -(INT64_C(1) << (bits - 1)) && number < INT64_C(1) << (bits - 1);
	return number >= 0 && number < INT64_C(1) << bits;
}

static int read_number(struct reader *r, const struct qk_field *f, const json_t *json, void *at)
{
	int64_t number = 0, one;
	const json_t *item;
	size_t i;

	if ((f->flags & QK_FIELD_FLAGS) && json_is_array(json)) {
		json_array_foreach((json_t *)json, i, item)
		{
			if (!number_from_json(f, item, &one))
				return refuse(r, qk_field_name(f), "expected names of flags");
			number |= one;
		}
	} else if (!number_from_json(f, json, &number)) {
		return refuse(r, qk_field_name(f),
			      qk_field_values(f) ? "expected one of its names, or a number"
						 : "expected a number");
	}
	if (!fits(f, number))
		return refuse(r, qk_field_name(f), "the number does not fit");
	qk_store_number(f, at, number);
	return 0;
}

static int read_float(struct reader *r, const struct qk_field *f, const json_t *json, void *at)
{
	const char *text = json_string_value(json);
	double d = json_number_value(json);
	float narrow;
	char *end;

	if (text) {
		d = strtod(text, &end);
		if (end == text || *end)
			return refuse(r, qk_field_name(f), "expected a number");
	} else if (!json_is_number(json)) {
		return refuse(r, qk_field_name(f), "expected a number");
	}
	narrow = (float)d;
	if (f->size == sizeof(narrow))
		memcpy(at, &narrow, sizeof(narrow));
	else
		memcpy(at, &d, sizeof(d));
	return 0;
}

static int hex_digit(char c)
{
	static const char digits[] = "0123456789abcdef";
	const char *at = c ? strchr(digits, c) : NULL;

	return at ? (int)(at - digits) : -1;
}

/* A hex string as bytes in the arena. */
static int read_hex(struct reader *r, const char *member, const json_t *json, struct qk_bytes *ret)
{
	const char *text = json_string_value(json);
	size_t size = json_string_length(json) / 2;
	uint8_t *bytes;

	if (!text || json_string_length(json) % 2)
		return refuse(r, member, "expected pairs of lower-case hex digits");
	bytes = qk_arena_take(r->arena, size + 1);
	if (!bytes)
		return -ENOBUFS;
	for (size_t i = 0; i < size; i++) {
		int high = hex_digit(text[i * 2]), low = hex_digit(text[i * 2 + 1]);

		if (high < 0 || low < 0)
			return refuse(r, member, "expected pairs of lower-case hex digits");
		bytes[i] = (uint8_t)(high << 4 | low);
	}
	*ret = (struct qk_bytes){ bytes, size };
	return 0;
}

static int read_string(struct reader *r, const struct qk_field *f, const json_t *json, void *at)
{
	struct qk_string string;
	struct qk_bytes bytes;
	size_t size = json_string_length(json);
	char *copy;
	int e;

	if (json_is_object(json)) {
		e = read_hex(r, qk_field_name(f), json_object_get(json, "bytes"), &bytes);
		if (e < 0)
			return e;
		string = (struct qk_string){ (const char *)bytes.data, bytes.size };
	} else if (json_is_string(json)) {
		copy = qk_arena_take(r->arena, size + 1);
		if (!copy)
			return -ENOBUFS;
		memcpy(copy, json_string_value(json), size);
		string = (struct qk_string){ copy, size };
	} else {
		return refuse(r, qk_field_name(f), "expected text");
	}
	memcpy(at, &string, sizeof(string));
	return 0;
}

static int read_digits(struct reader *r, const struct qk_field *f, const json_t *json, char *at)
{
	struct qk_string string;
	int e = read_string(r, f, json, &string);

	if (e < 0)
		return e;
	if (string.size > f->fixed)
		return refuse(r, qk_field_name(f), "too many digits");
	memset(at, 0, f->size);
	memcpy(at, string.data, string.size);
	return 0;
}

static int read_struct(struct reader *r, const struct qk_field *f, const json_t *json, void *at)
{
	size_t count;
	const struct qk_field *m = qk_field_members(f, &count);
	const json_t *member;
	int e;

	if (!json_is_object(json) || json_object_size(json) != count)
		return refuse(r, qk_field_name(f),
			      "expected an object with just the fields of its type");
	for (; count; count--, m++) {
		member = json_object_get(json, qk_field_name(m));
		if (!member)
			return refuse(r, qk_field_name(m), "is missing");
		e = read_field(r, m, member, (uint8_t *)at + m->offset);
		if (e < 0)
			return e;
	}
	return 0;
}

static int read_one(struct reader *r, const struct qk_field *f, const json_t *json, void *at)
{
	struct qk_bytes bytes;
	int e;

	switch ((enum qk_kind)f->kind) {
	case QK_KIND_UINT:
	case QK_KIND_INT:
		return read_number(r, f, json, at);
	case QK_KIND_BOOL:
		if (!json_is_boolean(json))
			return refuse(r, qk_field_name(f), "expected true or false");
		qk_store_number(f, at, json_is_true(json));
		return 0;
	case QK_KIND_FLOAT:
		return read_float(r, f, json, at);
	case QK_KIND_DIGITS:
		return read_digits(r, f, json, at);
	case QK_KIND_STRING:
		return read_string(r, f, json, at);
	case QK_KIND_BYTES:
		e = read_hex(r, qk_field_name(f), json, &bytes);
		if (e == 0)
			memcpy(at, &bytes, sizeof(bytes));
		return e;
	case QK_KIND_STRUCT:
		return read_struct(r, f, json, at);
	}
	return -EINVAL;
}

static int read_list(struct reader *r, const struct qk_field *f, const json_t *json, void *at)
{
	struct qk_list list = { .count = json_array_size(json) };
	int e;

	if (!json_is_array(json))
		return refuse(r, qk_field_name(f), "expected a list");
	list.items = qk_arena_take(r->arena, list.count * f->size);
	if (!list.items)
		return -ENOBUFS;
	for (size_t i = 0; i < list.count; i++) {
		e = read_one(r, f, json_array_get(json, i), (uint8_t *)list.items + i * f->size);
		if (e < 0)
			return e;
	}
	memcpy(at, &list, sizeof(list));
	return 0;
}

static int read_field(struct reader *r, const struct qk_field *f, const json_t *json, void *at)
{
	return f->flags & QK_FIELD_LIST ? read_list(r, f, json, at) : read_one(r, f, json, at);
}

/* Without a kind it is an unknown TLV; the other kinds are kept, and are not sent again. */
static int read_kind(struct reader *r, const json_t *json, enum qk_extra_kind *ret)
{
	static const char *const kinds[] = { "unknown", "malformed", "duplicate", "trailing" };
	const char *text = json ? json_string_value(json) : kinds[QK_EXTRA_UNKNOWN];

	for (unsigned int i = 0; text && i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (!strcmp(kinds[i], text)) {
			*ret = (enum qk_extra_kind)i;
			return 0;
		}
	}
	return refuse(r, "kind", "expected unknown, malformed, duplicate or trailing");
}

static int read_extra(struct reader *r, const json_t *json, struct qk_extra *ret)
{
	const json_t *number = json_object_get(json, "tlv");
	json_int_t type = json_integer_value(number);
	int e;

	if (!json_is_integer(number) || type < 0 || type > UINT8_MAX)
		return refuse(r, "tlv", "expected a number below 256");
	*ret = (struct qk_extra){ .type = (uint8_t)type };
	e = read_kind(r, json_object_get(json, "kind"), &ret->kind);
	if (e < 0)
		return e;
	return read_hex(r, "bytes", json_object_get(json, "bytes"), &ret->value);
}

static int read_extras(struct reader *r, const json_t *json, void *message)
{
	struct qk_extras extras = { .count = json_array_size(json) };
	struct qk_extra *items;
	int e;

	if (!json_is_array(json))
		return refuse(r, "unknown-tlvs", "expected a list");
	items = qk_arena_take(r->arena, extras.count * sizeof(*items));
	if (!items)
		return -ENOBUFS;
	for (size_t i = 0; i < extras.count; i++) {
		e = read_extra(r, json_array_get(json, i), &items[i]);
		if (e < 0)
			return e;
	}
	extras.items = items;
	memcpy(message, &extras, sizeof(extras));
	return 0;
}

static int read_tlv(struct reader *r, const struct qk_message *message, const char *key,
		    const json_t *json, void *ret)
{
	const struct qk_tlv_def *def = qk_tlv_by_name(message, key);
	const bool yes = true;
	int e;

	if (!def)
		return strcmp(key, "unknown-tlvs") ? refuse(r, key, "no such TLV")
						   : read_extras(r, json, ret);
	e = read_field(r, &def->field, json, (uint8_t *)ret + def->field.offset);
	if (e == 0)
		memcpy((uint8_t *)ret + def->has, &yes, sizeof(yes));
	return e;
}

int qk_from_json(const struct qk_message *message, const json_t *object, struct qk_arena *arena,
		 void *ret, char *error, size_t error_size)
{
	struct reader r = { .arena = arena, .error = error, .error_size = error_size };
	const char *key;
	json_t *value;
	int e;

	memset(ret, 0, message->size);
	if (!json_is_object(object))
		return refuse(&r, qk_message_name(message), "expected an object");
	json_object_foreach((json_t *)object, key, value)
	{
		e = read_tlv(&r, message, key, value, ret);
		if (e < 0)
			return e;
	}
	return 0;
}
