/*
 * Profile, parsing: what was recorded of another modem (see profile.h): answers as their bytes.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "profile-read.h"
#include "profile.h"

#define R(member) \
	offsetof(struct qk_sim_recorded, member), sizeof(((struct qk_sim_recorded *)0)->member)

static const struct qk_sim_member members[] = {
	{ "service", SERVICE, R(service) },
	{ "message", UINT, R(message), .max = UINT16_MAX },
};
#define MEMBERS (sizeof(members) / sizeof(members[0]))

static int digit(char c)
{
	static const char digits[] = "0123456789abcdef";
	const char *found = c ? strchr(digits, c) : NULL;

	return found ? (int)(found - digits) : -1;
}

/* TLVs as lower-case hex, into memory of their own. */
static int read_tlvs(const struct qk_sim_context *context, const char *path, const json_t *value,
		     uint8_t **ret, size_t *ret_size)
{
	const char *text = json_string_value(value);
	size_t size = text ? strlen(text) / 2 : 0;

	if (!text || strlen(text) % 2 || size > QK_SIM_RECORDED_TLVS_MAX)
		return qk_sim_refuse(context, path, "must be TLVs as hex digits");
	uint8_t *bytes = malloc(size + 1);
	if (!bytes)
		return -ENOMEM;
	*ret = bytes; /* freed with the profile, also when it is refused */
	for (size_t i = 0; i < size; i++) {
		int high = digit(text[2 * i]), low = digit(text[2 * i + 1]);
		if (high < 0 || low < 0)
			return qk_sim_refuse(context, path, "must be lower-case hex digits");
		bytes[i] = (uint8_t)(high << 4 | low);
	}
	struct qk_cursor c = qk_cursor((struct qk_span){ bytes, size });
	struct qk_tlv tlv;
	while (qk_cursor_tlv(&c, &tlv))
		;
	if (c.error)
		return qk_sim_refuse(context, path, "must be whole TLVs");
	*ret_size = size;
	return 0;
}

static int read_row(const struct qk_sim_context *context, size_t i, json_t *object,
		    struct qk_sim_recorded *row)
{
	static const char *const names[] = { "service", "message", "request", "response", "what" };
	char where[64];
	const char *name;
	json_t *value;
	int r = 0;

	snprintf(where, sizeof(where), "recorded[%zu]", i);
	if (!json_is_object(object))
		return qk_sim_refuse(context, where, "must be an object");
	json_object_foreach(object, name, value)
	{
		bool known = false;
		for (size_t k = 0; k < sizeof(names) / sizeof(names[0]); k++)
			known |= strcmp(names[k], name) == 0;
		if (!known)
			return qk_sim_refuse(context, where, "has a member that is unknown");
	}
	for (size_t k = 0; k < MEMBERS && r == 0; k++) {
		snprintf(where, sizeof(where), "recorded[%zu].%s", i, members[k].name);
		r = qk_sim_read_value(context, where, &members[k],
				      json_object_get(object, members[k].name),
				      (uint8_t *)row + members[k].offset);
	}
	snprintf(where, sizeof(where), "recorded[%zu].request", i);
	if (r == 0)
		r = read_tlvs(context, where, json_object_get(object, "request"), &row->request,
			      &row->request_size);
	snprintf(where, sizeof(where), "recorded[%zu].response", i);
	if (r == 0)
		r = read_tlvs(context, where, json_object_get(object, "response"), &row->response,
			      &row->response_size);
	return r;
}

int qk_sim_profile_read_recorded(const struct qk_sim_context *context, json_t *root,
				 struct qk_sim_profile *profile)
{
	json_t *list = json_object_get(root, "recorded");
	size_t count = json_array_size(list);
	int r = 0;

	if (!list)
		return 0;
	if (!json_is_array(list) || count > QK_SIM_RECORDED_MAX)
		return qk_sim_refuse(context, "recorded", "must be a list of at most 4096 answers");
	profile->recorded = calloc(count + 1, sizeof(*profile->recorded));
	if (!profile->recorded)
		return -ENOMEM;
	profile->recorded_count = count;
	for (size_t i = 0; i < count && r == 0; i++)
		r = read_row(context, i, json_array_get(list, i), &profile->recorded[i]);
	return r;
}
