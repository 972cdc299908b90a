/*
 * The keys of a state file, a row each.
 */
#include "state.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum kind { NUMBER, HANDLE, TEXT };

struct row {
	const char *key;
	enum kind kind;
	size_t offset;
	uint32_t max; /* the highest number; the size of a text */
};

/* clang-format off */
#define NUMBER_ROW(key, member, max) { key, NUMBER, offsetof(struct state, member), max }
#define TEXT_ROW(key, member) \
	{ key, TEXT, offsetof(struct state, member), sizeof(((struct state *)0)->member) }
#define CALL_ROWS(call, suffix) \
	NUMBER_ROW("CID" suffix, calls[call].cid, 254), \
	{ "PDH" suffix, HANDLE, offsetof(struct state, calls[call]), UINT32_MAX }, \
	TEXT_ROW("ADDRESS" suffix, calls[call].address), \
	TEXT_ROW("GATEWAY" suffix, calls[call].gateway)

static const struct row rows[] = {
	CALL_ROWS(CALL_4, ""),
	CALL_ROWS(CALL_6, "6"),
	TEXT_ROW("NODE", node),
	TEXT_ROW("INTERFACE", interface),
	TEXT_ROW("DNS", dns),
	NUMBER_ROW("BROUGHT_UP", brought_up, 1),
	NUMBER_ROW("MTU", mtu, UINT32_MAX),
	NUMBER_ROW("METRIC", metric, UINT32_MAX),
	NUMBER_ROW("PROFILE_INDEX", profile_index, 255),
	NUMBER_ROW("CID_WDA", wda_cid, 254),
	NUMBER_ROW("ACCEPT_RA", accepted_ra, 3),
};
/* clang-format on */

#define ROWS (sizeof(rows) / sizeof(rows[0]))

bool state_is_empty(const struct state *state)
{
	for (unsigned int i = 0; i < CALLS; i++)
		if (state->calls[i].cid)
			return false;
	return !*state->interface && !state->wda_cid;
}

static bool read_number(const char *text, uint32_t max, uint32_t *ret)
{
	char *end;
	unsigned long long number;

	errno = 0;
	number = strtoull(text, &end, 10);
	if (*text < '0' || *text > '9' || errno || *end || number > max)
		return false;
	*ret = (uint32_t)number;
	return true;
}

static bool read_value(const struct row *row, const char *value, struct state *state)
{
	char *at = (char *)state + row->offset;
	size_t size = strlen(value);

	switch (row->kind) {
	case NUMBER:
		return read_number(value, row->max, (uint32_t *)(void *)at);
	case HANDLE: {
		struct state_call *call = (struct state_call *)(void *)at;

		if (!read_number(value, row->max, &call->handle))
			return false;
		call->has_handle = 1;
		return true;
	}
	case TEXT:
		if (size >= row->max)
			return false;
		memcpy(at, value, size + 1);
		return true;
	}
	return false;
}

/* A key that is not known was written by a newer version: it is nothing we could undo. */
static int take(const struct assignment *a, void *userdata, struct failure *f)
{
	for (size_t i = 0; i < ROWS; i++)
		if (!strcmp(a->key, rows[i].key) && !read_value(&rows[i], a->value, userdata))
			return failure_set(f, EXIT_HOST, "%s:%u: '%s' makes no sense as %s",
					   a->file, a->line, a->value, a->key);
	return 0;
}

int state_parse(const char *file, const char *text, size_t size, struct state *ret,
		struct failure *failure)
{
	struct state state = { 0 };

	if (assignments_parse(file, text, size, take, &state, failure))
		return failure->code = EXIT_HOST;
	*ret = state;
	return 0;
}

static size_t format_row(const struct row *row, const struct state *state, char *text, size_t room)
{
	const char *at = (const char *)state + row->offset;
	const struct state_call *call = (const struct state_call *)(const void *)at;
	uint32_t number = *(const uint32_t *)(const void *)at;
	int n = 0;

	switch (row->kind) {
	case NUMBER:
		if (number)
			n = snprintf(text, room, "%s=\"%u\"\n", row->key, number);
		break;
	case HANDLE:
		if (call->has_handle)
			n = snprintf(text, room, "%s=\"%u\"\n", row->key, call->handle);
		break;
	case TEXT:
		if (*at)
			n = snprintf(text, room, "%s=\"%s\"\n", row->key, at);
		break;
	}
	return n < 0 || (size_t)n >= room ? 0 : (size_t)n;
}

size_t state_format(const struct state *state, char *text)
{
	size_t size = 0;

	text[0] = 0;
	for (size_t i = 0; i < ROWS; i++)
		size += format_row(&rows[i], state, text + size, STATE_TEXT_MAX - size);
	text[size] = 0;
	return size;
}
