/* Find: a field of a decoded message by its path of names and indexes. */
#include <errno.h>
#include <stdlib.h>

#include "lib/codec/engine.h"

/* One step of a path: a name, perhaps with [index]. */
struct step {
	const char *name;
	size_t length;
	bool indexed;
	size_t index;
};

/* Reads the step at `*path` and moves past it. */
static int next_step(const char **path, struct step *ret)
{
	struct step s = { .name = *path, .length = strcspn(*path, ".[") };
	const char *p = *path + s.length;
	char *end;

	if (!s.length)
		return -EINVAL;
	if (*p == '[') {
		if (p[1] < '0' || p[1] > '9')
			return -EINVAL;
		s.index = strtoul(p + 1, &end, 10);
		s.indexed = true;
		if (*end != ']')
			return -EINVAL;
		p = end + 1;
	}
	if (*p == '.' && p[1])
		p++;
	else if (*p)
		return -EINVAL;
	*path = p;
	*ret = s;
	return 0;
}

static bool is_named(const struct step *s, const char *name)
{
	return !strncmp(s->name, name, s->length) && !name[s->length];
}

/* Goes into a list where the step has an index. */
static int enter(const struct step *s, const struct qk_field *field, const void **at)
{
	struct qk_list list;

	if (!s->indexed)
		return 0;
	if (!(field->flags & QK_FIELD_LIST))
		return -EINVAL;
	list = qk_load_list(*at);
	if (s->index >= list.count)
		return -ENODATA;
	*at = qk_at_const(list.items, s->index * field->size);
	return 0;
}

/* The member of a struct; of a list, only an item that was entered has any. */
static const struct qk_field *find_member(const struct qk_field *field, bool entered,
					  const struct step *s)
{
	const struct qk_field *members;

	if (field->kind != QK_KIND_STRUCT || ((field->flags & QK_FIELD_LIST) && !entered))
		return NULL;
	members = qk_members_of(qk_struct_of(field));
	for (size_t i = 0; i < qk_struct_of(field)->member_count; i++)
		if (is_named(s, qk_name_of(&members[i])))
			return &members[i];
	return NULL;
}

static const struct qk_tlv_def *find_def(const struct qk_message *message, const struct step *s)
{
	for (size_t i = 0; i < message->tlv_count; i++)
		if (is_named(s, qk_name_of(&message->tlvs[i].field)))
			return &message->tlvs[i];
	return NULL;
}

int qk_find(const struct qk_message *message, const void *decoded, const char *path,
	    const struct qk_field **ret_field, const void **ret_value)
{
	const struct qk_tlv_def *def;
	const struct qk_field *field;
	const void *at;
	struct step s;
	int r = next_step(&path, &s);

	if (r < 0)
		return r;
	def = find_def(message, &s);
	if (!def)
		return -ENOENT;
	if (!qk_has(def, decoded))
		return -ENODATA;
	field = &def->field;
	at = qk_at_const(decoded, field->offset);
	r = enter(&s, field, &at);
	while (r == 0 && *path) {
		bool entered = s.indexed;

		r = next_step(&path, &s);
		if (r < 0)
			return r;
		field = find_member(field, entered, &s);
		if (!field)
			return -ENOENT;
		at = qk_at_const(at, field->offset);
		r = enter(&s, field, &at);
	}
	if (r < 0)
		return r;
	*ret_field = field;
	*ret_value = at;
	return 0;
}
