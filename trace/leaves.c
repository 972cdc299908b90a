/*
 * Leaves (see leaves.h).
 */
#include "leaves.h"

#include <errno.h>

struct walk {
	uint8_t *pos, *end;
	int (*each)(void *userdata, const struct leaf *leaf);
	void *userdata;
};

static int walk_field(struct walk *w, const struct qk_field *field, bool personal);

static size_t left(const struct walk *w)
{
	return (size_t)(w->end - w->pos);
}

/* A length or a count of `width` bytes; all that is left without one. */
static int read_count(struct walk *w, const struct qk_field *field, size_t *ret)
{
	struct qk_cursor c = qk_cursor((struct qk_span){ w->pos, left(w) });

	*ret = field->fixed;
	if (field->fixed)
		return 0;
	*ret = left(w);
	if (!field->prefix)
		return 0;
	*ret = (size_t)qk_cursor_uint(&c, field->prefix, false);
	if (c.error)
		return -EBADMSG;
	w->pos += field->prefix;
	return 0;
}

/* `size` bytes that are one value. */
static int take(struct walk *w, const struct qk_field *field, bool personal, size_t size)
{
	struct leaf leaf = { field, w->pos, size };

	if (size > left(w))
		return -EBADMSG;
	w->pos += size;
	return personal && size ? w->each(w->userdata, &leaf) : 0;
}

static int walk_one(struct walk *w, const struct qk_field *field, bool personal)
{
	const struct qk_field *member;
	size_t size = field->width, count;
	int r = 0;

	switch ((enum qk_kind)field->kind) {
	case QK_KIND_UINT:
	case QK_KIND_INT:
	case QK_KIND_BOOL:
	case QK_KIND_FLOAT:
		return take(w, field, personal, size);
	case QK_KIND_DIGITS:
		return take(w, field, personal, field->fixed);
	case QK_KIND_STRING:
	case QK_KIND_BYTES:
		r = read_count(w, field, &size);
		/* a text of the rest of a TLV may be limited: the rest is nobody's, and maybe personal */
		return r < 0 ? r : take(w, field, personal, size);
	case QK_KIND_STRUCT:
		member = qk_field_members(field, &count);
		for (; r == 0 && count; count--)
			r = walk_field(w, member++, personal);
		return r;
	}
	return -EBADMSG;
}

static int walk_list(struct walk *w, const struct qk_field *field, bool personal)
{
	bool rest = !field->fixed && !field->prefix;
	size_t count = 0;
	int r = rest ? 0 : read_count(w, field, &count);

	for (size_t i = 0; r == 0 && (rest ? left(w) > 0 : i < count); i++)
		r = walk_one(w, field, personal);
	return r;
}

static int walk_field(struct walk *w, const struct qk_field *field, bool personal)
{
	personal = personal || (field->flags & QK_FIELD_PERSONAL);
	return field->flags & QK_FIELD_LIST ? walk_list(w, field, personal)
					    : walk_one(w, field, personal);
}

int leaves_walk(const struct qk_field *field, uint8_t *value, size_t size,
		int (*each)(void *userdata, const struct leaf *leaf), void *userdata)
{
	struct walk w = { value, value + size, each, userdata };

	return walk_field(&w, field, false);
}
