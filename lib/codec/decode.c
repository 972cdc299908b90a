/*
 * Decode: TLVs to a struct. Every length is checked against what is left before it is used; what
 * the definition cannot place goes to extras and the rest of the message stands.
 */
#include "lib/codec/engine.h"

struct decoder {
	const struct qk_message *message;
	struct qk_arena *arena;
	void *base;              /* the message struct */
	struct qk_extra *extras; /* room for `extras_room`, made when the first one comes */
	size_t extras_count;
	size_t next; /* where in the definition the next TLV is expected */
};

static int decode_field(struct decoder *d, const struct qk_field *f, struct qk_cursor *c, void *at);

static inline void decode_number(const struct qk_field *f, struct qk_cursor *c, void *at)
{
	uint64_t value = cursor_uint(c, f->width, f->flags & QK_FIELD_BIG_ENDIAN);

	if (f->kind == QK_KIND_BOOL)
		value = !!value;
	qk_store(at, f->size, value);
}

/* Digits, without what fills them up. */
static inline void copy_digits(const struct qk_field *f, const uint8_t *from, char *at)
{
	size_t size = f->fixed;

	while (size && from[size - 1] == 0xff)
		size--;
	copy_short((uint8_t *)at, from, size);
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

/* One-byte fields that stand in a row, on the wire and in memory, by one copy. */
static inline void copy_run(const struct qk_field *first, const uint8_t *from, uint8_t *at)
{
	uint8_t *byte;

	copy_short(at, from, first->run);
	for (uint32_t bools = first->run_bools; bools; bools &= bools - 1) {
		byte = at + __builtin_ctz(bools);
		*byte = *byte != 0;
	}
}

/* Copies one field that is a step of its own; `from` has all its bytes. Returns their number. */
static inline size_t copy_step(const struct qk_field *f, const uint8_t *from, void *at)
{
	switch ((enum qk_step)f->step) {
	case QK_STEP_RUN:
		copy_run(f, from, at);
		return f->run;
	case QK_STEP_U16:
		qk_store(at, 2, load_u16(from));
		return 2;
	case QK_STEP_U32:
		qk_store(at, 4, load_u32(from));
		return 4;
	case QK_STEP_U64:
		qk_store(at, 8, load_u64(from));
		return 8;
	case QK_STEP_DIGITS:
		copy_digits(f, from, at);
		return f->fixed;
	case QK_STEP_ANY:
		break;
	}
	return 0;
}

/* A struct whose size on the wire is known: the cursor checks it once, codegen has added it up. */
static inline void decode_fixed(const struct qk_struct *s, struct qk_cursor *c, void *at)
{
	const uint8_t *from = cursor_take(c, s->wire_size).data;
	const struct qk_field *f = s->fields, *end = f + s->count;

	while (from && f < end) {
		from += copy_step(f, from, qk_at(at, f->offset));
		f += f->run ? f->run : 1;
	}
}

static inline int decode_struct(struct decoder *d, const struct qk_struct *s, struct qk_cursor *c,
				void *at)
{
	int r = 0;

	if (s->wire_size) {
		decode_fixed(s, c, at);
		return 0;
	}
	for (size_t i = 0; i < s->count && r == 0 && !c->error; i++)
		r = decode_field(d, &s->fields[i], c, qk_at(at, s->fields[i].offset));
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
			copy_digits(f, digits.data, at);
		return 0;
	case QK_KIND_STRING:
	case QK_KIND_BYTES:
		return decode_bytes(d, f, c, at);
	case QK_KIND_STRUCT:
		return decode_struct(d, f->members, c, at);
	}
	return -EINVAL;
}

/* The fewest wire bytes of one value of `f` (of a list: of one item). */
static size_t min_bytes(const struct qk_field *f)
{
	size_t sum = 0;

	if (f->kind == QK_KIND_DIGITS || f->kind == QK_KIND_STRING || f->kind == QK_KIND_BYTES)
		return (size_t)f->prefix + f->fixed;
	if (f->kind != QK_KIND_STRUCT)
		return f->width;
	for (size_t i = 0; i < f->members->count; i++) {
		const struct qk_field *m = &f->members->fields[i];

		sum += m->flags & QK_FIELD_LIST ? m->prefix + m->fixed * min_bytes(m)
						: min_bytes(m);
	}
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
	if (count > room) {
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

/* The same for the value of a TLV: most are numbers or structs of numbers, which need no call. */
static inline int decode_value(struct decoder *d, const struct qk_field *f, struct qk_cursor *c,
			       void *at)
{
	if (f->flags & QK_FIELD_LIST)
		return decode_list(d, f, c, at);
	if (f->kind == QK_KIND_STRUCT)
		return decode_struct(d, f->members, c, at);
	if (f->kind == QK_KIND_STRING)
		return decode_bytes(d, f, c, at);
	return decode_one(d, f, c, at);
}

/* Each TLV brings at most one extra, so those that are left bound the room. */
static int make_room(struct decoder *d, const struct qk_cursor *rest)
{
	struct qk_cursor c = *rest;
	struct qk_tlv tlv;
	size_t room = 1;

	while (cursor_tlv(&c, &tlv))
		room++;
	d->extras = qk_arena_take(d->arena, room * sizeof(*d->extras));
	return d->extras ? 0 : -ENOBUFS;
}

static int add_extra(struct decoder *d, const struct qk_cursor *rest, enum qk_extra_kind kind,
		     uint8_t type, struct qk_span value)
{
	uint8_t *copy;
	int r = d->extras ? 0 : make_room(d, rest);

	if (r < 0)
		return r;
	copy = qk_arena_take_bytes(d->arena, value.size);
	if (!copy)
		return -ENOBUFS;
	if (value.size)
		memcpy(copy, value.data, value.size);
	d->extras[d->extras_count++] =
		(struct qk_extra){ .kind = kind, .type = type, .value = { copy, value.size } };
	return 0;
}

/*
 * TLVs mostly come in the order of the definition, and definitions number them densely: so the
 * first look is as far behind the last TLV as the numbers say, then the search goes round.
 */
static const struct qk_tlv_def *find_tlv(struct decoder *d, uint8_t type)
{
	const uint8_t *types = (const uint8_t *)d->message->types;
	size_t count = d->message->tlv_count, at = d->next;

	if (at < count && type > types[at] && (size_t)(type - types[at]) < count - at)
		at += (size_t)(type - types[at]);
	for (size_t i = 0; i < count; i++, at++) {
		if (at >= count)
			at = 0;
		if (types[at] == type) {
			d->next = at + 1;
			return &d->message->tlvs[at];
		}
	}
	return NULL;
}

static size_t memory_size(const struct qk_field *f)
{
	return f->flags & QK_FIELD_LIST ? sizeof(struct qk_list) : f->size;
}

static int decode_tlv(struct decoder *d, const struct qk_cursor *rest, const struct qk_tlv *tlv)
{
	const struct qk_tlv_def *def = find_tlv(d, tlv->type);
	struct qk_cursor c = { .pos = tlv->value.data, .end = tlv->value.data + tlv->value.size };
	const bool yes = true;
	void *at;
	int r;

	if (!def)
		return add_extra(d, rest, QK_EXTRA_UNKNOWN, tlv->type, tlv->value);
	if (qk_has(def, d->base))
		return add_extra(d, rest, QK_EXTRA_DUPLICATE, tlv->type, tlv->value);
	at = qk_at(d->base, def->field.offset);
	r = decode_value(d, &def->field, &c, at);
	if (r < 0)
		return r;
	if (c.error) {
		memset(at, 0, memory_size(&def->field));
		return add_extra(d, rest, QK_EXTRA_MALFORMED, tlv->type, tlv->value);
	}
	memcpy(qk_at(d->base, def->has), &yes, sizeof(yes));
	if (cursor_left(&c))
		return add_extra(d, rest, QK_EXTRA_TRAILING, tlv->type,
				 (struct qk_span){ c.pos, cursor_left(&c) });
	return 0;
}

int qk_decode(const struct qk_message *message, struct qk_span tlvs, struct qk_arena *arena,
	      void *ret)
{
	struct decoder d = { .message = message, .arena = arena, .base = ret };
	struct qk_cursor c = qk_cursor(tlvs);
	struct qk_extras extras;
	struct qk_tlv tlv;
	int r = 0;

	memset(ret, 0, message->size);
	while (r == 0 && cursor_tlv(&c, &tlv))
		r = decode_tlv(&d, &c, &tlv);
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
