/*
 * AT named: settings with names (see at-named.h).
 */
#include "at-named.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

int qk_at_arg_word(const struct qk_at_parsed *parsed, size_t i, const char *const *words,
		   uint32_t *ret)
{
	for (uint32_t k = 0; words[k]; k++) {
		if (qk_at_arg_is(parsed, i, words[k])) {
			*ret = k;
			return 0;
		}
	}
	return -EINVAL;
}

static void append(char *text, size_t text_size, const char *more)
{
	size_t used = strlen(text);

	snprintf(text + used, text_size - used, "%s", more);
}

static int read_row(struct qk_at_call *call, const struct qk_at_named *row)
{
	char text[128] = "", value[48];

	for (size_t i = 0; i < row->setting_count; i++) {
		uint32_t number = qk_at_get(call->port, row->settings[i]);
		if (row->words)
			snprintf(value, sizeof(value), ",\"%s\"", row->words[number]);
		else
			snprintf(value, sizeof(value), ",%u", number);
		append(text, sizeof(text), value);
	}
	qk_at_say(call, "%s: \"%s\"%s", call->command->name, row->name, text);
	return QK_AT_OK;
}

static int set_row(struct qk_at_call *call, const struct qk_at_named *row)
{
	uint32_t values[2] = { 0 };

	if (call->parsed->arg_count > row->setting_count + 1u)
		return QK_AT_ERROR;
	for (size_t i = 0; i < row->setting_count; i++) {
		uint32_t min, max;
		qk_at_setting_range(row->settings[i], &min, &max);
		values[i] = qk_at_get(call->port, row->settings[i]);
		int r = row->words && qk_at_has_arg(call->parsed, i + 1)
				? qk_at_arg_word(call->parsed, i + 1, row->words, &values[i])
				: qk_at_arg_number(call->parsed, i + 1, min, max, &values[i]);
		if (r < 0)
			return QK_AT_ERROR;
	}
	for (size_t i = 0; i < row->setting_count; i++)
		qk_at_put_setting(call->port, row->settings[i], values[i]);
	return QK_AT_OK;
}

int qk_at_named_set(struct qk_at_call *call, const struct qk_at_named *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (!qk_at_arg_is(call->parsed, 0, rows[i].name))
			continue;
		if (rows[i].fn)
			return rows[i].fn(call);
		return call->parsed->arg_count == 1 ? read_row(call, &rows[i])
						    : set_row(call, &rows[i]);
	}
	return QK_AT_ERROR;
}

static void test_words(const struct qk_at_named *row, char *text, size_t text_size)
{
	append(text, text_size, "(");
	for (size_t i = 0; row->words[i]; i++) {
		append(text, text_size, i ? ",\"" : "\"");
		append(text, text_size, row->words[i]);
		append(text, text_size, "\"");
	}
	append(text, text_size, ")");
}

static void test_numbers(const struct qk_at_named *row, char *text, size_t text_size)
{
	char range[32];

	for (size_t i = 0; i < row->setting_count; i++) {
		uint32_t min, max;
		qk_at_setting_range(row->settings[i], &min, &max);
		snprintf(range, sizeof(range), "%s(%u%s%u)", i ? "," : "", min,
			 max - min == 1 ? "," : "-", max);
		append(text, text_size, range);
	}
}

int qk_at_named_test(struct qk_at_call *call, const struct qk_at_named *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		char text[256] = "";

		if (rows[i].hidden)
			continue;
		if (rows[i].test)
			append(text, sizeof(text), rows[i].test);
		else if (rows[i].words)
			test_words(&rows[i], text, sizeof(text));
		else
			test_numbers(&rows[i], text, sizeof(text));
		qk_at_say(call, "%s: \"%s\",%s", call->command->name, rows[i].name, text);
	}
	return QK_AT_OK;
}
