/*
 * Profile, writing: the rows of profile-read.h the other way round, from plain C to JSON.
 */
#include <arpa/inet.h>
#include <string.h>

#include <qmikit/common.h>

#include "profile-read.h"

/* A member as a number: it is a little struct of its own width. */
static int64_t load(const struct qk_sim_member *member, const uint8_t *at)
{
	bool is_signed = member->kind == INT;
	uint8_t u8 = *at;
	uint16_t u16;
	uint32_t u32;
	uint64_t u64;

	if (member->size == 1)
		return is_signed ? (int8_t)u8 : u8;
	if (member->size == 2) {
		memcpy(&u16, at, sizeof(u16));
		return is_signed ? (int16_t)u16 : u16;
	}
	if (member->size == 4) {
		memcpy(&u32, at, sizeof(u32));
		return is_signed ? (int64_t)(int32_t)u32 : u32;
	}
	memcpy(&u64, at, sizeof(u64));
	return (int64_t)u64;
}

static json_t *write_hex(const struct qk_sim_member *member, const uint8_t *at)
{
	static const char digits[] = "0123456789abcdef";
	char text[512];
	size_t size = at[member->size];

	if (size > member->size || 2 * size > sizeof(text))
		return NULL;
	for (size_t i = 0; i < size; i++) {
		text[2 * i] = digits[at[i] >> 4];
		text[2 * i + 1] = digits[at[i] & 15];
	}
	return json_stringn(text, 2 * size);
}

static json_t *write_address(const struct qk_sim_member *member, const uint8_t *at)
{
	bool is4 = member->kind == ADDRESS4;
	uint32_t number = is4 ? htonl((uint32_t)load(member, at)) : 0;
	char text[INET6_ADDRSTRLEN];

	if (!inet_ntop(is4 ? AF_INET : AF_INET6, is4 ? (const void *)&number : at, text,
		       sizeof(text)))
		return NULL;
	return json_string(text);
}

static json_t *write_word(const struct qk_sim_member *member, int64_t value)
{
	for (const struct qk_sim_word *word = member->words; word->name; word++)
		if (word->value == (uint32_t)value)
			return json_string(word->name);
	return json_integer(value);
}

static json_t *write_words(const struct qk_sim_member *member, int64_t value)
{
	json_t *list = json_array();

	for (const struct qk_sim_word *word = member->words; word->name; word++)
		if (word->value & (uint32_t)value)
			json_array_append_new(list, json_string(word->name));
	return list;
}

static json_t *write_service(uint8_t id)
{
	const char *name = qk_service_name(id);

	return name ? json_string(name) : json_integer(id);
}

static json_t *write_error(int64_t code)
{
	const struct qk_error_info *error = qk_error_by_code((uint16_t)code);

	return error ? json_string(error->name) : json_integer(code);
}

static json_t *write_vendor(int64_t id)
{
	const char *name = qk_value_name(&qk_vendor_values, id);

	return name ? json_string(name) : NULL;
}

/* The value at `at` as its row says; NULL when memory is short. A note has none. */
static json_t *write_value(const struct qk_sim_member *member, const uint8_t *at)
{
	double number;

	switch (member->kind) {
	case TEXT:
	case DIGITS:
		return json_stringn((const char *)at, strnlen((const char *)at, member->size));
	case HEX:
		return write_hex(member, at);
	case ADDRESS4:
	case ADDRESS6:
		return write_address(member, at);
	case UINT:
	case INT:
		return json_integer(load(member, at));
	case REAL:
		memcpy(&number, at, sizeof(number));
		return json_real(number);
	case BOOL:
		return json_boolean(load(member, at) != 0);
	case WORD:
		return write_word(member, load(member, at));
	case WORDS:
		return write_words(member, load(member, at));
	case SERVICE:
		return write_service(*at);
	case ERROR_NAME:
		return write_error(load(member, at));
	case VENDOR:
		return write_vendor(load(member, at));
	case NOTE:
		return NULL;
	}
	return NULL;
}

json_t *qk_sim_write_object(const struct qk_sim_section *section, const void *base)
{
	json_t *object = json_object();

	for (size_t i = 0; i < section->count; i++) {
		const struct qk_sim_member *member = &section->members[i];
		if (member->kind != NOTE)
			json_object_set_new(
				object, member->name,
				write_value(member, (const uint8_t *)base + member->offset));
	}
	return object;
}
