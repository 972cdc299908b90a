/*
 * Decode: TLVs to a struct. Every length is checked against what is left before it is used; what
 * the definition cannot place goes to extras and the rest of the message stands.
 */
#include "lib/codec/engine.h"

struct decoder {
	struct qk_arena *arena;
	struct qk_extra *extras; /* made when the first one comes, with room for all that may */
	size_t extras_count;
	const uint8_t *end; /* of all TLVs */
};

static int decode_field(struct decoder *d, const struct qk_field *f, struct qk_cursor *c, void *at);

static inline void decode_number(const struct qk_field *f, struct qk_cursor *c, void *at)
{
	uint64_t value = cursor_uint(c, f->width, f->flags & QK_FIELD_BIG_ENDIAN);

	if (f->kind == QK_KIND_BOOL)
		value = !!value;
	qk_store(at, f->size, value);
}

/* `size` digits, without what fills them up. */
static inline void copy_digits(char *to, const uint8_t *from, size_t size)
{
	while (size && from[size - 1] == 0xff)
		size--;
	copy_short((uint8_t *)to, from, size);
}

/* The bytes of a text or byte field: fixed, counted, or all that is left. */
static struct qk_span take_sized(const struct qk_field *f, struct qk_cursor *c)
{
	size_t size = f->fixed;
	struct qk_span bytes;

	if (f->prefix)
		size = (size_t)cursor_uint(c, f->prefix, false);
	else if (!f->fixed)
		size = cursor_left(c);
	/* Modems send more than the longest value; what is behind the last field of a TLV shows up
	 * as trailing, the rest of a counted text is skipped. */
	if (!f->prefix && f->max && size > f->max)
		size = f->max;
	bytes = cursor_take(c, size);
	if (f->max && bytes.size > f->max)
		bytes.size = f->max;
	return bytes;
}

static inline int decode_bytes(struct decoder *d, const struct qk_field *f, struct qk_cursor *c,
			       void *at)
{
	struct qk_span from = take_sized(f, c);
	uint8_t *copy = qk_arena_take_bytes(d->arena, from.size + 1);
	struct qk_bytes bytes = { .data = copy, .size = from.size };
	struct qk_string string = { .data = (const char *)copy, .size = from.size };

	if (!copy)
		return -ENOBUFS;
	copy_short(copy, from.data, from.size);
	copy[from.size] = 0;
	if (f->kind == QK_KIND_STRING)
		memcpy(at, &string, sizeof(string));
	else
		memcpy(at, &bytes, sizeof(bytes));
	return 0;
}

/* One-byte fields that stand in a row; any byte but 0 is true. */
static inline void copy_row(uint8_t *to, const uint8_t *from, const struct qk_step *step)
{
	uint32_t bools = step->bools;

	for (size_t i = 0; i < step->size; i++, bools >>= 1)
		to[i] = bools & 1 ? from[i] != 0 : from[i];
}

static inline void copy_number(void *to, const uint8_t *from, size_t size)
{
	if (size == 2)
		qk_store(to, 2, load_u16(from));
	else if (size == 4)
		qk_store(to, 4, load_u32(from));
	else
		qk_store(to, 8, load_u64(from));
}

/* A struct whose size on the wire is known: the caller checked it once, codegen has added it up. */
static inline void copy_steps(const struct qk_struct *s, const uint8_t *from, void *base)
{
	const struct qk_step *step = qk_steps_of(s), *end = step + s->step_count;

	for (; step < end; from += step->size, step++) {
		void *to = qk_at(base, step->offset);

		switch ((enum qk_step_kind)step->kind) {
		case QK_STEP_BYTES:
			copy_row(to, from, step);
			break;
		case QK_STEP_NUMBER:
			copy_number(to, from, step->size);
			break;
		case QK_STEP_DIGITS:
			copy_digits(to, from, step->size);
			break;
		}
	}
}

static int decode_struct(struct decoder *d, const struct qk_struct *s, struct qk_cursor *c,
			 void *at)
{
	const struct qk_field *members = qk_members_of(s);
	const uint8_t *from;
	int r = 0;

	if (s->step_count) {
		from = cursor_take(c, s->wire_size).data;
		if (from)
			copy_steps(s, from, at);
		return 0;
	}
	for (size_t i = 0; i < s->member_count && r == 0 && !c->error; i++)
		r = decode_field(d, &members[i], c, qk_at(at, members[i].offset));
	return r;
}

static int decode_one(struct decoder *d, const struct qk_field *f, struct qk_cursor *c, void *at)
{
	struct qk_span digits;

	switch ((enum qk_kind)f->kind) {
	case QK_KIND_UINT:
	case QK_KIND_INT:
	case QK_KIND_BOOL:
	case QK_KIND_FLOAT:
		decode_number(f, c, at);
		return 0;
	case QK_KIND_DIGITS:
		digits = cursor_take(c, f->fixed);
		if (digits.data)
			copy_digits(at, digits.data, digits.size);
		return 0;
	case QK_KIND_STRING:
	case QK_KIND_BYTES:
		return decode_bytes(d, f, c, at);
	case QK_KIND_STRUCT:
		return decode_struct(d, qk_struct_of(f), c, at);
	}
	return -EINVAL;
}

/* The fewest wire bytes of one value of `f` (of a list: of one item). */
static size_t min_bytes(const struct qk_field *f)
{
	const struct qk_field *m;
	size_t sum = 0, count;

	if (f->kind == QK_KIND_DIGITS || f->kind == QK_KIND_STRING || f->kind == QK_KIND_BYTES)
		return (size_t)f->prefix + f->fixed;
	if (f->kind != QK_KIND_STRUCT)
		return f->width;
	m = qk_members_of(qk_struct_of(f));
	for (count = qk_struct_of(f)->member_count; count; count--, m++)
		sum += m->flags & QK_FIELD_LIST ? m->prefix + m->fixed * min_bytes(m)
						: min_bytes(m);
	return sum;
}

static int decode_list(struct decoder *d, const struct qk_field *f, struct qk_cursor *c, void *at)
{
	size_t each = min_bytes(f), room, count = f->fixed;
	struct qk_list list = { 0 };
	int r;

	if (f->prefix)
		count = (size_t)cursor_uint(c, f->prefix, false);
	room = cursor_left(c) / (each ? each : 1);
	if (!f->prefix && !f->fixed)
		count = room;
	if (count > room || (f->max && count > f->max)) {
		c->error = -EBADMSG;
		return 0;
	}
	list.items = qk_arena_take(d->arena, count * f->size);
	if (!list.items)
		return -ENOBUFS;
	while (list.count < count && !c->error) {
		if (!f->prefix && !f->fixed && cursor_left(c) < each)
			break;
		r = decode_one(d, f, c, qk_at(list.items, list.count++ * f->size));
		if (r < 0)
			return r;
	}
	memcpy(at, &list, sizeof(list));
	return 0;
}

static int decode_field(struct decoder *d, const struct qk_field *f, struct qk_cursor *c, void *at)
{
	return f->flags & QK_FIELD_LIST ? decode_list(d, f, c, at) : decode_one(d, f, c, at);
}

/* This TLV and each behind it brings at most one extra: that bounds the room. */
static int make_room(struct decoder *d, struct qk_tlv tlv)
{
	struct qk_cursor c = { .pos = tlv.value.data + tlv.value.size, .end = d->end };
	size_t room = 1;

	while (cursor_tlv(&c, &tlv))
		room++;
	d->extras = qk_arena_take(d->arena, room * sizeof(*d->extras));
	return d->extras ? 0 : -ENOBUFS;
}

/* Keeps the last `size` bytes of `tlv`. */
static int add_extra(struct decoder *d, enum qk_extra_kind kind, struct qk_tlv tlv, size_t size)
{
	uint8_t *copy;
	int r = d->extras ? 0 : make_room(d, tlv);

	if (r < 0)
		return r;
	copy = qk_arena_take_bytes(d->arena, size);
	if (!copy)
		return -ENOBUFS;
	if (size)
		memcpy(copy, tlv.value.data + tlv.value.size - size, size);
	d->extras[d->extras_count++] =
		(struct qk_extra){ .kind = kind, .type = tlv.type, .value = { copy, size } };
	return 0;
}

/* The definition of a TLV among those from `defs` to `end`, or `end`. */
static const struct qk_tlv_def *search_tlv(const struct qk_tlv_def *defs,
					   const struct qk_tlv_def *end, uint8_t type)
{
	while (defs < end && defs->type != type)
		defs++;
	return defs;
}

static size_t memory_size(const struct qk_field *f)
{
	return f->flags & QK_FIELD_LIST ? sizeof(struct qk_list) : f->size;
}

/* The value of a TLV; `*ret_left` is how many bytes stand behind it. -EBADMSG: it is too short.
 * Most TLVs are a struct of numbers: that is the short way. */
static inline int decode_value(struct decoder *d, const struct qk_field *f, struct qk_span value,
			       void *at, size_t *ret_left)
{
	const struct qk_struct *s = f->kind == QK_KIND_STRUCT ? qk_struct_of(f) : NULL;
	struct qk_cursor c;
	int r;

	if (s && s->step_count && !(f->flags & QK_FIELD_LIST)) {
		if (value.size < s->wire_size)
			return -EBADMSG;
		copy_steps(s, value.data, at);
		*ret_left = value.size - s->wire_size;
		return 0;
	}
	c = (struct qk_cursor){ .pos = value.data, .end = value.data + value.size };
	r = decode_field(d, f, &c, at);
	*ret_left = cursor_left(&c);
	return r < 0 ? r : c.error;
}

static inline int decode_tlv(struct decoder *d, const struct qk_tlv_def *def, struct qk_tlv tlv,
			     void *base)
{
	void *at = qk_at(base, def->field.offset);
	const bool yes = true;
	size_t left = 0;
	int r;

	if (qk_has(def, base))
		return add_extra(d, QK_EXTRA_DUPLICATE, tlv, tlv.value.size);
	r = decode_value(d, &def->field, tlv.value, at, &left);
	if (r == -EBADMSG) {
		memset(at, 0, memory_size(&def->field));
		return add_extra(d, QK_EXTRA_MALFORMED, tlv, tlv.value.size);
	}
	if (r < 0)
		return r;
	memcpy(qk_at(base, def->has), &yes, sizeof(yes));
	return left ? add_extra(d, QK_EXTRA_TRAILING, tlv, left) : 0;
}

int qk_decode(const struct qk_message *message, struct qk_span tlvs, struct qk_arena *arena,
	      void *ret)
{
	struct qk_cursor c = { .pos = tlvs.data, .end = tlvs.data + tlvs.size };
	struct decoder d = { .arena = arena, .end = c.end };
	struct qk_extras extras;
	struct qk_tlv tlv;
	const struct qk_tlv_def *def, *next = message->tlvs, *end = next + message->tlv_count;
	int r = 0;

	memset(ret, 0, message->size);
	while (r == 0 && cursor_tlv(&c, &tlv)) {
		/* TLVs mostly come in the order of the definition. */
		def = search_tlv(next, end, tlv.type);
		if (def == end)
			def = search_tlv(message->tlvs, end, tlv.type);
		if (def < end) {
			r = decode_tlv(&d, def, tlv, ret);
			next = def + 1;
		} else {
			r = add_extra(&d, QK_EXTRA_UNKNOWN, tlv, tlv.value.size);
		}
	}
	extras = (struct qk_extras){ .items = d.extras, .count = d.extras_count };
	memcpy(ret, &extras, sizeof(extras));
	return r < 0 ? r : c.error;
}

int qk_missing_tlv(const struct qk_message *message, const void *decoded)
{
	struct qk_response response;
	bool failed = false;

	if (message->type == QK_RESPONSE) {
		memcpy(&response, decoded, sizeof(response));
		failed = response.has_result && response.result.status != 0;
	}
	for (size_t i = 0; i < message->tlv_count; i++)
		if (message->tlvs[i].mandatory && !qk_has(&message->tlvs[i], decoded) &&
		    (!failed || message->tlvs[i].type == 0x02))
			return message->tlvs[i].type;
	return -1;
}
