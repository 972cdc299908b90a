/*
 * Arguments to request fields, by the descriptors.
 */
#include "request.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "output.h"

static const struct qk_tlv_def *find_tlv(const struct qk_message *message, const char *name)
{
	for (size_t i = 0; i < message->tlv_count; i++)
		if (!strcmp(message->tlvs[i].field.name, name))
			return &message->tlvs[i];
	return NULL;
}

static void set(void *request, const struct qk_tlv_def *tlv, int64_t number)
{
	uint8_t *base = request;

	base[tlv->has] = true;
	qk_store_number(&tlv->field, base + tlv->field.offset, number);
}

static bool find_name(const struct qk_values *values, const char *name, size_t size, int64_t *ret)
{
	for (size_t i = 0; i < values->count; i++) {
		if (strncmp(values->names[i].name, name, size) || values->names[i].name[size])
			continue;
		*ret = values->names[i].value;
		return true;
	}
	return false;
}

/* A name of an enum; of flags several, joined by "|". */
static bool parse_names(const struct qk_field *field, const char *text, int64_t *ret)
{
	int64_t all = 0, one = 0;

	if (!(field->flags & QK_FIELD_FLAGS))
		return find_name(field->values, text, strlen(text), ret);
	do {
		size_t size = strcspn(text, "|");

		if (!find_name(field->values, text, size, &one))
			return false;
		all |= one;
		text += size;
	} while (*text++ == '|');
	*ret = all;
	return true;
}

static bool parse_number(const struct qk_field *field, const char *text, int64_t *ret)
{
	unsigned int bits = field->width * 8u;
	uint64_t most = bits >= 64 ? UINT64_MAX : (UINT64_C(1) << bits) - 1;
	char *end;

	errno = 0;
	if (field->kind == QK_KIND_INT) {
		int64_t number = strtoll(text, &end, 10);

		if (number > (int64_t)(most / 2) || number < -(int64_t)(most / 2) - 1)
			return false;
		*ret = number;
	} else {
		uint64_t number = strtoull(text, &end, 10);

		if (number > most || strchr(text, '-'))
			return false;
		*ret = (int64_t)number;
	}
	return !errno && end != text && !*end;
}

static bool parse(const struct qk_field *field, const char *text, int64_t *ret)
{
	if (field->values)
		return parse_names(field, text, ret);
	if (field->kind == QK_KIND_BOOL) {
		*ret = !strcmp(text, "yes") || !strcmp(text, "true");
		return *ret || !strcmp(text, "no") || !strcmp(text, "false");
	}
	return parse_number(field, text, ret);
}

static int bad_argument(const struct action *action, const struct qk_field *field,
			struct failure *f)
{
	struct output names = { 0 };

	if (field->values) {
		for (size_t i = 0; i < field->values->count; i++)
			output_printf(&names, "%s%s", i ? ", " : "", field->values->names[i].name);
		failure_hint(f, "it may be %s", names.data ? names.data : "nothing");
	} else {
		failure_hint(f,
			     field->kind == QK_KIND_BOOL ? "it may be yes or no"
							 : "it is a number of %u bits",
			     field->width * 8u);
	}
	output_done(&names);
	return failure_set(f, EXIT_USAGE, "invalid %s value given: '%s'", field->name,
			   action->argument);
}

static int fill(const struct action *action, void *request, struct failure *f)
{
	const struct command *command = action->command;
	const struct qk_message *message = command->method->request;
	const struct qk_tlv_def *tlv;
	int64_t number;

	for (const struct command_preset *p = command->presets; p && p->field; p++) {
		tlv = find_tlv(message, p->field);
		if (tlv)
			set(request, tlv, p->number);
	}
	if (!command->takes)
		return 0;
	tlv = find_tlv(message, command->takes);
	if (!tlv)
		return failure_set(f, EXIT_FAILED, "--%s has no field %s", command->name,
				   command->takes);
	if (!parse(&tlv->field, action->argument, &number))
		return bad_argument(action, &tlv->field, f);
	set(request, tlv, number);
	return 0;
}

int request_new(const struct action *action, void **ret, struct failure *failure)
{
	void *request;
	int r;

	if (!action->command->method) {
		*ret = NULL;
		return 0;
	}
	request = calloc(1, action->command->method->request->size);
	if (!request)
		return failure_set(failure, EXIT_FAILED, "out of memory");
	r = fill(action, request, failure);
	if (r) {
		free(request);
		failure->action = action->command->name;
		return r;
	}
	*ret = request;
	return 0;
}

void request_free(void *request)
{
	free(request);
}
