/*
 * The pieces of arguments, from rows and definitions.
 */
#include "accepts.h"

#include <inttypes.h>
#include <string.h>

#include "text-path.h"

static struct qk_string string_of(const char *text)
{
	return (struct qk_string){ text, strlen(text) };
}

/* The field of a command's request at `path` (may be NULL); NULL: it has none. */
static const struct qk_field *field_of(const struct command *command, const char *path)
{
	struct text_scope scope = { 0 };
	struct text_value value;

	const char *items = command_argument(command)->items;
	const struct qk_method *method = path ? command_method(command) : NULL;

	if (!method)
		return NULL;
	scope.message = method->request;
	if (items && text_find(&scope, items, &value) == 0)
		scope.field = value.field;
	return text_find(&scope, path, &value) == 0 ? value.field : NULL;
}

/* --- The form that help shows */

/* The next piece of a form, without the brackets of what may miss. */
static struct qk_string next_piece(const char **at)
{
	struct qk_string piece;

	*at += strspn(*at, "[],=");
	piece = (struct qk_string){ *at, strcspn(*at, ",[]") };
	*at += piece.size;
	return piece;
}

/* Whether a piece is a "key=VALUE" of its own, and not the placeholder for all of them. */
static bool is_key(struct qk_string piece)
{
	const char *equals = memchr(piece.data, '=', piece.size);

	return equals && !memchr(piece.data, '|', (size_t)(equals - piece.data));
}

static bool is_placeholder(struct qk_string piece)
{
	return piece.size >= 3 &&
	       (!strncmp(piece.data, "KEY=", 4) || !strncmp(piece.data, "...", 3));
}

/* A word of a form that stands for itself. */
static bool is_literal(struct qk_string word)
{
	for (size_t i = 0; i < word.size; i++)
		if (!strchr("abcdefghijklmnopqrstuvwxyz0123456789-_", word.data[i]))
			return false;
	return word.size > 0;
}

static size_t read_form(const char *form, struct accept ret[ACCEPTS_MAX])
{
	size_t count = 0;

	while (form && *form && count < ACCEPTS_MAX) {
		struct qk_string piece = next_piece(&form);
		const char *equals = memchr(piece.data, '=', piece.size);

		if (!piece.size || is_placeholder(piece))
			continue;
		ret[count] = (struct accept){ .shown = piece };
		if (is_key(piece)) {
			ret[count].key =
				(struct qk_string){ piece.data, (size_t)(equals - piece.data) };
			ret[count].shown = (struct qk_string){
				equals + 1, piece.size - (size_t)(equals + 1 - piece.data)
			};
		}
		count++;
	}
	return count;
}

/* --- The row */

static size_t add_parts(const struct command *command, struct accept *ret, size_t places)
{
	size_t count = 0;

	for (const struct command_part *p = command->argument->parts;
	     p && (p->field || p->name) && count < ACCEPTS_MAX; p++, count++) {
		if (count >= places)
			ret[count] = (struct accept){ 0 };
		ret[count].field = field_of(command, p->field);
		ret[count].how = p->how;
	}
	return count > places ? count : places;
}

static size_t add_keys(const struct command *command, struct accept *ret, size_t count)
{
	for (const struct command_key *k = command->argument->keys;
	     k && k->key && count < ACCEPTS_MAX; k++)
		ret[count++] = (struct accept){
			.key = string_of(k->key),
			.field = field_of(command, k->field),
			.how = k->how,
		};
	return count;
}

size_t accepts(const struct command *command, struct accept ret[ACCEPTS_MAX])
{
	const struct command_argument *argument = command->argument;
	size_t shown = argument ? read_form(argument->shown, ret) : 0, places = 0;

	if (!argument)
		return 0;
	while (places < shown && !ret[places].key.size)
		places++;
	if (argument->field) {
		ret[0] = (struct accept){
			.shown = string_of(argument->shown),
			.field = field_of(command, argument->field),
			.how = argument->how,
		};
		return 1;
	}
	places = add_parts(command, ret, places);
	if (argument->keys)
		return add_keys(command, ret, places);
	return argument->parts ? places : shown;
}

/* --- Words */

static struct qk_string literal(struct qk_string shown, size_t i)
{
	const char *at = shown.data, *end = shown.data + shown.size;

	for (; at && at < end; at++) {
		const char *bar = memchr(at, '|', (size_t)(end - at));
		struct qk_string word = { at, (size_t)((bar ? bar : end) - at) };

		if (is_literal(word) && i-- == 0)
			return word;
		at += word.size;
	}
	return (struct qk_string){ 0 };
}

struct qk_string accept_word(const struct accept *accept, size_t i)
{
	static const char *const answers[] = { "yes", "no" };
	const struct qk_field *field = accept->field;
	const struct qk_values *values;

	const struct command_word *words = accept->how ? accept->how->words : NULL;

	if (words) {
		for (size_t k = 0; k <= i; k++)
			if (!words[k].word)
				return (struct qk_string){ 0 };
		return string_of(words[i].word);
	}
	if (!field)
		return literal(accept->shown, i);
	values = qk_field_values(field);
	if (values)
		return i < values->count ? string_of(qk_nth_value(values, i).name)
					 : (struct qk_string){ 0 };
	if (field->kind == QK_KIND_BOOL && i < 2)
		return string_of(answers[i]);
	return (struct qk_string){ 0 };
}

bool accept_joins(const struct accept *accept)
{
	bool own = accept->how && accept->how->words;

	return !own && accept->field && (accept->field->flags & QK_FIELD_FLAGS);
}

static void print_range(const struct accept *accept, struct output *out)
{
	const struct qk_field *field = accept->field;
	unsigned int spare = 64 - (field->width ? field->width * 8u : 64);

	if (accept->how && accept->how->most)
		output_printf(out, "%" PRId32 "-%" PRId32, accept->how->least, accept->how->most);
	else if (field->kind == QK_KIND_INT)
		output_printf(out, "%" PRId64 "..%" PRId64, INT64_MIN >> spare, INT64_MAX >> spare);
	else
		output_printf(out, "0-%" PRIu64, UINT64_MAX >> spare);
}

void accept_print(const struct accept *accept, struct output *out)
{
	const struct qk_field *field = accept->field;
	struct qk_string word = accept_word(accept, 0);

	if (accept->how && accept->how->form) {
		output_printf(out, "%s", accept->how->form);
		return;
	}
	if (!field && accept->shown.size) {
		output_add(out, accept->shown.data, accept->shown.size);
		return;
	}
	for (size_t i = 0; word.size; word = accept_word(accept, ++i)) {
		output_add(out, "|", i ? 1 : 0);
		output_add(out, word.data, word.size);
	}
	if (accept_word(accept, 0).size)
		return;
	if (field && field->kind == QK_KIND_BYTES)
		output_printf(out, "XX:XX:...");
	else if (field && field->kind <= QK_KIND_INT)
		print_range(accept, out);
	else
		output_printf(out, "TEXT");
}
