/* Registry: what the generated tables know, by number and by name. */
#include <string.h>

#include <qmikit/common.h>

#include "lib/codec/tables.h"

const struct qk_service *const *qk_services(void)
{
	return qk_all_services;
}

const struct qk_service *qk_service_by_id(uint16_t service)
{
	for (size_t i = 0; qk_all_services[i]; i++)
		if (qk_all_services[i]->id == service)
			return qk_all_services[i];
	return NULL;
}

const struct qk_service *qk_service_by_name(const char *name)
{
	for (size_t i = 0; qk_all_services[i]; i++)
		if (!strcmp(qk_all_services[i]->name, name))
			return qk_all_services[i];
	return NULL;
}

const struct qk_method *qk_method_by_id(uint16_t service, uint16_t message)
{
	const struct qk_service *s = qk_service_by_id(service);

	for (size_t i = 0; s && i < s->method_count; i++)
		if (s->methods[i].request->id == message && !s->methods[i].request->vendor)
			return &s->methods[i];
	return NULL;
}

/* The `i`-th message of one direction, or NULL behind the last. */
static const struct qk_message *nth(const struct qk_service *s, enum qk_message_type type, size_t i)
{
	if (type == QK_INDICATION)
		return i < s->indication_count ? s->indications[i] : NULL;
	if (i >= s->method_count)
		return NULL;
	return type == QK_REQUEST ? s->methods[i].request : s->methods[i].response;
}

/* The message that has just this vendor, 0 among them. */
static const struct qk_message *find(uint16_t vendor, uint16_t service, enum qk_message_type type,
				     uint16_t message)
{
	const struct qk_service *s = qk_service_by_id(service);
	const struct qk_message *m = NULL;

	for (size_t i = 0; s && (m = nth(s, type, i)); i++)
		if (m->id == message && m->vendor == vendor)
			return m;
	return NULL;
}

const struct qk_message *qk_message_by_id(uint16_t service, enum qk_message_type type,
					  uint16_t message)
{
	return find(0, service, type, message);
}

const struct qk_message *qk_message_of_vendor(uint16_t vendor, uint16_t service,
					      enum qk_message_type type, uint16_t message)
{
	const struct qk_message *m = find(vendor, service, type, message);

	return m ? m : find(0, service, type, message);
}

/* Whether the name at `at` is `name`. Most differ in the first letter: that saves the call. */
static inline bool is_name(uint32_t at, const char *name)
{
	return qk_names[at] == name[0] && !strcmp(qk_names + at, name);
}

const struct qk_message *qk_message_by_name(const struct qk_service *service,
					    enum qk_message_type type, const char *name)
{
	const struct qk_message *m;

	for (size_t i = 0; (m = nth(service, type, i)); i++)
		if (is_name(m->name_at, name))
			return m;
	return NULL;
}

const struct qk_tlv_def *qk_tlv_by_name(const struct qk_message *message, const char *name)
{
	for (size_t i = 0; i < message->tlv_count; i++)
		if (is_name(message->tlvs[i].field.name_at, name))
			return &message->tlvs[i];
	return NULL;
}

const char *qk_message_name(const struct qk_message *message)
{
	return qk_names + message->name_at;
}

const char *qk_field_name(const struct qk_field *field)
{
	return qk_name_of(field);
}

const struct qk_field *qk_field_members(const struct qk_field *field, size_t *ret_count)
{
	const struct qk_struct *s = &qk_all_structs[0].its;

	if (field->kind == QK_KIND_STRUCT)
		s = qk_struct_of(field);
	*ret_count = s->member_count;
	return qk_members_of(s);
}

const struct qk_values *qk_field_values(const struct qk_field *field)
{
	return field->kind == QK_KIND_STRUCT ? NULL : qk_values_of(field);
}

const char *qk_field_unit(const struct qk_field *field)
{
	return field->unit ? qk_all_units[field->unit - 1] : NULL;
}

static const char *nth_name(const struct qk_values *values, size_t index)
{
	return qk_names + qk_number_names[values->first + index];
}

struct qk_value_name qk_nth_value(const struct qk_values *values, size_t index)
{
	return (struct qk_value_name){ qk_all_numbers[values->first + index],
				       nth_name(values, index) };
}

bool qk_value_is_newer(const struct qk_values *values, int64_t value)
{
	const int64_t *newer = &qk_newer_numbers[values->first_newer];

	for (size_t i = 0; i < values->newer_count; i++)
		if (newer[i] == value)
			return true;
	return false;
}

const char *qk_value_name(const struct qk_values *values, int64_t value)
{
	const int64_t *numbers = &qk_all_numbers[values->first];

	for (size_t i = 0; i < values->count; i++)
		if (numbers[i] == value)
			return nth_name(values, i);
	return NULL;
}

bool qk_value_by_name(const struct qk_values *values, const char *name, int64_t *ret)
{
	for (size_t i = 0; i < values->count; i++) {
		if (is_name(qk_number_names[values->first + i], name)) {
			*ret = qk_all_numbers[values->first + i];
			return true;
		}
	}
	return false;
}

const char *qk_next_flag(const struct qk_values *values, uint64_t *bits, bool first)
{
	const char *whole = first ? qk_value_name(values, (int64_t)*bits) : NULL;
	const int64_t *numbers = &qk_all_numbers[values->first];

	if (whole) {
		*bits = 0;
		return whole;
	}
	for (size_t i = 0; i < values->count; i++) {
		uint64_t mask = (uint64_t)numbers[i];

		if ((*bits & mask) && !(mask & (mask - 1))) {
			*bits &= ~mask;
			return nth_name(values, i);
		}
	}
	return NULL;
}

const char *qk_service_name(uint16_t service)
{
	return qk_value_name(&qk_service_id_values, service);
}

const struct qk_error_info *qk_error_by_code(uint16_t code)
{
	for (size_t i = 0; i < qk_all_errors_count; i++)
		if (qk_all_errors[i].code == code)
			return &qk_all_errors[i];
	return NULL;
}

const struct qk_error_info *qk_error_by_name(const char *name)
{
	for (size_t i = 0; i < qk_all_errors_count; i++)
		if (!strcmp(qk_all_errors[i].name, name))
			return &qk_all_errors[i];
	return NULL;
}
