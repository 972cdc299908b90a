/*
 * Reading "key=value,...": blanks may stand around each word, a value may stand in quotes.
 */
#include "argument.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

static const char *skip_blanks(const char *at)
{
	while (isspace((unsigned char)*at))
		at++;
	return at;
}

static int malformed(struct failure *f, const char *text, const char *at, const char *why)
{
	failure_hint(f, "give key=value,key=value; quote a value that has commas or blanks in it");
	return failure_set(f, EXIT_USAGE, "couldn't parse '%s': %s at '%s'", text, why, at);
}

static bool is_key_character(char c)
{
	return isalnum((unsigned char)c) || c == '-' || c == '_';
}

/* The value at `at`; what stands behind it, or NULL for a quote that does not end. */
static const char *read_value(const char *at, struct qk_string *ret)
{
	const char *end;

	if (*at == '"' || *at == '\'') {
		end = strchr(at + 1, *at);
		if (!end)
			return NULL;
		*ret = (struct qk_string){ at + 1, (size_t)(end - at - 1) };
		return end + 1;
	}
	for (end = at; *end && *end != ',' && !isspace((unsigned char)*end); end++)
		;
	*ret = (struct qk_string){ at, (size_t)(end - at) };
	return end;
}

int argument_pairs(const char *text, argument_pair_fn fn, void *userdata, struct failure *failure)
{
	const char *at = skip_blanks(text), *key;
	struct qk_string name, value;
	bool more = *at;
	int r;

	while (more) {
		key = at = skip_blanks(at);
		if (!isalnum((unsigned char)*at))
			return malformed(failure, text, at, "a key was expected");
		while (is_key_character(*at))
			at++;
		name = (struct qk_string){ key, (size_t)(at - key) };
		at = skip_blanks(at);
		if (*at != '=')
			return malformed(failure, text, at, "no equal sign");
		key = skip_blanks(at + 1);
		at = read_value(key, &value);
		if (!at)
			return malformed(failure, text, key, "the quote does not end");
		at = skip_blanks(at);
		more = *at == ',';
		at += more;
		r = fn(name, value, userdata, failure);
		if (r)
			return r;
		if (!more && *at)
			return malformed(failure, text, at, "a comma was expected");
	}
	return 0;
}

bool argument_is(struct qk_string text, const char *word)
{
	return text.size == strlen(word) && !strncasecmp(text.data, word, text.size);
}

static struct qk_string trimmed(const char *at, const char *end)
{
	while (at < end && isspace((unsigned char)*at))
		at++;
	while (at < end && isspace((unsigned char)end[-1]))
		end--;
	return (struct qk_string){ at, (size_t)(end - at) };
}

struct qk_string argument_next(const char **rest, char separator)
{
	const char *at = *rest, *end = strchr(at, separator);

	*rest = end ? end + 1 : NULL;
	if (!end)
		end = at + strlen(at);
	return trimmed(at, end);
}

bool argument_name(struct qk_string text, const struct qk_values *values, int64_t *ret)
{
	for (size_t i = 0; i < values->count; i++) {
		struct qk_value_name known = qk_nth_value(values, i);

		if (strncmp(known.name, text.data, text.size) || known.name[text.size])
			continue;
		*ret = known.value;
		return true;
	}
	return false;
}

bool argument_flags(struct qk_string text, const struct qk_values *values, int64_t *ret)
{
	const char *end = text.data + text.size;
	int64_t all = 0, one = 0;

	while (text.data < end) {
		const char *bar = memchr(text.data, '|', (size_t)(end - text.data));
		struct qk_string name = trimmed(text.data, bar ? bar : end);

		if (name.size && !argument_name(name, values, &one))
			return false;
		all |= name.size ? one : 0;
		text.data = bar ? bar + 1 : end;
	}
	*ret = all;
	return true;
}

bool argument_plmn(struct qk_string text, struct argument_plmn *ret)
{
	uint64_t country, network;

	if (text.size != 5 && text.size != 6)
		return false;

	struct qk_string mcc = { text.data, 3 }, mnc = { text.data + 3, text.size - 3 };

	if (!argument_number(mcc, 999, &country) || !argument_number(mnc, 999, &network) ||
	    !country)
		return false;
	*ret = (struct argument_plmn){ (uint16_t)country, (uint16_t)network, mnc.size == 3 };
	return true;
}

bool argument_number(struct qk_string text, uint64_t most, uint64_t *ret)
{
	uint64_t number = 0;

	for (size_t i = 0; i < text.size; i++) {
		if (!isdigit((unsigned char)text.data[i]))
			return false;
		number = number * 10 + (uint64_t)(text.data[i] - '0');
		if (number > most)
			return false;
	}
	if (text.size)
		*ret = number;
	return text.size > 0;
}

int argument_hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (char)tolower((unsigned char)c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool argument_bytes(struct qk_string text, uint8_t *ret, size_t *ret_size)
{
	size_t count = 0;

	for (size_t i = 0; i < text.size; i += 2) {
		i += text.data[i] == ':';
		if (i + 1 >= text.size || argument_hex_digit(text.data[i]) < 0 ||
		    argument_hex_digit(text.data[i + 1]) < 0)
			return false;
		ret[count++] = (uint8_t)(argument_hex_digit(text.data[i]) << 4 |
					 argument_hex_digit(text.data[i + 1]));
	}
	*ret_size = count;
	return true;
}

bool argument_hex_number(struct qk_string text, uint64_t most, uint64_t *ret)
{
	uint64_t number = 0;

	if (text.size < 3 || text.data[0] != '0' || tolower((unsigned char)text.data[1]) != 'x')
		return false;
	for (size_t i = 2; i < text.size; i++) {
		int digit = argument_hex_digit(text.data[i]);

		if (digit < 0 || number > most >> 4)
			return false;
		number = number << 4 | (unsigned int)digit;
		if (number > most)
			return false;
	}
	*ret = number;
	return true;
}
