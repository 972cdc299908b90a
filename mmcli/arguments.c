/* Arguments: by the types of api/; the grammar of key=value lists is that of libmm-glib. */
#include "mmcli/arguments.h"

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api-names.h"
#include "mmcli/words.h"

/* Files given for a message, a list or assistance data: more is a mistake. */
#define FILE_MAX (16 << 20)

static int refuse(struct trouble *trouble, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static int refuse(struct trouble *trouble, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(trouble->text, sizeof(trouble->text), format, arguments);
	va_end(arguments);
	return -EINVAL;
}

/* The name of a type in libmm-glib: modem-3gpp-facility is MMModem3gppFacility. */
static const char *type_name(const struct api_values *values, char name[64])
{
	size_t used = 2;
	bool first = true;

	memcpy(name, "MM", 3);
	for (const char *c = values->name; *c && used < 63; c++) {
		if (*c != '-')
			name[used++] = (char)(first ? toupper((unsigned char)*c) : *c);
		first = *c == '-';
	}
	name[used] = 0;
	return name;
}

static int find_word(const char *word, size_t length, const struct api_values *values, int64_t *ret,
		     struct trouble *trouble)
{
	char name[64];

	for (size_t i = 0; i < values->count; i++) {
		const struct api_value *row = &values->rows[i];

		if (strncasecmp(row->name, word, length) == 0 && !row->name[length]) {
			*ret = row->number;
			return 0;
		}
	}
	return refuse(trouble, "Couldn't match '%.*s' with a valid %s value", (int)length, word,
		      type_name(values, name));
}

int arguments_numbers(const char *text, const struct api_values *values, json_t **ret,
		      struct trouble *trouble)
{
	json_t *array = json_array();
	const char *bar;
	int r;

	do {
		int64_t number = 0;

		bar = strchr(text, '|');
		r = find_word(text, bar ? (size_t)(bar - text) : strlen(text), values, &number,
			      trouble);
		if (r == 0)
			json_array_append_new(array, json_integer(number));
		text = bar ? bar + 1 : text;
	} while (r == 0 && bar);
	if (r < 0) {
		json_decref(array);
		return r;
	}
	*ret = array;
	return 0;
}

int arguments_number(const char *text, const struct api_values *values, json_t **ret,
		     struct trouble *trouble)
{
	json_t *numbers;
	json_int_t number = 0;
	int64_t one = 0;
	int r;

	if (!values->flags) {
		r = find_word(text, strlen(text), values, &one, trouble);
		if (r == 0)
			*ret = json_integer(one);
		return r;
	}
	r = arguments_numbers(text, values, &numbers, trouble);
	if (r < 0)
		return r;
	for (size_t i = 0; i < json_array_size(numbers); i++)
		number |= json_integer_value(json_array_get(numbers, i));
	json_decref(numbers);
	*ret = json_integer(number);
	return 0;
}

int arguments_unsigned(const char *text, uint32_t *ret)
{
	unsigned long long number;
	char *end;

	while (*text == ' ')
		text++;
	if (!isdigit((unsigned char)*text))
		return -EINVAL;
	errno = 0;
	number = strtoull(text, &end, 10);
	if (errno || *end || number > UINT32_MAX)
		return -EINVAL;
	*ret = (uint32_t)number;
	return 0;
}

static int boolean(const char *text, json_t **ret, struct trouble *trouble)
{
	static const char *const yes[] = { "true", "1", "yes" }, *const no[] = { "false", "0",
										 "no" };

	for (size_t i = 0; i < 3; i++) {
		if (strcasecmp(text, yes[i]) != 0 && strcasecmp(text, no[i]) != 0)
			continue;
		*ret = json_boolean(strcasecmp(text, yes[i]) == 0);
		return 0;
	}
	return refuse(trouble, "Cannot get boolean from string '%s'", text);
}

static int number(const char *text, char type, json_t **ret, struct trouble *trouble)
{
	long long value;
	char *end;

	errno = 0;
	value = strtoll(text, &end, 10);
	if (end == text || *end || errno || (type == 'u' && (value < 0 || value > UINT32_MAX)) ||
	    (type == 'i' && (value < INT_MIN || value > INT_MAX)))
		return refuse(trouble, "Invalid properties string, cannot parse '%s' as %s", text,
			      type == 'u' ? "uint" : "int");
	*ret = json_integer(value);
	return 0;
}

/* Names that api/ has not, since QMI modems have no use for them. */
static const struct api_values *names_of(const char *key, const struct api_type *type)
{
	static const struct {
		const char *key;
		const struct api_values *values;
	} others[] = {
		{ "rm-protocol", &words_rm_protocol },
		{ "teleservice-id", &words_teleservice },
		{ "service-category", &words_service_category },
	};

	for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++)
		if (strcmp(others[i].key, key) == 0)
			return others[i].values;
	return type->values;
}

static int typed(const char *key, const char *text, const struct api_type *type, json_t **ret,
		 struct trouble *trouble)
{
	const struct api_values *names = names_of(key, type);
	json_t *minutes;
	int r;

	if (strcmp(type->signature, "(uv)") == 0) {
		r = number(text, 'u', &minutes, trouble);
		if (r == 0)
			*ret = json_pack("[i, [s, o]]", MM_SMS_VALIDITY_TYPE_RELATIVE, "u",
					 minutes);
		return r;
	}
	if (names)
		return arguments_number(text, names, ret, trouble);
	switch (type->signature[0]) {
	case 's':
		*ret = json_string(text);
		return *ret ? 0 : refuse(trouble, "'%s' is not UTF-8", key);
	case 'b':
		return boolean(text, ret, trouble);
	case 'u':
	case 'i':
		return number(text, type->signature[0], ret, trouble);
	default:
		return refuse(trouble,
			      "Invalid properties string, key '%s' cannot be given in a string",
			      key);
	}
}

static int set_key(json_t *object, const struct api_dict *dict, const char *key, const char *text,
		   struct trouble *trouble)
{
	static const char *const unexpected[] = { "sms-properties", "call-properties",
						  "kernel-event" };
	const struct api_type *type = api_dict_type(dict, key);
	const char *word = "unsupported";
	json_t *value = NULL;
	int r;

	for (size_t i = 0; i < sizeof(unexpected) / sizeof(*unexpected); i++)
		if (strcmp(dict->name, unexpected[i]) == 0)
			word = "unexpected";
	if (!type)
		return refuse(trouble, "Invalid properties string, %s key '%s'", word, key);
	/* The number to dial, of modems that dialled: taken and left out, as stock does. */
	if (strcmp(key, "number") == 0 && api_dict_type(dict, "apn"))
		return 0;
	r = typed(key, text, type, &value, trouble);
	return r < 0 ? r : json_object_set_new(object, key, value) < 0 ? -ENOMEM : 0;
}

static char *skip_space(char *at)
{
	while (isspace((unsigned char)*at))
		at++;
	return at;
}

struct pair {
	char *key, *value;
	bool more; /* a comma stands behind it */
};

/* Takes a value, quoted or not, and cuts it off. Returns what is behind it. */
static char *take_value(char *at, char **ret, char **ret_end)
{
	if (*at == '"' || *at == '\'') {
		*ret = at + 1;
		*ret_end = strchr(at + 1, *at);
		return *ret_end ? *ret_end + 1 : NULL;
	}
	*ret = at;
	at += strcspn(at, ", \t\n\v\f\r");
	*ret_end = at;
	return at;
}

static int take_pair(char **at, struct pair *ret, struct trouble *trouble)
{
	char *next = skip_space(*at), *key_end, *end;

	ret->key = next;
	if (!isalnum((unsigned char)*next))
		return refuse(trouble, "Key must start with alpha/num, starts with '%c'", *next);
	while (isalnum((unsigned char)*next) || *next == '-' || *next == '_')
		next++;
	key_end = next;
	next = skip_space(next);
	if (*next != '=')
		return refuse(trouble, "Couldn't find equal sign separator");
	next = take_value(skip_space(next + 1), &ret->value, &end);
	if (!next)
		return refuse(trouble, "Unmatched quotes in string value");
	next = skip_space(next);
	ret->more = *next == ',';
	if (!ret->more && *next)
		return refuse(trouble, "Unexpected content (%s) after value", next);
	*at = next + ret->more;
	*end = 0;
	*key_end = 0;
	return 0;
}

int arguments_dictionary(const char *text, const struct api_dict *dict, json_t **ret,
			 struct trouble *trouble)
{
	json_t *object = json_object();
	char *copy = strdup(text), *at = copy;
	struct pair pair = { .more = copy && *skip_space(copy) };
	int r = copy ? 0 : -ENOMEM;

	while (r == 0 && pair.more) {
		r = take_pair(&at, &pair, trouble);
		if (r == 0)
			r = set_key(object, dict, pair.key, pair.value, trouble);
	}
	free(copy);
	if (r < 0) {
		json_decref(object);
		return r;
	}
	*ret = object;
	return 0;
}

static bool is_operator(const char *text, size_t length)
{
	return (length == 5 || length == 6) && strspn(text, "0123456789") >= length;
}

int arguments_networks(const char *text, json_t **ret, struct trouble *trouble)
{
	const struct api_values *radios = API_MODEM_ACCESS_TECHNOLOGIES->field.type.values;
	json_t *array = json_array();
	size_t length;
	int r = 0;

	for (; r == 0; text += length + 1) {
		int64_t radio = 0;

		length = strcspn(text, ",");
		if (is_operator(text, length)) {
			json_array_append_new(array, json_pack("[s%, i]", text, length, 0));
		} else if (json_array_size(array) && text[-1] == ',') {
			json_t *last = json_array_get(array, json_array_size(array) - 1);

			r = find_word(text, length, radios, &radio, trouble);
			json_array_set_new(last, 1, json_integer(radio));
		} else {
			r = refuse(trouble, "couldn't parse MCCMNC for preferred network: '%.*s'",
				   (int)length, text);
		}
		if (!text[length])
			break;
	}
	if (r < 0) {
		json_decref(array);
		return r;
	}
	*ret = array;
	return 0;
}

int arguments_channels(const char *text, json_t **ret, struct trouble *trouble)
{
	json_t *array = json_array();

	for (const char *at = text; *at;) {
		char *end;
		unsigned long first = strtoul(at, &end, 10), last = first;
		bool good = isdigit((unsigned char)*at);

		if (good && *end == '-') {
			good = isdigit((unsigned char)end[1]);
			last = strtoul(end + 1, &end, 10);
		}
		if (!good || (*end && *end != ',') || last < first || last > UINT16_MAX) {
			json_decref(array);
			return refuse(trouble, "'%s' is no list of channels from 0 to 65535", text);
		}
		json_array_append_new(array,
				      json_pack("[I, I]", (json_int_t)first, (json_int_t)last));
		at = *end ? end + 1 : end;
	}
	*ret = array;
	return 0;
}

int arguments_bytes(const char *text, json_t **ret, struct trouble *trouble)
{
	size_t length = strlen(text);
	json_t *array;

	if (length % 2 || strspn(text, "0123456789abcdefABCDEF") != length)
		return refuse(trouble, "'%.60s' is not hexadecimal", text);
	array = json_array();
	for (size_t i = 0; i < length; i += 2) {
		char digits[3] = { text[i], text[i + 1] };

		json_array_append_new(array, json_integer(strtol(digits, NULL, 16)));
	}
	*ret = array;
	return 0;
}

static json_t *to_json(const unsigned char *data, size_t size, bool as_text)
{
	json_t *array;

	if (as_text)
		return json_stringn((const char *)data, size);
	array = json_array();
	for (size_t i = 0; i < size; i++)
		json_array_append_new(array, json_integer(data[i]));
	return array;
}

int arguments_file(const char *path, bool as_text, json_t **ret, struct trouble *trouble)
{
	FILE *file = fopen(path, "re");
	unsigned char *data = NULL;
	size_t size = 0, got = 1;

	while (file && got && size < FILE_MAX) {
		unsigned char *more = realloc(data, size + 65536);

		if (!more)
			break;
		data = more;
		got = fread(data + size, 1, 65536, file);
		size += got;
	}
	if (!file || ferror(file) || got)
		refuse(trouble, "%s", file && got ? "it is too big" : strerror(errno));
	else
		*ret = to_json(data, size, as_text);
	if (file)
		fclose(file);
	free(data);
	if (trouble->text[0])
		return -EINVAL;
	return *ret ? 0 : refuse(trouble, "it is not UTF-8");
}
