/*
 * Ctl, words: from words to JSON (see ctl-words.h).
 */
#include "ctl-words.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct words {
	char **words;
	int count, next;
	const struct qk_control_row *row;
	json_t *request;
	char *error;
	size_t error_size;
};

static int refuse(const struct words *words, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static int refuse(const struct words *words, const char *format, ...)
{
	va_list list;

	va_start(list, format);
	vsnprintf(words->error, words->error_size, format, list);
	va_end(list);
	return -EINVAL;
}

/* The row with the longest name that the first words are, joined by "-". */
static int find_row(struct words *words)
{
	char name[64] = "";
	size_t size = 0;

	for (int i = 0; i < words->count; i++) {
		int more = snprintf(name + size, sizeof(name) - size, i ? "-%s" : "%s",
				    words->words[i]);
		if (more < 0 || (size_t)more >= sizeof(name) - size)
			break;
		size += (size_t)more;
		const struct qk_control_row *row = qk_control_find(name, size);
		if (row) {
			words->row = row;
			words->next = i + 1;
		}
	}
	if (!words->row)
		return refuse(words, "there is no request '%.60s' (--help lists them)",
			      words->count ? words->words[0] : "");
	return 0;
}

static json_t *number(const char *text)
{
	char *end;

	errno = 0;
	long long value = strtoll(text, &end, 0);
	/* what is no number is told by who knows the range */
	return *text && !*end && !errno ? json_integer(value) : json_string(text);
}

static json_t *real(const char *text)
{
	char *end;
	double value = strtod(text, &end);

	return *text && !*end ? json_real(value) : json_string(text);
}

static json_t *boolean(const char *text)
{
	static const char *const yes[] = { "true", "yes", "on", "1" }, *const no[] = { "false",
										       "no", "off",
										       "0" };

	for (size_t i = 0; i < sizeof(yes) / sizeof(yes[0]); i++) {
		if (strcmp(text, yes[i]) == 0)
			return json_true();
		if (strcmp(text, no[i]) == 0)
			return json_false();
	}
	return json_string(text);
}

static json_t *list(const char *text)
{
	json_t *items = json_array();

	for (;;) {
		size_t size = strcspn(text, ",");
		if (size)
			json_array_append_new(items, json_stringn(text, size));
		if (!text[size])
			return items;
		text += size + 1;
	}
}

static json_t *value_of(const struct qk_sim_member *member, const char *text)
{
	switch (member->kind) {
	case UINT:
	case INT:
		return number(text);
	case REAL:
		return real(text);
	case BOOL:
		return boolean(text);
	case WORDS:
		return list(text);
	case TEXT:
	case DIGITS:
	case HEX:
	case ADDRESS4:
	case ADDRESS6:
	case WORD:
	case SERVICE:
	case ERROR_NAME:
	case VENDOR:
	case NOTE:
		break;
	}
	return json_string(text);
}

static int set_value(struct words *words, const char *name, json_t *take_value)
{
	if (!take_value)
		return refuse(words, "%.60s: is no text (UTF-8)", name);
	return json_object_set_new(words->request, name, take_value) < 0 ? -ENOMEM : 0;
}

static const struct qk_sim_member *find_member(const struct qk_control_row *row, const char *name,
					       size_t size)
{
	for (size_t i = 0; i < row->count; i++)
		if (strlen(row->members[i].name) == size &&
		    memcmp(row->members[i].name, name, size) == 0)
			return &row->members[i];
	return NULL;
}

/* The first member that has no value yet gets a bare word. */
static int take_word(struct words *words, const char *text)
{
	for (size_t i = 0; i < words->row->count; i++) {
		const struct qk_sim_member *member = &words->row->members[i];
		if (!json_object_get(words->request, member->name))
			return set_value(words, member->name, value_of(member, text));
	}
	return refuse(words, "%s: '%.60s' is too much (--help says what it takes)",
		      words->row->name, text);
}

static int set_option(struct words *words, const char *name, size_t size, const char *text,
		      struct qk_ctl_options *options)
{
	const struct qk_sim_member *member = find_member(words->row, name, size);

	if (member)
		return set_value(words, member->name, value_of(member, text));
	if (size == 5 && memcmp(name, "modem", size) == 0)
		return set_value(words, "modem", number(text));
	if (size == 5 && memcmp(name, "until", size) == 0)
		options->until = text;
	else
		options->timeout = text;
	return 0;
}

static bool is_own_option(const struct qk_control_row *row, const char *name, size_t size)
{
	bool watch = strcmp(row->name, "watch") == 0;

	return (size == 5 && memcmp(name, "modem", size) == 0) ||
	       (watch && size == 5 && memcmp(name, "until", size) == 0) ||
	       (watch && size == 7 && memcmp(name, "timeout", size) == 0);
}

/* "--name value", "--name=value", or "--name" of what is true or not. */
static int take_option(struct words *words, const char *word, struct qk_ctl_options *options)
{
	const char *name = word + 2, *equals = strchr(name, '=');
	size_t size = equals ? (size_t)(equals - name) : strlen(name);
	const struct qk_sim_member *member = find_member(words->row, name, size);

	if (strcmp(name, "help") == 0) {
		options->help = true;
		return 0;
	}
	if (!member && !is_own_option(words->row, name, size))
		return refuse(words, "%s: option '%.60s' is unknown (--help says what it takes)",
			      words->row->name, word);
	if (equals)
		return set_option(words, name, size, equals + 1, options);
	if (member && member->kind == BOOL)
		return set_value(words, member->name, json_true());
	if (words->next == words->count)
		return refuse(words, "%s: option '%.60s' needs a value", words->row->name, word);
	return set_option(words, name, size, words->words[words->next++], options);
}

int qk_ctl_words(int count, char **argv, struct qk_ctl_options *ret_options, json_t **ret_request,
		 char *error, size_t error_size)
{
	struct words words = {
		.words = argv, .count = count, .error = error, .error_size = error_size
	};
	struct qk_ctl_options options = { 0 };
	int r = find_row(&words);

	if (r < 0)
		return r;
	options.row = words.row;
	words.request = json_pack("{s:s}", "do", words.row->name);
	while (words.request && r == 0 && words.next < count) {
		const char *word = argv[words.next++];
		r = strncmp(word, "--", 2) == 0 ? take_option(&words, word, &options)
						: take_word(&words, word);
	}
	if (r < 0 || !words.request) {
		json_decref(words.request);
		return words.request ? r : -ENOMEM;
	}
	*ret_options = options;
	*ret_request = words.request;
	return 0;
}
