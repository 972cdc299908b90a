/*
 * AT parse: names, forms and arguments of commands (see at-parse.h).
 */
#include "at-parse.h"

#include <errno.h>
#include <string.h>
#include <strings.h>

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static size_t skip_blanks(const char *text, size_t size, size_t at)
{
	while (at < size && text[at] == ' ')
		at++;
	return at;
}

/* Decimal digits from `at` on: where they end. -EINVAL when they fit no 32 bits. */
static int read_digits(const char *text, size_t size, size_t *at, uint32_t *ret)
{
	uint64_t value = 0;

	while (*at < size && is_digit(text[*at])) {
		value = value * 10 + (uint64_t)(text[(*at)++] - '0');
		if (value > UINT32_MAX)
			return -EINVAL;
	}
	*ret = (uint32_t)value;
	return 0;
}

static struct qk_at_arg word(const char *text, size_t size)
{
	struct qk_at_arg arg = { QK_AT_WORD, text, size, 0 };
	size_t end = 0;

	while (arg.size && arg.text[arg.size - 1] == ' ')
		arg.size--;
	if (!arg.size)
		arg.kind = QK_AT_OMITTED;
	else if (read_digits(arg.text, arg.size, &end, &arg.number) == 0 && end == arg.size)
		arg.kind = QK_AT_NUMBER;
	return arg;
}

/* The argument at `*at`, which ends before a comma, a semicolon or the end. */
static int read_arg(const char *text, size_t size, size_t *at, struct qk_at_arg *ret)
{
	size_t start = skip_blanks(text, size, *at), end = start;

	if (start < size && text[start] == '"') {
		const char *close = memchr(text + start + 1, '"', size - start - 1);

		if (!close)
			return -EBADMSG;
		end = (size_t)(close - text);
		*ret = (struct qk_at_arg){ QK_AT_STRING, text + start + 1, end - start - 1, 0 };
		*at = skip_blanks(text, size, end + 1);
		return 0;
	}
	while (end < size && text[end] != ',' && text[end] != ';')
		end++;
	*ret = word(text + start, end - start);
	*at = end;
	return 0;
}

static int read_args(const char *text, size_t size, size_t *at, struct qk_at_parsed *parsed)
{
	parsed->form = QK_AT_SET;
	for (;;) {
		if (parsed->arg_count == QK_AT_ARGS_MAX)
			return -EBADMSG;
		int r = read_arg(text, size, at, &parsed->args[parsed->arg_count]);
		if (r < 0)
			return r;
		parsed->arg_count++;
		if (*at == size || text[*at] != ',')
			return 0;
		(*at)++;
	}
}

static bool is_name(char c)
{
	return is_letter(c) || is_digit(c) || (c && strchr("!%-./:_", c));
}

static int parse_extended(const char *text, size_t size, struct qk_at_parsed *parsed)
{
	size_t at = 1;
	int r = 0;

	while (at < size && is_name(text[at]))
		at++;
	parsed->name_size = at;
	at = skip_blanks(text, size, at);
	if (at < size && text[at] == '?') {
		parsed->form = QK_AT_READ;
		at++;
	} else if (at + 1 < size && text[at] == '=' && text[at + 1] == '?') {
		parsed->form = QK_AT_TEST;
		at += 2;
	} else if (at < size && text[at] == '=') {
		at++;
		r = read_args(text, size, &at, parsed);
	}
	at = skip_blanks(text, size, at);
	if (r < 0 || (at < size && text[at] != ';'))
		return -EBADMSG;
	parsed->size = at + (at < size);
	return 0;
}

static int add_number(const char *text, size_t size, size_t *at, struct qk_at_parsed *parsed)
{
	struct qk_at_arg *arg = &parsed->args[parsed->arg_count++];
	size_t start = *at;
	int r = read_digits(text, size, at, &arg->number);

	arg->kind = *at > start ? QK_AT_NUMBER : QK_AT_OMITTED;
	arg->text = text + start;
	arg->size = *at - start;
	return r < 0 ? -EBADMSG : 0;
}

/* S<register>=<value> or S<register>? */
static int parse_register(const char *text, size_t size, struct qk_at_parsed *parsed)
{
	size_t at = 1;
	int r = add_number(text, size, &at, parsed);

	if (r < 0 || at == size)
		return -EBADMSG;
	parsed->form = text[at] == '?' ? QK_AT_READ : QK_AT_SET;
	if (text[at] != '?' && text[at] != '=')
		return -EBADMSG;
	at++;
	if (parsed->form == QK_AT_SET)
		r = add_number(text, size, &at, parsed);
	parsed->size = at;
	return r;
}

static int parse_basic(const char *text, size_t size, struct qk_at_parsed *parsed)
{
	size_t at = text[0] == '&' ? 2 : 1;

	if (size < at || !is_letter(text[at - 1]))
		return -EBADMSG;
	parsed->name_size = at;
	if (text[0] == 'D' || text[0] == 'd') {
		parsed->args[0] = (struct qk_at_arg){ QK_AT_WORD, text + 1, size - 1, 0 };
		parsed->arg_count = 1;
		parsed->size = size;
		return 0;
	}
	if (text[0] == 'S' || text[0] == 's')
		return parse_register(text, size, parsed);
	int r = add_number(text, size, &at, parsed);
	parsed->form = parsed->args[0].kind == QK_AT_NUMBER ? QK_AT_SET : QK_AT_EXECUTE;
	parsed->size = at;
	return r;
}

int qk_at_parse(const char *text, size_t size, struct qk_at_parsed *ret)
{
	struct qk_at_parsed parsed = { .name = text, .name_size = 1 };
	bool extended = text[0] && strchr("+$^*", text[0]);
	int r = extended ? parse_extended(text, size, &parsed) : parse_basic(text, size, &parsed);

	if (r == 0)
		*ret = parsed;
	return r;
}

bool qk_at_is(const struct qk_at_parsed *parsed, const char *name)
{
	return strlen(name) == parsed->name_size &&
	       !strncasecmp(name, parsed->name, parsed->name_size);
}

bool qk_at_has_arg(const struct qk_at_parsed *parsed, size_t i)
{
	return i < parsed->arg_count && parsed->args[i].kind != QK_AT_OMITTED;
}

bool qk_at_arg_is(const struct qk_at_parsed *parsed, size_t i, const char *text)
{
	return qk_at_has_arg(parsed, i) && strlen(text) == parsed->args[i].size &&
	       !strncasecmp(text, parsed->args[i].text, parsed->args[i].size);
}

int qk_at_arg_number(const struct qk_at_parsed *parsed, size_t i, uint32_t min, uint32_t max,
		     uint32_t *value)
{
	if (!qk_at_has_arg(parsed, i))
		return 0;
	if (parsed->args[i].kind != QK_AT_NUMBER || parsed->args[i].number < min ||
	    parsed->args[i].number > max)
		return -EINVAL;
	*value = parsed->args[i].number;
	return 0;
}

static int hex_digit(char c)
{
	if (is_digit(c))
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -EINVAL;
}

int qk_at_arg_hex(const struct qk_at_parsed *parsed, size_t i, uint64_t *ret)
{
	uint64_t value = 0;

	if (!qk_at_has_arg(parsed, i))
		return -EINVAL;
	const char *text = parsed->args[i].text;
	size_t size = parsed->args[i].size;
	if (size > 2 && text[0] == '0' && (text[1] == 'x' || text[1] == 'X')) {
		text += 2;
		size -= 2;
	}
	if (!size || size > 16)
		return -EINVAL;
	for (size_t k = 0; k < size; k++) {
		int digit = hex_digit(text[k]);
		if (digit < 0)
			return -EINVAL;
		value = value << 4 | (uint64_t)digit;
	}
	*ret = value;
	return 0;
}

int qk_at_arg_text(const struct qk_at_parsed *parsed, size_t i, char *buffer, size_t buffer_size)
{
	size_t size = qk_at_has_arg(parsed, i) ? parsed->args[i].size : 0;

	if (size >= buffer_size)
		return -EINVAL;
	if (size)
		memcpy(buffer, parsed->args[i].text, size);
	buffer[size] = 0;
	return 0;
}

int qk_at_from_hex(const char *text, size_t size, uint8_t *bytes, size_t bytes_size)
{
	if (size % 2 || size / 2 > bytes_size)
		return -EINVAL;
	for (size_t i = 0; i < size; i += 2) {
		int high = hex_digit(text[i]), low = hex_digit(text[i + 1]);
		if (high < 0 || low < 0)
			return -EINVAL;
		bytes[i / 2] = (uint8_t)(high << 4 | low);
	}
	return (int)(size / 2);
}
