/*
 * Seeded: an answer to any message, made from its definition alone. Every TLV is filled with values
 * that fit it: enumerators that have names, flags of named bits, text that can be printed.
 *
 * The numbers depend on the seed and the message, not on what was asked before: the same seed gives
 * the same bytes in any order of requests.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "large.h"
#include "modem.h"
#include "seed.h"

#define TEXT_MAX 12u
#define LIST_MAX 3u

struct filler {
	uint64_t stream;
	struct qk_arena *arena;
};

static int fill_field(struct filler *filler, const struct qk_field *field, uint8_t *value);

static uint64_t any_number(struct filler *filler, const struct qk_field *field)
{
	const char *unit = qk_field_unit(field);
	unsigned int bits = field->width * 8u;
	uint64_t number = qk_sim_random(&filler->stream);

	/* half of them small, as most quantities are */
	if (unit && strcmp(unit, "%") == 0)
		number %= 101;
	else if (qk_sim_below(&filler->stream, 2))
		number %= 120;
	else if (bits < 64)
		number &= (UINT64_C(1) << bits) - 1;
	if (field->kind == QK_KIND_INT) {
		uint64_t sign = UINT64_C(1) << (bits - 1);
		number = (number ^ sign) - sign;
	}
	return number;
}

/* One of the names, or some of the flags, that stock tools know too: what those print is compared. */
static int64_t named_number(struct filler *filler, const struct qk_field *field)
{
	const struct qk_values *values = qk_field_values(field);
	bool is_enum = !(field->flags & QK_FIELD_FLAGS);
	uint64_t left =
		is_enum ? qk_sim_below(&filler->stream, values->count - values->newer_count) : 0;
	int64_t flags = 0;

	for (size_t i = 0; i < values->count; i++) {
		int64_t value = qk_nth_value(values, i).value;
		if (qk_value_is_newer(values, value))
			continue;
		if (is_enum && !left--)
			return value;
		if (!is_enum && qk_sim_below(&filler->stream, 3) == 0)
			flags |= value;
	}
	return flags;
}

static void fill_number(struct filler *filler, const struct qk_field *field, uint8_t *value)
{
	const struct qk_values *values = qk_field_values(field);
	int64_t number;

	if (field->kind == QK_KIND_BOOL)
		number = (int64_t)qk_sim_below(&filler->stream, 2);
	else if (values && values->count > values->newer_count)
		number = named_number(filler, field);
	else
		number = (int64_t)any_number(filler, field);
	qk_store_number(field, value, number);
}

static void fill_float(struct filler *filler, const struct qk_field *field, uint8_t *value)
{
	double number = (double)qk_sim_below(&filler->stream, 3600000) / 10000.0 - 180.0;
	float single = (float)number;

	if (field->size == sizeof(single))
		memcpy(value, &single, sizeof(single));
	else
		memcpy(value, &number, sizeof(number));
}

static size_t some_size(struct filler *filler, const struct qk_field *field, size_t limit)
{
	if (field->max && field->max < limit)
		limit = field->max;
	return field->fixed ? field->fixed : 1 + (size_t)qk_sim_below(&filler->stream, limit);
}

static int fill_text(struct filler *filler, const struct qk_field *field, uint8_t *value)
{
	static const char letters[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789 .-";
	size_t size = some_size(filler, field, TEXT_MAX);
	char *text = qk_arena_take(filler->arena, size + 1);

	if (!text)
		return -ENOBUFS;
	for (size_t i = 0; i < size; i++)
		text[i] = letters[qk_sim_below(&filler->stream, sizeof(letters) - 1)];
	/* a blank at either end is easily lost on the way to a test's eye */
	text[0] = 'Q';
	text[size - 1] = 'k';
	*(struct qk_string *)(void *)value = (struct qk_string){ text, size };
	return 0;
}

/* All of the places or one less, as an MCC and an MNC have. */
static void fill_digits(struct filler *filler, const struct qk_field *field, char *value)
{
	size_t size =
		field->fixed - (size_t)qk_sim_below(&filler->stream, field->fixed > 1 ? 2 : 1);

	for (size_t i = 0; i < size; i++)
		value[i] = (char)('0' + qk_sim_below(&filler->stream, 10));
}

static int fill_bytes(struct filler *filler, const struct qk_field *field, uint8_t *value)
{
	size_t size = some_size(filler, field, TEXT_MAX);
	uint8_t *bytes = qk_arena_take(filler->arena, size);

	if (!bytes)
		return -ENOBUFS;
	for (size_t i = 0; i < size; i++)
		bytes[i] = (uint8_t)qk_sim_random(&filler->stream);
	*(struct qk_bytes *)(void *)value = (struct qk_bytes){ bytes, size };
	return 0;
}

static int fill_one(struct filler *filler, const struct qk_field *field, uint8_t *value)
{
	const struct qk_field *member;
	size_t count;
	int r = 0;

	switch ((enum qk_kind)field->kind) {
	case QK_KIND_UINT:
	case QK_KIND_INT:
	case QK_KIND_BOOL:
		fill_number(filler, field, value);
		return 0;
	case QK_KIND_FLOAT:
		fill_float(filler, field, value);
		return 0;
	case QK_KIND_DIGITS:
		fill_digits(filler, field, (char *)value);
		return 0;
	case QK_KIND_STRING:
		return fill_text(filler, field, value);
	case QK_KIND_BYTES:
		return fill_bytes(filler, field, value);
	case QK_KIND_STRUCT:
		member = qk_field_members(field, &count);
		for (; r == 0 && count; count--, member++)
			r = fill_field(filler, member, value + member->offset);
		return r;
	}
	return -EINVAL;
}

static int fill_list(struct filler *filler, const struct qk_field *field, uint8_t *value)
{
	/* of a list the descriptor's `fixed` and `prefix` speak of the list, not of its items */
	struct qk_field item = *field;
	size_t count = some_size(filler, field, LIST_MAX);
	uint8_t *items = qk_arena_take(filler->arena, count * field->size);
	int r = 0;

	if (!items)
		return -ENOBUFS;
	item.flags = (uint8_t)(field->flags & ~QK_FIELD_LIST);
	item.fixed = 0;
	for (size_t i = 0; r == 0 && i < count; i++)
		r = fill_one(filler, &item, items + i * field->size);
	*(struct qk_list *)(void *)value = (struct qk_list){ items, count };
	return r;
}

static int fill_field(struct filler *filler, const struct qk_field *field, uint8_t *value)
{
	if (field->flags & QK_FIELD_LIST)
		return fill_list(filler, field, value);
	return fill_one(filler, field, value);
}

int qk_sim_seeded_fill(const struct qk_message *message, uint64_t seed, uint8_t presence_percent,
		       struct qk_arena *arena, void *value)
{
	for (size_t i = 0; i < message->tlv_count; i++) {
		const struct qk_tlv_def *tlv = &message->tlvs[i];
		char label[64];
		/* whether it went well is for the caller to say */
		if (message->type == QK_RESPONSE && tlv->type == 0x02)
			continue;
		snprintf(label, sizeof(label), "%u/%u/%u/%u", message->service, message->type,
			 message->id, tlv->type);
		struct filler filler = { .stream = qk_sim_stream(seed, label), .arena = arena };
		if (!tlv->mandatory && qk_sim_below(&filler.stream, 100) >= presence_percent)
			continue;
		*((bool *)value + tlv->has) = true;
		int r = fill_field(&filler, &tlv->field, (uint8_t *)value + tlv->field.offset);
		if (r < 0)
			return r;
	}
	return 0;
}

/* By which requests clients ask to be told of events. */
static const char *const registrations[] = {
	"register",         "register-events",  "register-indications", "indication-register",
	"set-event-report", "refresh-register", "refresh-register-all",
};

static bool registers(const struct qk_message *request)
{
	for (size_t i = 0; i < sizeof(registrations) / sizeof(registrations[0]); i++)
		if (!strcmp(qk_message_name(request), registrations[i]))
			return true;
	return false;
}

/* The value that says that all went well and is over; negative: the field says nothing of the kind. */
static int64_t good_outcome(const struct qk_field *field)
{
	const struct qk_values *values = qk_field_values(field);
	const char *name = qk_field_name(field);
	bool status = !strcmp(name, "status") && field->kind == QK_KIND_UINT;
	int64_t complete;

	if (!strcmp(name, "indication-result") || !strcmp(name, "indication-status"))
		return 0;
	if (status && values && qk_value_by_name(values, "complete", &complete))
		return complete;
	return -1;
}

/* How it went: well. The refusals of a seeded modem are those that it is told to have. */
static void set_outcome(const struct qk_message *message, uint8_t *indication)
{
	for (size_t i = 0; i < message->tlv_count; i++) {
		const struct qk_tlv_def *tlv = &message->tlvs[i];
		int64_t outcome = good_outcome(&tlv->field);

		if (outcome < 0)
			continue;
		indication[tlv->has] = true;
		qk_store_number(&tlv->field, indication + tlv->field.offset, outcome);
	}
}

static void tell(struct qk_sim_call *call, const struct qk_method *method,
		 const struct qk_message *message)
{
	struct qk_sim *sim = call->sim;
	uint8_t *indication = qk_arena_take(&sim->arena, message->size);

	if (!indication ||
	    qk_sim_seeded_fill(message, sim->state.seed, sim->profile->presence_percent,
			       &sim->arena, indication) < 0)
		return;
	set_outcome(message, indication);
	qk_sim_copy_tlvs(method->request, call->request, message, indication);
	(void)qk_sim_tell_after(call, message, indication);
}

/* Whether a message of the service is answered with this number: then it is no event. */
static bool is_outcome(const struct qk_service *service, uint16_t id)
{
	for (size_t i = 0; i < service->method_count; i++)
		if (service->methods[i].request->id == id)
			return true;
	return false;
}

void qk_sim_seeded_tell(struct qk_sim_call *call, const struct qk_method *method)
{
	const struct qk_service *service = qk_service_by_id(qk_sim_service_id(call->service));
	bool all = registers(method->request);

	for (size_t i = 0; service && i < service->indication_count; i++) {
		const struct qk_message *message = service->indications[i];

		if (message->vendor != method->request->vendor)
			continue;
		if (message->id == method->request->id ||
		    (all && !is_outcome(service, message->id)))
			tell(call, method, message);
	}
}
