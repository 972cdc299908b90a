/*
 * Arguments to request fields, by the descriptors.
 */
#include "request.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "accepts.h"
#include "argument.h"
#include "output.h"

/* Of a message's TLVs: a frame has a header as well. */
enum { REQUEST_MAX = QK_FRAME_MAX - 32 };

enum { WORDS_SHOWN = 170 }; /* bytes */

/* A field of a request that an argument fills. */
struct place {
	const struct qk_field *field;
	void *value;
	bool *has; /* of its TLV */
};

/* The member of this name; NULL: there is none. */
static const struct qk_field *member_of(const struct qk_field *field, const char *name)
{
	size_t count;
	const struct qk_field *member = qk_field_members(field, &count);

	for (; count; count--, member++)
		if (!strcmp(qk_field_name(member), name))
			return member;
	return NULL;
}

/* The field at `path`: a TLV, or a member of a TLV that is a struct. */
static bool find_place(const struct qk_message *message, void *request, const char *path,
		       struct place *ret)
{
	size_t size = strcspn(path, ".");
	const struct qk_tlv_def *tlv = NULL;
	const struct qk_field *field;
	uint8_t *at = request;

	for (size_t i = 0; i < message->tlv_count && !tlv; i++) {
		const char *name = qk_field_name(&message->tlvs[i].field);

		if (!strncmp(name, path, size) && !name[size])
			tlv = &message->tlvs[i];
	}
	if (!tlv)
		return false;
	*ret = (struct place){ &tlv->field, at + tlv->field.offset, (bool *)(at + tlv->has) };
	if (!path[size])
		return true;
	field = member_of(&tlv->field, path + size + 1);
	if (!field)
		return false;
	ret->value = (uint8_t *)ret->value + field->offset;
	ret->field = field;
	return true;
}

static void set(const struct place *place, int64_t number)
{
	*place->has = true;
	qk_store_number(place->field, place->value, number);
}

static bool parse_number(const struct qk_field *field, struct qk_string text, int64_t *ret)
{
	unsigned int bits = field->width * 8u;
	uint64_t most = bits >= 64 ? UINT64_MAX : (UINT64_C(1) << bits) - 1, number;
	bool negative = field->kind == QK_KIND_INT && text.size && *text.data == '-';

	if (field->kind == QK_KIND_INT)
		most = most / 2 + negative;
	text.data += negative;
	text.size -= negative;
	if (!argument_number(text, most, &number) &&
	    (negative || !argument_hex_number(text, most, &number)))
		return false;
	*ret = (int64_t)(negative ? 0 - number : number);
	return true;
}

static bool parse_bool(struct qk_string text, int64_t *ret)
{
	*ret = argument_is(text, "yes") || argument_is(text, "true");
	return *ret || argument_is(text, "no") || argument_is(text, "false");
}

static bool parse_words(const struct command_word *words, struct qk_string text, int64_t *ret)
{
	for (; words->word; words++) {
		if (argument_is(text, words->word)) {
			*ret = words->number;
			return true;
		}
	}
	return false;
}

/* What the words and the pairs of an argument fill. */
struct filling {
	const struct command *command;
	const struct command_argument *argument;
	const struct qk_message *message;
	void *request;
	uint8_t *spare; /* room for the bytes that an argument is in hex */
	unsigned int seen;
};

static bool parse_bytes(const struct place *place, struct qk_string text, struct filling *filling)
{
	struct qk_bytes *bytes = place->value;
	size_t size;

	if (!argument_bytes(text, filling->spare, &size))
		return false;
	*bytes = (struct qk_bytes){ filling->spare, size };
	filling->spare += size;
	return true;
}

static bool parse_word(const struct place *place, const struct command_reading *how,
		       struct qk_string text)
{
	const struct qk_field *field = place->field;
	const struct qk_values *values = qk_field_values(field);
	int64_t number;
	bool ok;

	if (how->words)
		ok = parse_words(how->words, text, &number);
	else if (values)
		ok = field->flags & QK_FIELD_FLAGS ? argument_flags(text, values, &number)
						   : argument_name(text, values, &number);
	else if (field->kind == QK_KIND_BOOL)
		ok = parse_bool(text, &number);
	else
		ok = parse_number(field, text, &number) &&
		     (!how->most || (number >= how->least && number <= how->most));
	if (ok)
		qk_store_number(field, place->value, number);
	return ok;
}

/* The most characters that fit a text; UINT16_MAX: the frame is what limits it. */
static size_t most_characters(const struct qk_field *field)
{
	size_t by_prefix = field->prefix == 1 ? UINT8_MAX : UINT16_MAX;

	if (field->fixed)
		return field->fixed;
	return field->max && field->max < by_prefix ? field->max : by_prefix;
}

static bool parse_text(const struct place *place, struct qk_string text)
{
	const struct qk_field *field = place->field;

	if (text.size > most_characters(field) || (field->fixed && text.size != field->fixed))
		return false;
	memcpy(place->value, &text, sizeof(text));
	return true;
}

static bool parse_real(const struct place *place, struct qk_string text)
{
	char *end;
	double real = strtod(text.data, &end);
	float single = (float)real;
	bool wide = place->field->size == sizeof(real);

	if (!text.size || end != text.data + text.size || !isfinite(real))
		return false;
	memcpy(place->value, wide ? (void *)&real : (void *)&single, place->field->size);
	return true;
}

static bool parse(const struct place *place, const struct command_reading *how,
		  struct qk_string text, struct filling *filling)
{
	bool ok = true;

	if (how->read)
		ok = how->read(text, place->value, &filling->spare);
	else if (place->field->kind == QK_KIND_STRING)
		ok = parse_text(place, text);
	else if (place->field->kind == QK_KIND_BYTES)
		ok = parse_bytes(place, text, filling);
	else if (place->field->kind == QK_KIND_FLOAT)
		ok = parse_real(place, text);
	else
		ok = parse_word(place, how, text);
	*place->has = *place->has || ok;
	return ok;
}

/* How the value of a row is read. */
static const struct command_reading *reading(const struct command_key *row)
{
	static const struct command_reading by_field;

	return row->how ? row->how : &by_field;
}

/* What a value may be, as a list of words that a hint has room for; empty for a number. */
static void list_words(const struct accept *accept, struct output *out)
{
	struct qk_string word;

	for (size_t i = 0; (word = accept_word(accept, i)).size; i++) {
		if (out->used > WORDS_SHOWN) {
			output_printf(out, ", ...; --help-all lists them");
			return;
		}
		output_printf(out, "%s%.*s", i ? ", " : "", (int)word.size, word.data);
	}
}

static void hint_range(const struct qk_field *field, const struct command_reading *how,
		       struct failure *f)
{
	unsigned int bits = field->width * 8u, spare = bits ? 64 - bits : 0;

	if (how->most)
		failure_hint(f, "it is a number from %" PRId32 " to %" PRId32, how->least,
			     how->most);
	else if (field->kind == QK_KIND_INT)
		failure_hint(f, "it is a number from %" PRId64 " to %" PRId64, INT64_MIN >> spare,
			     INT64_MAX >> spare);
	else
		failure_hint(f, "it is a number from 0 to %" PRIu64, UINT64_MAX >> spare);
}

static int bad_value(const struct qk_field *field, const struct command_key *row,
		     struct qk_string value, struct failure *f)
{
	const struct command_reading *how = reading(row);
	const struct accept accept = { .field = field, .how = how };
	struct output names = { 0 };

	list_words(&accept, &names);
	if (how->form)
		failure_hint(f, "it is %s", how->form);
	else if (names.used)
		failure_hint(f, "it may be %s", names.data);
	else if (field->kind == QK_KIND_STRING)
		failure_hint(f, "it has %s %zu characters", field->fixed ? "just" : "at most",
			     most_characters(field));
	else if (field->kind == QK_KIND_BYTES)
		failure_hint(f, "it is bytes in hex, as in A0:B1:C2");
	else
		hint_range(field, how, f);
	output_done(&names);
	return failure_set(f, EXIT_USAGE, "invalid %s value given: '%.*s'", row->key,
			   (int)value.size, value.data);
}

static int no_field(const struct command *command, const char *field, struct failure *f)
{
	return failure_set(f, EXIT_FAILED, "--%s has no field %s", command->name, field);
}

static unsigned int all_keys(const struct command_key *rows)
{
	size_t count = 0;

	while (rows[count].key)
		count++;
	return (1u << count) - 1;
}

/* The list that the items of `filling` stand in, and its field. */
static struct qk_list *find_items(const struct filling *filling, struct place *ret)
{
	return find_place(filling->message, filling->request, filling->argument->items, ret)
		       ? ret->value
		       : NULL;
}

/* Begins another item, in the room behind the request. */
static int begin_item(struct filling *filling, struct failure *f)
{
	const char *items = filling->argument->items;
	struct place place;
	struct qk_list *list = find_items(filling, &place);

	if (!list)
		return no_field(filling->command, items, f);
	if ((list->count + 1) * place.field->size > filling->argument->room)
		return failure_set(f, EXIT_USAGE, "more than %zu of %s given", list->count, items);
	*place.has = true;
	list->items = (uint8_t *)filling->request + filling->message->size;
	list->count++;
	filling->seen = 0;
	return 0;
}

/* A member of the item at work. */
static bool find_in_item(const struct filling *filling, const char *name, struct place *ret)
{
	struct place place;
	const struct qk_list *list = find_items(filling, &place);
	const struct qk_field *member = list ? member_of(place.field, name) : NULL;

	if (!member)
		return false;
	*ret = place;
	ret->field = member;
	ret->value =
		(uint8_t *)list->items + (list->count - 1) * place.field->size + member->offset;
	return true;
}

/* The field of one row, from what was given for it. */
static int fill_row(struct filling *filling, const struct command_key *row, struct qk_string value,
		    struct failure *f)
{
	struct place place;

	if (!row->field) {
		memcpy((uint8_t *)filling->request + filling->message->size + row->keep, &value,
		       sizeof(value));
		return 0;
	}
	if (filling->argument->items
		    ? !find_in_item(filling, row->field, &place)
		    : !find_place(filling->message, filling->request, row->field, &place))
		return no_field(filling->command, row->field, f);
	if (!parse(&place, reading(row), value, filling))
		return bad_value(place.field, row, value, f);
	return 0;
}

static int unknown_key(const struct command *command, struct qk_string key, struct failure *f)
{
	struct output names = { 0 };

	const struct command_key *keys = command->argument->keys;

	for (const struct command_key *k = keys; k->key; k++)
		output_printf(&names, "%s%s", k == keys ? "" : ", ", k->key);
	failure_hint(f, "--%s takes %s", command->name, names.data ? names.data : "none");
	output_done(&names);
	return failure_set(f, EXIT_USAGE, "unrecognized option '%.*s'", (int)key.size, key.data);
}

static int fill_pair(struct qk_string key, struct qk_string value, void *userdata,
		     struct failure *f)
{
	struct filling *filling = userdata;
	const struct command_key *rows = filling->argument->keys, *row = rows;

	while (row->key && !argument_is(key, row->key))
		row++;
	if (!row->key)
		return unknown_key(filling->command, key, f);
	if (!value.size && !row->empty)
		return failure_set(f, EXIT_USAGE, "key '%s' requires a value", row->key);
	if (filling->argument->items && (!filling->seen || filling->seen == all_keys(rows)) &&
	    begin_item(filling, f))
		return f->code;
	if (row->once && filling->seen & 1u << (row - rows))
		return failure_set(f, EXIT_USAGE, "duplicate option '%s'", row->key);
	filling->seen |= 1u << (row - rows);
	return fill_row(filling, row, value, f);
}

static int too_few(const struct command *command, const char *what, struct failure *f)
{
	failure_hint(f, "--%s takes %s", command->name, command->argument->shown);
	return failure_set(f, EXIT_USAGE, "no %s given", what);
}

static int wrong_parts(const struct command *command, const char *text, const char *why,
		       struct failure *f)
{
	failure_hint(f, "--%s takes %s", command->name, command->argument->shown);
	return failure_set(f, EXIT_USAGE, "'%s' has %s", text, why);
}

static bool is_part(const struct command_part *part)
{
	return part->field || part->name;
}

static const char *part_name(const struct command_part *part)
{
	const char *dot = part->name ? NULL : strrchr(part->field, '.');

	if (part->name)
		return part->name;
	return dot ? dot + 1 : part->field;
}

/* What stands behind the last part is left in `*rest`, NULL when nothing does. */
static int fill_parts(struct filling *filling, const char **rest, struct failure *f)
{
	const struct command *command = filling->command;
	const struct command_part *part = filling->argument->parts;
	const char *text = *rest;
	int r;

	for (; is_part(part) && *rest; part++) {
		const struct command_key row = {
			.key = part_name(part),
			.field = part->field,
			.keep = part->keep,
			.how = part->how,
		};
		struct qk_string value = argument_next(rest, ',');

		if (!value.size && !part->empty)
			return wrong_parts(command, text, "an empty value", f);
		r = fill_row(filling, &row, value, f);
		if (r)
			return r;
	}
	if (*rest && (!filling->argument->keys || filling->argument->plain))
		return wrong_parts(command, text, "too many values", f);
	return is_part(part) && !part->optional ? wrong_parts(command, text, "too few values", f)
						: 0;
}

/* What stands behind so many words and their commas; "": nothing. */
static const char *behind_words(const char *text, unsigned int words)
{
	for (; words; words--) {
		text += strcspn(text, ",");
		text += *text == ',';
	}
	return text;
}

static int fill_keys(const char *text, struct filling *filling, struct failure *f)
{
	const struct command_argument *argument = filling->argument;
	int r;

	if (text) {
		r = argument_pairs(behind_words(text, argument->word_count), fill_pair, filling, f);
		if (r)
			return r;
	}
	for (const struct command_key *row = argument->keys; row->key; row++)
		if (row->needed && !(filling->seen & 1u << (row - argument->keys)))
			return too_few(filling->command, row->key, f);
	return 0;
}

static int fill_presets(const struct filling *filling, struct failure *f)
{
	const struct command *command = filling->command;
	struct place place;

	for (const struct command_preset *p = command_course(command)->presets; p && p->field;
	     p++) {
		if (!find_place(filling->message, filling->request, p->field, &place))
			return no_field(command, p->field, f);
		set(&place, p->number);
	}
	return 0;
}

/* Whether a number is one that the row allows. */
static int check_range(const struct command *command, const char *text, struct failure *f)
{
	const struct command_reading *how = command->argument->how;
	bool whole = command->setting == SETTING_NUMBER;
	double number;
	char *end;

	number = whole ? (double)strtol(text, &end, 0) : strtod(text, &end);
	if (end != text && !*end && number >= how->least && number <= how->most)
		return 0;
	failure_hint(f, "it is a %snumber from %g to %g", whole ? "whole " : "", (double)how->least,
		     (double)how->most);
	return failure_set(f, EXIT_USAGE, "invalid %s value given: '%s'", command->name, text);
}

static int fill_argument(const char *text, struct filling *filling, struct failure *f)
{
	const struct command_argument *argument = filling->argument;
	const struct command_key row = {
		.key = argument->field,
		.field = argument->field,
		.how = argument->how,
	};
	bool real = argument->how && argument->how->least < 0;
	int r = real ? check_range(filling->command, text, f) : 0;

	return r ? r : fill_row(filling, &row, (struct qk_string){ text, strlen(text) }, f);
}

static int fill(const struct action *action, const struct qk_message *message, void *request,
		struct failure *f)
{
	const struct command_argument *argument = command_argument(action->command);
	const char *text = action->argument;
	struct filling filling = {
		.command = action->command,
		.argument = argument,
		.message = message,
		.request = request,
		.spare = (uint8_t *)request + message->size + argument->room,
	};
	/* Of either form, but not of both. */
	bool keyed = !argument->plain || !text || strchr(text, '=');
	int r = fill_presets(&filling, f);

	if (r == 0 && argument->parts && (!argument->plain || !keyed))
		r = fill_parts(&filling, &text, f);
	if (r == 0 && argument->keys && keyed)
		r = fill_keys(text, &filling, f);
	if (r == 0 && argument->field && text && (*text || !argument->optional))
		r = fill_argument(text, &filling, f);
	if (r == 0 && argument->finish)
		r = argument->finish(action, filling.seen, request, f);
	return r;
}

/* Looks at the argument of a command without a request. */
static int check_argument(const struct action *action, struct failure *f)
{
	int r = 0;

	if (action->command->setting > SETTING_FLAG)
		r = check_range(action->command, action->argument, f);
	else if (command_argument(action->command)->finish)
		r = action->command->argument->finish(action, 0, NULL, f);
	if (r)
		f->action = action->command->name;
	return r;
}

int request_new(const struct action *action, void **ret, struct failure *failure)
{
	size_t spare = action->argument ? strlen(action->argument) : 0;
	const struct qk_method *method = command_method(action->command);
	void *request;
	int r;

	if (!method) {
		*ret = NULL;
		return check_argument(action, failure);
	}
	request =
		calloc(1, method->request->size + command_argument(action->command)->room + spare);
	if (!request)
		return failure_set(failure, EXIT_FAILED, "out of memory");
	r = fill(action, method->request, request, failure);
	if (r) {
		free(request);
		failure->action = action->command->name;
		return r;
	}
	*ret = request;
	return 0;
}

/* Lengths and counts have the size that the wire gives them: a PIN of 300 digits fits no PIN. */
static int check_size(const struct action *action, const void *request, struct failure *f)
{
	const struct qk_message *message = command_method(action->command)->request;
	uint8_t *buffer = malloc(REQUEST_MAX);

	if (!buffer)
		return failure_set(f, EXIT_FAILED, "out of memory");
	struct qk_writer writer = qk_writer(buffer, REQUEST_MAX);
	int r = qk_encode(message, request, &writer);

	free(buffer);
	if (r >= 0)
		return 0;
	f->action = action->command->name;
	return failure_set(f, EXIT_USAGE, "this does not fit into a message");
}

int request_check(const struct action *action, struct failure *failure)
{
	void *request = NULL;
	int r = request_new(action, &request, failure);

	if (r == 0 && request && action->argument)
		r = check_size(action, request, failure);
	request_free(request);
	return r;
}

void request_free(void *request)
{
	free(request);
}
