/*
 * The row engine: paths, conditions and scopes. What {…} prints is in text-value.c.
 */
#include "text.h"

#include <errno.h>
#include <string.h>

#include "modem-text.h"

static bool same_name(const char *name, const char *words, size_t size)
{
	return !strncmp(name, words, size) && !name[size];
}

static int find_tlv(const struct text_scope *scope, const char *name, size_t size,
		    struct text_value *ret)
{
	const struct qk_message *message = scope->message;
	const uint8_t *base = scope->decoded;

	for (size_t i = 0; i < message->tlv_count; i++) {
		const struct qk_tlv_def *tlv = &message->tlvs[i];
		const void *data = base ? base + tlv->field.offset : NULL;

		if (!same_name(tlv->field.name, name, size))
			continue;
		if (base && (!base[tlv->has] || !modem_text_readable(&tlv->field, data)))
			return -ENODATA;
		*ret = (struct text_value){ .field = &tlv->field, .data = data };
		return 0;
	}
	return -ENOENT;
}

static int find_member(const char *name, size_t size, struct text_value *value)
{
	const struct qk_struct *members = value->field->members;

	if (value->field->kind != QK_KIND_STRUCT ||
	    (!value->item && (value->field->flags & QK_FIELD_LIST)))
		return -ENOENT;
	for (size_t i = 0; i < members->count; i++) {
		const struct qk_field *field = &members->fields[i];

		if (!same_name(field->name, name, size))
			continue;
		*value = (struct text_value){
			.field = field,
			.data = value->data ? (const uint8_t *)value->data + field->offset : NULL,
		};
		return 0;
	}
	return -ENOENT;
}

int text_find(const struct text_scope *scope, const char *path, struct text_value *ret)
{
	bool from_message = *path == '/' || !scope->field;
	struct text_value value = {
		.field = scope->field,
		.data = scope->value,
		.item = scope->field && (scope->field->flags & QK_FIELD_LIST),
	};

	if (*path == '/')
		path++;
	if (!strcmp(path, ".") && scope->field) {
		*ret = value;
		return 0;
	}
	do {
		size_t size = strcspn(path, ".");
		int r = from_message ? find_tlv(scope, path, size, &value)
				     : find_member(path, size, &value);

		if (r < 0)
			return r;
		from_message = false;
		path += size;
	} while (*path++ == '.');
	*ret = value;
	return 0;
}

static int64_t number_of(const struct text_value *value)
{
	if (!value->item && (value->field->flags & QK_FIELD_LIST))
		return (int64_t)((const struct qk_list *)value->data)->count;
	if (value->field->kind > QK_KIND_BOOL)
		return 1; /* text, bytes, structs: being there is all there is to ask */
	return qk_load_number(value->field, value->data);
}

int64_t text_number(const struct text_scope *scope, const char *path, int64_t otherwise)
{
	struct text_value value;

	if (text_find(scope, path, &value) < 0 || !value.data)
		return otherwise;
	return number_of(&value);
}

struct qk_span text_bytes(const struct text_scope *scope, const char *path)
{
	struct text_value value;

	if (text_find(scope, path, &value) < 0 || !value.data)
		return (struct qk_span){ 0 };
	if (value.field->kind == QK_KIND_BYTES) {
		const struct qk_bytes *bytes = value.data;

		return (struct qk_span){ bytes->data, bytes->size };
	}
	if ((value.field->flags & QK_FIELD_LIST) && value.field->size == 1) {
		const struct qk_list *list = value.data;

		return (struct qk_span){ list->items, list->count };
	}
	return (struct qk_span){ 0 };
}

/* The scope of what a row prints: the struct that its path names, else the row's own. */
static struct text_scope inner_scope(const struct text_scope *scope, const struct text_value *value)
{
	struct text_scope inner = *scope;

	if (value->field && value->field->kind == QK_KIND_STRUCT &&
	    (value->item || !(value->field->flags & QK_FIELD_LIST))) {
		inner.field = value->field;
		inner.value = value->data;
	}
	return inner;
}

/* `text` with its {…} replaced. 0, or what the first bad one said, which is in `bad`. */
static int expand(const struct text_scope *scope, const char *text, struct output *out)
{
	while (text && *text) {
		size_t plain = strcspn(text, "{");

		output_add(out, text, plain);
		text += plain;
		if (!*text)
			break;

		size_t inside = strcspn(++text, "}");
		int r = text_expression(scope, text, inside, out);

		if (r < 0 && r != -ENODATA)
			return r;
		text += inside + (text[inside] == '}');
	}
	return 0;
}

static void print_row(const struct text_scope *scope, const struct text_row *row,
		      struct output *out)
{
	(void)expand(scope, row->text, out); /* a bad row is what text_check() is for */
	text_print(scope, row->rows, out);
	if (row->print)
		row->print(scope, out);
}

static void print_each(const struct text_scope *scope, const struct text_row *row,
		       const struct text_value *value, struct output *out)
{
	const struct qk_list *list = value->data;
	struct text_scope item = *scope;

	item.field = value->field;
	for (size_t i = 0; i < list->count; i++) {
		item.value = (const uint8_t *)list->items + i * value->field->size;
		item.index = i;
		print_row(&item, row, out);
	}
}

static bool holds(const struct text_row *row, const struct text_value *value)
{
	switch (row->when) {
	case TEXT_ALWAYS:
	case TEXT_PRESENT:
	case TEXT_EACH:
		return true;
	case TEXT_TRUE:
		return number_of(value) != 0;
	case TEXT_EQUAL:
		return number_of(value) == row->number;
	case TEXT_DIFFERENT:
		return number_of(value) != row->number;
	}
	return false;
}

static bool is_end(const struct text_row *row)
{
	return !row->text && !row->rows && !row->print;
}

void text_print(const struct text_scope *scope, const struct text_row *rows, struct output *out)
{
	for (const struct text_row *row = rows; row && !is_end(row); row++) {
		struct text_value value = { 0 };

		if (row->path && text_find(scope, row->path, &value) < 0)
			continue;
		if (!holds(row, &value))
			continue;
		if (row->when == TEXT_EACH) {
			print_each(scope, row, &value, out);
			continue;
		}

		struct text_scope inner = inner_scope(scope, &value);

		print_row(&inner, row, out);
	}
}

static int check_row(const struct text_scope *scope, const struct text_row *row,
		     struct output *error)
{
	struct output ignored = { 0 };
	struct text_value value = { 0 };
	int r = row->path ? text_find(scope, row->path, &value) : 0;

	if (r < 0) {
		output_printf(error, "%s", row->path);
		return r;
	}
	if (row->when == TEXT_EACH) {
		if (!(value.field->flags & QK_FIELD_LIST)) {
			output_printf(error, "%s is no list", row->path);
			return -EINVAL;
		}
		value.item = true;
	}

	struct text_scope inner = inner_scope(scope, &value);

	if (row->when == TEXT_EACH)
		inner.field = value.field;
	r = expand(&inner, row->text, &ignored);
	output_done(&ignored);
	if (r < 0)
		output_printf(error, "%s", row->text);
	return r < 0 ? r : text_check(&inner, row->rows, error);
}

int text_check(const struct text_scope *scope, const struct text_row *rows, struct output *error)
{
	for (const struct text_row *row = rows; row && !is_end(row); row++) {
		int r = check_row(scope, row, error);

		if (r < 0)
			return r;
	}
	return 0;
}

const char *text_missing(const struct qk_message *message, const void *decoded)
{
	const uint8_t *base = decoded;

	for (size_t i = 0; i < message->tlv_count; i++) {
		const struct qk_tlv_def *tlv = &message->tlvs[i];

		if (tlv->mandatory && (!base[tlv->has] ||
				       !modem_text_readable(&tlv->field, base + tlv->field.offset)))
			return tlv->field.name;
	}
	return NULL;
}
