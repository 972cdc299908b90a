/*
 * Profile, reading: the engine behind the rows (see profile-read.h).
 */
#include "profile-read.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <qmikit/common.h>

#include "json-line.h"

#define CERTAINTIES "SRMCU"

int qk_sim_refuse(const struct qk_sim_context *context, const char *path, const char *what)
{
	if (context->request)
		snprintf(context->error, context->error_size, "%.60s: %.100s %s", context->name,
			 path, what);
	else
		snprintf(context->error, context->error_size,
			 "profile '%.60s': line %u: %.100s: %s", context->name,
			 qk_json_line(context->json, context->json_size, path), path, what);
	return -EINVAL;
}

static int refuse_range(const struct qk_sim_context *context, const char *path, int64_t min,
			int64_t max)
{
	char what[96];

	snprintf(what, sizeof(what), "must be a number from %lld to %lld", (long long)min,
		 (long long)max);
	return qk_sim_refuse(context, path, what);
}

/* Stores the low bytes of a number: members are little structs of their own width. */
static void store(void *at, size_t size, uint64_t number)
{
	uint8_t u8 = (uint8_t)number;
	uint16_t u16 = (uint16_t)number;
	uint32_t u32 = (uint32_t)number;
	const void *from = size == 1   ? (void *)&u8
			   : size == 2 ? (void *)&u16
			   : size == 4 ? (void *)&u32
				       : (void *)&number;

	memcpy(at, from, size);
}

static bool json_number(const json_t *value, int64_t *ret)
{
	if (json_is_integer(value)) {
		*ret = json_integer_value(value);
		return true;
	}
	const char *text = json_string_value(value);
	char *end;
	if (!text || *text < '0' || *text > '9')
		return false;
	errno = 0;
	*ret = strtoll(text, &end, 0);
	return !*end && !errno;
}

static int read_real(const struct qk_sim_context *context, const char *path,
		     const struct qk_sim_member *member, const json_t *value, uint8_t *at)
{
	double number = json_number_value(value);

	if (!json_is_number(value) || number < (double)member->min || number > (double)member->max)
		return refuse_range(context, path, member->min, member->max);
	memcpy(at, &number, sizeof(number));
	return 0;
}

static int read_text(const struct qk_sim_context *context, const char *path,
		     const struct qk_sim_member *member, const json_t *value, char *at)
{
	const char *text = json_string_value(value);
	size_t limit = member->max ? (size_t)member->max : member->size - 1u;
	char what[96];

	snprintf(what, sizeof(what), "must be a string of at most %zu %s", limit,
		 member->kind == DIGITS ? "digits" : "bytes");
	if (!text || json_string_length(value) > limit || strlen(text) != json_string_length(value))
		return qk_sim_refuse(context, path, what);
	if (member->kind == DIGITS && text[strspn(text, "0123456789")])
		return qk_sim_refuse(context, path, what);
	memcpy(at, text, strlen(text) + 1);
	return 0;
}

static int hex_digit(char c)
{
	const char *digits = "0123456789abcdef", *found = strchr(digits, c | 0x20);

	return c && found ? (int)(found - digits) : -1;
}

static int read_hex(const struct qk_sim_context *context, const char *path,
		    const struct qk_sim_member *member, const json_t *value, uint8_t *at)
{
	const char *text = json_string_value(value);
	size_t size = text ? strlen(text) / 2 : 0;

	if (!text || strlen(text) % 2 || size > member->size)
		return qk_sim_refuse(context, path, "must be bytes as an even count of hex digits");
	for (size_t i = 0; i < size; i++) {
		int high = hex_digit(text[2 * i]), low = hex_digit(text[2 * i + 1]);
		if (high < 0 || low < 0)
			return qk_sim_refuse(context, path, "must be hex digits");
		at[i] = (uint8_t)(high << 4 | low);
	}
	at[member->size] = (uint8_t)size;
	return 0;
}

static int read_address(const struct qk_sim_context *context, const char *path,
			const struct qk_sim_member *member, const json_t *value, uint8_t *at)
{
	bool is4 = member->kind == ADDRESS4;
	const char *text = json_string_value(value);
	uint8_t bytes[16];

	if (!text || inet_pton(is4 ? AF_INET : AF_INET6, text, bytes) != 1)
		return qk_sim_refuse(context, path,
				     is4 ? "must be an address of IPv4, such as \"8.8.8.8\""
					 : "must be an address of IPv6, such as \"2001:db8::1\"");
	if (is4)
		store(at, member->size,
		      (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 |
			      (uint32_t)bytes[2] << 8 | bytes[3]);
	else
		memcpy(at, bytes, sizeof(bytes));
	return 0;
}

static int find_word(const struct qk_sim_context *context, const char *path,
		     const struct qk_sim_word *words, const json_t *value, uint32_t *ret)
{
	const char *text = json_string_value(value);
	char what[256] = "must be one of";

	for (; text && words->name; words++) {
		if (strcmp(words->name, text) == 0) {
			*ret = words->value;
			return 0;
		}
		size_t used = strlen(what);
		snprintf(what + used, sizeof(what) - used, " %s", words->name);
	}
	return qk_sim_refuse(context, path, text ? what : "must be a word");
}

static int read_words(const struct qk_sim_context *context, const char *path,
		      const struct qk_sim_member *member, const json_t *value, void *at)
{
	uint32_t all = 0, one;

	if (!json_is_array(value))
		return qk_sim_refuse(context, path, "must be a list of words");
	for (size_t i = 0; i < json_array_size(value); i++) {
		int r = find_word(context, path, member->words, json_array_get(value, i), &one);
		if (r < 0)
			return r;
		all |= one;
	}
	store(at, member->size, all);
	return 0;
}

static int read_service(const struct qk_sim_context *context, const char *path, const json_t *value,
			uint8_t *at)
{
	const char *text = json_string_value(value);
	int64_t number;

	if (json_number(value, &number) && number >= 0 && number <= UINT8_MAX) {
		*at = (uint8_t)number;
		return 0;
	}
	for (unsigned int id = 0; text && id <= UINT8_MAX; id++) {
		const char *name = qk_service_name((uint8_t)id);
		if (name && strcmp(name, text) == 0) {
			*at = (uint8_t)id;
			return 0;
		}
	}
	return qk_sim_refuse(context, path, "must be the name of a service or a number up to 255");
}

static int read_vendor(const struct qk_sim_context *context, const char *path, const json_t *value,
		       const struct qk_sim_member *member, uint8_t *at)
{
	const struct qk_values *vendors = &qk_vendor_values;
	const char *text = json_string_value(value);
	char what[96] = "must be one of:";

	int64_t vendor;

	if (text && qk_value_by_name(vendors, text, &vendor)) {
		store(at, member->size, (uint64_t)vendor);
		return 0;
	}
	for (size_t i = 0; i < vendors->count; i++) {
		size_t used = strlen(what);
		snprintf(what + used, sizeof(what) - used, " %s", qk_nth_value(vendors, i).name);
	}
	return qk_sim_refuse(context, path, what);
}

int qk_sim_read_value(const struct qk_sim_context *context, const char *path,
		      const struct qk_sim_member *member, const json_t *value, uint8_t *at)
{
	const struct qk_error_info *error;
	int64_t number;
	uint32_t word;

	switch (member->kind) {
	case TEXT:
	case DIGITS:
		return read_text(context, path, member, value, (char *)at);
	case HEX:
		return read_hex(context, path, member, value, at);
	case ADDRESS4:
	case ADDRESS6:
		return read_address(context, path, member, value, at);
	case UINT:
	case INT:
		if (!json_number(value, &number) || number < member->min || number > member->max)
			return refuse_range(context, path, member->min, member->max);
		store(at, member->size, (uint64_t)number);
		return 0;
	case REAL:
		return read_real(context, path, member, value, at);
	case BOOL:
		if (!json_is_boolean(value))
			return qk_sim_refuse(context, path, "must be true or false");
		store(at, member->size, json_is_true(value));
		return 0;
	case WORD:
		if (find_word(context, path, member->words, value, &word) < 0)
			return -EINVAL;
		store(at, member->size, word);
		return 0;
	case WORDS:
		return read_words(context, path, member, value, at);
	case SERVICE:
		return read_service(context, path, value, at);
	case ERROR_NAME:
		error = json_is_string(value) ? qk_error_by_name(json_string_value(value)) : NULL;
		if (!error)
			return qk_sim_refuse(context, path,
					     "must be the name of a QMI protocol error");
		store(at, member->size, error->code);
		return 0;
	case VENDOR:
		return read_vendor(context, path, value, member, at);
	case NOTE:
		return json_is_string(value) ? 0 : qk_sim_refuse(context, path, "must be a string");
	}
	return qk_sim_refuse(context, path, "has no rule");
}

static bool is_mark(const json_t *value)
{
	const char *text = json_string_value(value);

	return text && strlen(text) == 1 && strchr(CERTAINTIES, *text);
}

/* Every value has a mark: one for the whole object, or one a member. */
static int check_certainty(const struct qk_sim_context *context, const char *path,
			   const json_t *object, const char *name)
{
	const json_t *certainty = json_object_get(object, "certainty");
	char where[128];

	if (is_mark(certainty) || is_mark(json_object_get(certainty, name)))
		return 0;
	snprintf(where, sizeof(where), "%s.certainty.%s", path, name);
	return qk_sim_refuse(context, where, "must be one of S, R, M, C and U");
}

static const struct qk_sim_member *find_member(const struct qk_sim_member *members, size_t count,
					       const char *name)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(members[i].name, name) == 0)
			return &members[i];
	return NULL;
}

static int check_names(const struct qk_sim_context *context, const char *path, json_t *object,
		       const struct qk_sim_member *members, size_t count)
{
	const char *name;
	json_t *value;
	char where[128];

	json_object_foreach(object, name, value)
	{
		snprintf(where, sizeof(where), "%s.%.48s", path, name);
		if (strcmp(name, "certainty") != 0 && !find_member(members, count, name))
			return qk_sim_refuse(context, where, "is unknown");
	}
	return 0;
}

static int check_marks(const struct qk_sim_context *context, const char *path, json_t *object)
{
	const char *name;
	json_t *value;
	char where[128];

	json_object_foreach(json_object_get(object, "certainty"), name, value)
	{
		snprintf(where, sizeof(where), "%s.certainty.%.48s", path, name);
		if (!json_object_get(object, name))
			return qk_sim_refuse(context, where, "is about a member that is not there");
	}
	return 0;
}

int qk_sim_read_object(const struct qk_sim_context *context, const char *path, json_t *object,
		       const struct qk_sim_member *members, size_t count, void *base)
{
	char where[128];

	if (!json_is_object(object))
		return qk_sim_refuse(context, path, object ? "must be an object" : "is missing");
	int r = check_names(context, path, object, members, count);
	for (size_t i = 0; r == 0 && i < count; i++) {
		const json_t *value = json_object_get(object, members[i].name);
		snprintf(where, sizeof(where), "%s.%s", path, members[i].name);
		if (!value && members[i].optional)
			continue;
		if (!value)
			return qk_sim_refuse(context, where, "is missing");
		r = qk_sim_read_value(context, where, &members[i], value,
				      (uint8_t *)base + members[i].offset);
		if (r == 0 && members[i].kind != NOTE)
			r = check_certainty(context, path, object, members[i].name);
	}
	return r < 0 ? r : check_marks(context, path, object);
}

int qk_sim_read_list(const struct qk_sim_context *context, const char *path, json_t *list,
		     const struct qk_sim_section *items, void *base, size_t size, size_t limit,
		     size_t *ret_count)
{
	char where[128];

	if (!json_is_array(list))
		return qk_sim_refuse(context, path, list ? "must be a list" : "is missing");
	if (json_array_size(list) > limit) {
		snprintf(where, sizeof(where), "has more than %zu items", limit);
		return qk_sim_refuse(context, path, where);
	}
	for (size_t i = 0; i < json_array_size(list); i++) {
		snprintf(where, sizeof(where), "%s[%zu]", path, i);
		int r = qk_sim_read_object(context, where, json_array_get(list, i), items->members,
					   items->count, (uint8_t *)base + i * size);
		if (r < 0)
			return r;
	}
	*ret_count = json_array_size(list);
	return 0;
}
