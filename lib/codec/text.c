/* Text: a message for people who read traces, one line a field. */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include "lib/codec/engine.h"

/* Text that may not fit: `used` counts what it needs. */
struct text {
	char *buffer;
	size_t size, used;
	const char *indent;
	bool personal;
};

static void put_field(struct text *t, const struct qk_field *f, const void *at, int depth);

__attribute__((format(printf, 2, 3))) static void put(struct text *t, const char *format, ...)
{
	size_t left = t->used < t->size ? t->size - t->used : 0;
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(left ? t->buffer + t->used : NULL, left, format, args);
	va_end(args);
	if (n > 0)
		t->used += (size_t)n;
}

static void put_start(struct text *t, int depth)
{
	put(t, "%s%*s", t->indent, depth * 2, "");
}

static void put_hex(struct text *t, const uint8_t *data, size_t size)
{
	for (size_t i = 0; i < size; i++)
		put(t, i ? " %02x" : "%02x", data[i]);
}

static void put_string(struct text *t, struct qk_string s)
{
	put(t, "'");
	for (size_t i = 0; i < s.size; i++) {
		unsigned char c = (unsigned char)s.data[i];

		if (c < 0x20 || c >= 0x7f || c == '\\' || c == '\'')
			put(t, "\\x%02x", c);
		else
			put(t, "%c", c);
	}
	put(t, "'");
}

static void put_flags(struct text *t, const struct qk_values *values, uint64_t bits)
{
	const char *name = qk_next_flag(values, &bits, true);
	bool any = name;

	for (; name; name = qk_next_flag(values, &bits, false))
		put(t, bits ? "%s, " : "%s", name);
	if (bits || !any)
		put(t, "0x%" PRIx64, bits);
}

static void put_number(struct text *t, const struct qk_field *f, const void *at)
{
	int64_t number = qk_load_number(f, at);
	const char *name = NULL, *unit = qk_field_unit(f);

	if (f->flags & QK_FIELD_FLAGS) {
		put_flags(t, qk_values_of(f), (uint64_t)number);
		return;
	}
	if (qk_values_of(f))
		name = qk_value_name(qk_values_of(f), number);
	if (name)
		put(t, "%s (%" PRIi64 ")", name, number);
	else if (f->kind == QK_KIND_INT)
		put(t, "%" PRIi64, number);
	else
		put(t, "%" PRIu64, (uint64_t)number);
	if (unit)
		put(t, unit[0] == '-' || (unit[0] >= '0' && unit[0] <= '9') ? " x %s" : " %s",
		    unit);
}

static void put_float(struct text *t, const struct qk_field *f, const void *at)
{
	const char *unit = qk_field_unit(f);
	double d = 0;
	float narrow;

	if (f->size == sizeof(narrow)) {
		memcpy(&narrow, at, sizeof(narrow));
		d = (double)narrow;
	} else {
		memcpy(&d, at, sizeof(d));
	}
	put(t, "%g%s%s", d, unit ? " " : "", unit ? unit : "");
}

/* One value that is no struct, without the line around it. */
static void put_value(struct text *t, const struct qk_field *f, const void *at)
{
	struct qk_string string;
	struct qk_bytes bytes;

	if ((f->flags & QK_FIELD_PERSONAL) && !t->personal) {
		put(t, "###");
		return;
	}
	switch ((enum qk_kind)f->kind) {
	case QK_KIND_UINT:
	case QK_KIND_INT:
		put_number(t, f, at);
		break;
	case QK_KIND_BOOL:
		put(t, "%s", qk_load_number(f, at) ? "yes" : "no");
		break;
	case QK_KIND_FLOAT:
		put_float(t, f, at);
		break;
	case QK_KIND_DIGITS:
		put_string(t, (struct qk_string){ at, strnlen(at, f->fixed) });
		break;
	case QK_KIND_STRING:
		memcpy(&string, at, sizeof(string));
		put_string(t, string);
		break;
	case QK_KIND_BYTES:
		memcpy(&bytes, at, sizeof(bytes));
		put_hex(t, bytes.data, bytes.size);
		break;
	case QK_KIND_STRUCT:
		break;
	}
}

static void put_struct(struct text *t, const struct qk_field *f, const void *at, int depth)
{
	const struct qk_field *m = qk_members_of(qk_struct_of(f));

	for (size_t count = qk_struct_of(f)->member_count; count; count--, m++)
		put_field(t, m, qk_at_const(at, m->offset), depth);
}

static void put_list(struct text *t, const struct qk_field *f, const void *at, int depth)
{
	struct qk_list list = qk_load_list(at);

	for (size_t i = 0; i < list.count; i++) {
		const void *item = qk_at_const(list.items, i * f->size);

		put_start(t, depth);
		put(t, "[%zu]%s", i, f->kind == QK_KIND_STRUCT ? "" : " ");
		put_value(t, f, item);
		put(t, "\n");
		if (f->kind == QK_KIND_STRUCT)
			put_struct(t, f, item, depth + 1);
	}
}

static void put_field(struct text *t, const struct qk_field *f, const void *at, int depth)
{
	put_start(t, depth);
	put(t, "%s:", qk_name_of(f));
	if (f->flags & QK_FIELD_LIST) {
		put(t, " %zu\n", qk_load_list(at).count);
		put_list(t, f, at, depth + 1);
	} else if (f->kind == QK_KIND_STRUCT) {
		put(t, "\n");
		put_struct(t, f, at, depth + 1);
	} else {
		put(t, " ");
		put_value(t, f, at);
		put(t, "\n");
	}
}

static void put_extras(struct text *t, const void *decoded)
{
	static const char *const kinds[] = { "unknown", "malformed", "duplicate", "rest of" };
	struct qk_extras extras = qk_load_extras(decoded);

	for (size_t i = 0; i < extras.count; i++) {
		const struct qk_extra *e = &extras.items[i];

		put_start(t, 0);
		put(t, "%s TLV 0x%02x (%zu bytes): ", kinds[e->kind], e->type, e->value.size);
		/* An unknown TLV may hold what identifies a person. */
		if (t->personal)
			put_hex(t, e->value.data, e->value.size);
		else
			put(t, "###");
		put(t, "\n");
	}
}

size_t qk_text(const struct qk_message *message, const void *decoded, const char *indent,
	       bool personal, char *buffer, size_t size)
{
	struct text t = { .buffer = buffer, .size = size, .indent = indent, .personal = personal };

	if (size)
		buffer[0] = 0;
	for (size_t i = 0; i < message->tlv_count; i++) {
		const struct qk_tlv_def *def = &message->tlvs[i];

		if (qk_has(def, decoded))
			put_field(&t, &def->field, qk_at_const(decoded, def->field.offset), 0);
	}
	put_extras(&t, decoded);
	return t.used;
}
