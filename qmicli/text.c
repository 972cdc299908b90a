/*
 * The row engine: conditions, lists and what a row prints.
 */
#include "text.h"

#include <errno.h>
#include <string.h>

#include "text-value.h"

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
	if (row->prints)
		row->print(scope, out);
	else
		text_print(scope, row->rows, out);
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
	case TEXT_ABSENT:
		return !value->field;
	case TEXT_TRUE:
		return text_value_number(value) != 0;
	case TEXT_EQUAL:
		return text_value_number(value) == row->number;
	case TEXT_DIFFERENT:
		return text_value_number(value) != row->number;
	case TEXT_ANY_BIT:
		return text_value_number(value) & row->number;
	case TEXT_NO_BIT:
		return !(text_value_number(value) & row->number);
	}
	return false;
}

static bool is_end(const struct text_row *row)
{
	return !row->text && !row->prints && !row->rows;
}

void text_print(const struct text_scope *scope, const struct text_row *rows, struct output *out)
{
	for (const struct text_row *row = rows; row && !is_end(row); row++) {
		struct text_value value = { 0 };

		if (row->path && text_find(scope, row->path, &value) < 0 &&
		    row->when != TEXT_ABSENT)
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

	struct text_scope inner = row->when == TEXT_ABSENT ? *scope : inner_scope(scope, &value);

	if (row->when == TEXT_EACH)
		inner.field = value.field;
	r = expand(&inner, row->text, &ignored);
	output_done(&ignored);
	if (r < 0)
		output_printf(error, "%s", row->text);
	return r < 0 || row->prints ? r : text_check(&inner, row->rows, error);
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
