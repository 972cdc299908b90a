/* To JSON: a decoded message as an object under its definition names. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <qmikit/json.h>

static json_t *field_to_json(const struct qk_field *f, const void *at);

/* Add to an object or a list. What cannot be added ends the whole: half a message is no answer. */
static json_t *with_member(json_t *object, const char *name, json_t *value)
{
	if (json_object_set_new(object, name, value) == 0)
		return object;
	json_decref(object);
	return NULL;
}

static json_t *with_item(json_t *list, json_t *value)
{
	if (json_array_append_new(list, value) == 0)
		return list;
	json_decref(list);
	return NULL;
}

static json_t *hex_to_json(const uint8_t *data, size_t size)
{
	static const char digits[] = "0123456789abcdef";
	char *hex = malloc(size * 2 + 1);
	json_t *json;

	if (!hex)
		return NULL;
	for (size_t i = 0; i < size; i++) {
		hex[i * 2] = digits[data[i] >> 4];
		hex[i * 2 + 1] = digits[data[i] & 15];
	}
	json = json_stringn(hex, size * 2);
	free(hex);
	return json;
}

static json_t *string_to_json(struct qk_string s)
{
	json_t *json = json_stringn(s.data ? s.data : "", s.size);

	/* jansson takes UTF-8 only */
	return json ? json
		    : json_pack("{s:o}", "bytes", hex_to_json((const uint8_t *)s.data, s.size));
}

/* JSON integers are signed: what is beyond them is text. */
static json_t *unsigned_to_json(uint64_t number)
{
	char text[24];

	if (number <= INT64_MAX)
		return json_integer((json_int_t)number);
	snprintf(text, sizeof(text), "%" PRIu64, number);
	return json_string(text);
}

static json_t *flags_to_json(const struct qk_values *values, uint64_t bits)
{
	const char *name = qk_next_flag(values, &bits, true);
	json_t *list = json_array();

	for (; name; name = qk_next_flag(values, &bits, false))
		list = with_item(list, json_string(name));
	if (bits)
		list = with_item(list, unsigned_to_json(bits));
	return list;
}

static json_t *number_to_json(const struct qk_field *f, const void *at)
{
	const struct qk_values *values = f->below ? qk_field_values(f) : NULL;
	int64_t number = qk_load_number(f, at);
	const char *name;

	if (f->flags & QK_FIELD_FLAGS)
		return flags_to_json(values, (uint64_t)number);
	name = values ? qk_value_name(values, number) : NULL;
	if (name)
		return json_string(name);
	return f->kind == QK_KIND_INT ? json_integer(number) : unsigned_to_json((uint64_t)number);
}

/* JSON has no infinities: such a float is text. */
static json_t *float_to_json(const struct qk_field *f, const void *at)
{
	double d = 0;
	float narrow;
	char text[32];

	if (f->size == sizeof(narrow)) {
		memcpy(&narrow, at, sizeof(narrow));
		d = (double)narrow;
	} else {
		memcpy(&d, at, sizeof(d));
	}
	if (isfinite(d))
		return json_real(d);
	snprintf(text, sizeof(text), "%g", d);
	return json_string(text);
}

static json_t *struct_to_json(const struct qk_field *f, const void *at)
{
	size_t count;
	const struct qk_field *m = qk_field_members(f, &count);
	json_t *object = json_object();

	for (; count; count--, m++)
		object = with_member(object, qk_field_name(m),
				     field_to_json(m, (const uint8_t *)at + m->offset));
	return object;
}

static json_t *one_to_json(const struct qk_field *f, const void *at)
{
	struct qk_string string;
	struct qk_bytes bytes;

	switch ((enum qk_kind)f->kind) {
	case QK_KIND_UINT:
	case QK_KIND_INT:
		return number_to_json(f, at);
	case QK_KIND_BOOL:
		return json_boolean(qk_load_number(f, at));
	case QK_KIND_FLOAT:
		return float_to_json(f, at);
	case QK_KIND_DIGITS:
		return string_to_json((struct qk_string){ at, strnlen(at, f->fixed) });
	case QK_KIND_STRING:
		memcpy(&string, at, sizeof(string));
		return string_to_json(string);
	case QK_KIND_BYTES:
		memcpy(&bytes, at, sizeof(bytes));
		return hex_to_json(bytes.data, bytes.size);
	case QK_KIND_STRUCT:
		return struct_to_json(f, at);
	}
	return NULL;
}

static json_t *list_to_json(const struct qk_field *f, const void *at)
{
	struct qk_list list;
	json_t *array = json_array();

	memcpy(&list, at, sizeof(list));
	for (size_t i = 0; i < list.count; i++)
		array = with_item(array, one_to_json(f, (const uint8_t *)list.items + i * f->size));
	return array;
}

static json_t *field_to_json(const struct qk_field *f, const void *at)
{
	return f->flags & QK_FIELD_LIST ? list_to_json(f, at) : one_to_json(f, at);
}

static json_t *extras_to_json(const struct qk_extras *extras)
{
	static const char *const kinds[] = { "unknown", "malformed", "duplicate", "trailing" };
	json_t *list = json_array();

	for (size_t i = 0; i < extras->count; i++) {
		const struct qk_extra *e = &extras->items[i];

		list = with_item(list, json_pack("{s:i, s:s, s:o}", "tlv", e->type, "kind",
						 kinds[e->kind], "bytes",
						 hex_to_json(e->value.data, e->value.size)));
	}
	return list;
}

json_t *qk_to_json(const struct qk_message *message, const void *decoded)
{
	json_t *object = json_object();
	struct qk_extras extras;
	bool has;

	for (size_t i = 0; i < message->tlv_count; i++) {
		const struct qk_tlv_def *def = &message->tlvs[i];

		memcpy(&has, (const uint8_t *)decoded + def->has, sizeof(has));
		if (has)
			object = with_member(object, qk_field_name(&def->field),
					     field_to_json(&def->field, (const uint8_t *)decoded +
										def->field.offset));
	}
	memcpy(&extras, decoded, sizeof(extras));
	if (extras.count)
		object = with_member(object, "unknown-tlvs", extras_to_json(&extras));
	return object;
}
