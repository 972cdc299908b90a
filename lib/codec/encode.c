/* Encode: a struct to TLVs. What does not fit its wire form is -EINVAL, never cut. */
#include "lib/codec/engine.h"

static int encode_field(const struct qk_field *f, const void *at, struct qk_writer *w);

static inline int encode_number(const struct qk_field *f, const void *at, struct qk_writer *w)
{
	uint64_t value = qk_load(at, f->size);

	if (f->kind == QK_KIND_UINT && f->width < f->size && value >> (8 * f->width))
		return -EINVAL;
	write_uint(w, value, f->width, f->flags & QK_FIELD_BIG_ENDIAN);
	return 0;
}

/* Writes the count or length of a field and says whether it may be this large. */
static int encode_count(const struct qk_field *f, size_t count, struct qk_writer *w)
{
	if (f->fixed && count != f->fixed)
		return -EINVAL;
	if (f->max && count > f->max)
		return -EINVAL;
	if (f->prefix && f->prefix < sizeof(count) && count >> (8 * f->prefix))
		return -EINVAL;
	if (f->prefix)
		write_uint(w, count, f->prefix, false);
	return 0;
}

/* Digits, filled up to `size` bytes. */
static inline void put_digits(uint8_t *to, const char *digits, size_t size)
{
	size_t used = strnlen(digits, size);

	memcpy(to, digits, used);
	memset(to + used, 0xff, size - used);
}

static int encode_digits(const struct qk_field *f, const char *at, struct qk_writer *w)
{
	uint8_t *to = writer_take(w, f->fixed);

	if (to)
		put_digits(to, at, f->fixed);
	return 0;
}

static int encode_bytes(const struct qk_field *f, const void *at, struct qk_writer *w)
{
	struct qk_bytes bytes;
	struct qk_string string;
	int r;

	if (f->kind == QK_KIND_STRING) {
		memcpy(&string, at, sizeof(string));
		bytes = (struct qk_bytes){ (const uint8_t *)string.data, string.size };
	} else {
		memcpy(&bytes, at, sizeof(bytes));
	}
	if (bytes.size && !bytes.data)
		return -EINVAL;
	r = encode_count(f, bytes.size, w);
	if (r == 0)
		write_bytes(w, bytes.data, bytes.size);
	return r;
}

static inline void put_number(uint8_t *to, const void *from, size_t size)
{
	if (size == 2)
		store_u16(to, (uint16_t)qk_load(from, 2));
	else if (size == 4)
		store_u32(to, (uint32_t)qk_load(from, 4));
	else
		store_u64(to, qk_load(from, 8));
}

/* The reverse of copy_steps(). Nothing in such a struct can fail to fit. */
static inline void put_steps(const struct qk_struct *s, const void *base, uint8_t *to)
{
	const struct qk_step *step = qk_steps_of(s), *end = step + s->step_count;

	for (; step < end; to += step->size, step++) {
		const void *from = qk_at_const(base, step->offset);

		switch ((enum qk_step_kind)step->kind) {
		case QK_STEP_BYTES:
			copy_short(to, from, step->size);
			break;
		case QK_STEP_NUMBER:
			put_number(to, from, step->size);
			break;
		case QK_STEP_DIGITS:
			put_digits(to, from, step->size);
			break;
		}
	}
}

static inline int encode_steps(const struct qk_struct *s, const void *at, struct qk_writer *w)
{
	uint8_t *to = writer_take(w, s->wire_size);

	if (to)
		put_steps(s, at, to);
	return 0;
}

static int encode_struct(const struct qk_struct *s, const void *at, struct qk_writer *w)
{
	const struct qk_field *members = qk_members_of(s);
	int r = 0;

	if (s->step_count)
		return encode_steps(s, at, w);
	for (size_t i = 0; i < s->member_count && r == 0; i++)
		r = encode_field(&members[i], qk_at_const(at, members[i].offset), w);
	return r;
}

static int encode_one(const struct qk_field *f, const void *at, struct qk_writer *w)
{
	switch ((enum qk_kind)f->kind) {
	case QK_KIND_UINT:
	case QK_KIND_INT:
	case QK_KIND_BOOL:
	case QK_KIND_FLOAT:
		return encode_number(f, at, w);
	case QK_KIND_DIGITS:
		return encode_digits(f, at, w);
	case QK_KIND_STRING:
	case QK_KIND_BYTES:
		return encode_bytes(f, at, w);
	case QK_KIND_STRUCT:
		return encode_struct(qk_struct_of(f), at, w);
	}
	return -EINVAL;
}

static int encode_list(const struct qk_field *f, const void *at, struct qk_writer *w)
{
	struct qk_list list = qk_load_list(at);
	int r;

	if (list.count && !list.items)
		return -EINVAL;
	r = encode_count(f, list.count, w);
	for (size_t i = 0; i < list.count && r == 0 && !w->error; i++)
		r = encode_one(f, qk_at_const(list.items, i * f->size), w);
	return r;
}

static int encode_field(const struct qk_field *f, const void *at, struct qk_writer *w)
{
	return f->flags & QK_FIELD_LIST ? encode_list(f, at, w) : encode_one(f, at, w);
}

/* The value of a TLV. Most are a struct of numbers: that is the short way. */
static inline int encode_value(const struct qk_field *f, const void *at, struct qk_writer *w)
{
	bool single = f->kind == QK_KIND_STRUCT && !(f->flags & QK_FIELD_LIST);

	if (single && qk_struct_of(f)->step_count)
		return encode_steps(qk_struct_of(f), at, w);
	return encode_field(f, at, w);
}

static inline int encode_tlv(const struct qk_tlv_def *def, const void *value, struct qk_writer *w)
{
	size_t mark = write_tlv_begin(w, def->type);
	int r = encode_value(&def->field, qk_at_const(value, def->field.offset), w);

	write_tlv_end(w, mark);
	return r;
}

/* TLVs that the definition does not know pass through. */
static void encode_extras(const void *value, struct qk_writer *w)
{
	struct qk_extras extras = qk_load_extras(value);
	size_t mark;

	for (size_t i = 0; i < extras.count; i++) {
		if (extras.items[i].kind != QK_EXTRA_UNKNOWN)
			continue;
		mark = write_tlv_begin(w, extras.items[i].type);
		write_bytes(w, extras.items[i].value.data, extras.items[i].value.size);
		write_tlv_end(w, mark);
	}
}

int qk_encode(const struct qk_message *message, const void *value, struct qk_writer *writer)
{
	const struct qk_tlv_def *def = message->tlvs, *end = def + message->tlv_count;
	int r;

	for (; def < end; def++) {
		if (!qk_has(def, value))
			continue;
		r = encode_tlv(def, value, writer);
		if (r < 0)
			return r;
	}
	encode_extras(value, writer);
	return writer->error;
}
