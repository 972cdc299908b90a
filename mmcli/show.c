/* Show: values of one part. */
#include "mmcli/show.h"

#include <ctype.h>
#include <float.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const json_t *show_property(const struct show *show, const struct api_property *property)
{
	return json_object_get(json_object_get(show->object, property->interface->name),
			       property->field.name);
}

const json_t *show_find(const struct show *show, const struct show_row *row)
{
	const json_t *value = row->property ? show_property(show, row->property) : show->object;

	return row->member ? json_object_get(value, row->member) : value;
}

const struct api_values *show_values(const struct show_row *row)
{
	const struct api_type *type = NULL;

	if (row->values)
		return row->values;
	if (row->property)
		type = &row->property->field.type;
	if (type && type->dict && row->member)
		type = api_dict_type(type->dict, row->member);
	return type ? type->values : NULL;
}

json_t *show_format(const char *format, ...)
{
	json_t *value = NULL;
	char *text = NULL;
	va_list arguments;

	va_start(arguments, format);
	if (vasprintf(&text, format, arguments) >= 0)
		value = json_string(text);
	va_end(arguments);
	free(text);
	return value;
}

static json_t *stripped(const char *text, size_t length)
{
	while (length > 0 && isspace((unsigned char)text[length - 1]))
		length--;
	while (length > 0 && isspace((unsigned char)*text)) {
		text++;
		length--;
	}
	return json_stringn(text, length);
}

json_t *show_split(const char *text, char separator)
{
	json_t *array = json_array();
	const char *end;

	do {
		end = strchr(text, separator);
		json_array_append_new(array,
				      stripped(text, end ? (size_t)(end - text) : strlen(text)));
		text = end ? end + 1 : text;
	} while (end);
	return array;
}

json_t *show_bytes(const json_t *bytes)
{
	size_t count = json_array_size(bytes);
	char *text = count ? malloc(2 * count + 1) : NULL;
	json_t *value = NULL;

	if (!text)
		return NULL;
	for (size_t i = 0; i < count; i++)
		snprintf(text + 2 * i, 3, "%02X",
			 (unsigned int)json_integer_value(json_array_get(bytes, i)) & 0xff);
	value = json_string(text);
	free(text);
	return value;
}

json_t *show_path(const struct show *show, const struct show_row *row, const json_t *value)
{
	(void)row;
	(void)value;
	return json_string(show->path);
}

json_t *show_text(const struct show *show, const struct show_row *row, const json_t *value)
{
	const char *text = json_string_value(value);

	(void)show;
	/* An empty property is none; a key with an empty value is there. */
	return text && (text[0] || row->member) ? json_string(text) : NULL;
}

/* A path that may lead nowhere. */
json_t *show_object(const struct show *show, const struct show_row *row, const json_t *value)
{
	const char *path = json_string_value(value);

	return path && strcmp(path, "/") != 0 ? show_text(show, row, value) : NULL;
}

json_t *show_array(const struct show *show, const struct show_row *row, const json_t *value)
{
	(void)show;
	(void)row;
	return json_is_array(value) ? json_copy((json_t *)value) : json_null();
}

json_t *show_array_or_none(const struct show *show, const struct show_row *row, const json_t *value)
{
	return json_array_size(value) ? show_array(show, row, value) : json_null();
}

/* Of a number without a name stock says what C's printf makes of no string. */
static const char *name_of(const struct show_row *row, const json_t *value)
{
	const struct api_values *values = show_values(row);

	return values ? api_value_name(values, json_integer_value(value)) : NULL;
}

json_t *show_name(const struct show *show, const struct show_row *row, const json_t *value)
{
	const char *name = json_is_integer(value) ? name_of(row, value) : NULL;

	(void)show;
	return name ? json_string(name) : NULL;
}

/* Names of the numbers of an array. */
json_t *show_names(const struct show *show, const struct show_row *row, const json_t *value)
{
	json_t *array = json_array();

	(void)show;
	for (size_t i = 0; i < json_array_size(value); i++) {
		const char *name = name_of(row, json_array_get(value, i));

		json_array_append_new(array, json_string(name ? name : "(null)"));
	}
	if (json_array_size(array) == 0)
		json_array_append_new(array, json_string("none"));
	return array;
}

static const char *flags_text(const struct show_row *row, const json_t *value, char buffer[1024])
{
	return api_flags_text(show_values(row), (uint64_t)json_integer_value(value), buffer, 1024);
}

json_t *show_flags(const struct show *show, const struct show_row *row, const json_t *value)
{
	char text[1024];

	(void)show;
	return json_is_integer(value) ? json_string(flags_text(row, value, text)) : NULL;
}

json_t *show_flags_array(const struct show *show, const struct show_row *row, const json_t *value)
{
	char text[1024];

	(void)show;
	return json_is_integer(value) ? show_split(flags_text(row, value, text), ',') : json_null();
}

/* All in the one line of an array that has a line for each set of flags. */
json_t *show_flags_line(const struct show *show, const struct show_row *row, const json_t *value)
{
	char text[1024];

	(void)show;
	return json_is_integer(value) ? json_pack("[s]", flags_text(row, value, text))
				      : json_null();
}

json_t *show_flags_lines(const struct show *show, const struct show_row *row, const json_t *value)
{
	json_t *array = json_array();
	char text[1024];

	(void)show;
	for (size_t i = 0; i < json_array_size(value); i++)
		json_array_append_new(array,
				      json_string(flags_text(row, json_array_get(value, i), text)));
	if (json_array_size(array) == 0)
		json_array_append_new(array, json_string("none"));
	return array;
}

static json_t *with_unit(const struct show *show, const struct show_row *row, const char *text)
{
	bool unit = row->unit && show->format == OUTPUT_HUMAN;

	return show_format("%s%s%s", text, unit ? " " : "", unit ? row->unit : "");
}

json_t *show_number(const struct show *show, const struct show_row *row, const json_t *value)
{
	char text[32];

	snprintf(text, sizeof(text), "%" PRIu64, (uint64_t)json_integer_value(value));
	return with_unit(show, row, text);
}

json_t *show_positive(const struct show *show, const struct show_row *row, const json_t *value)
{
	return json_integer_value(value) ? show_number(show, row, value) : NULL;
}

/* A number that is -1, or all ones, where it is not known. */
json_t *show_known(const struct show *show, const struct show_row *row, const json_t *value)
{
	json_int_t number = json_integer_value(value);

	if (!json_is_integer(value) || number == -1 || number == (json_int_t)UINT32_MAX)
		return NULL;
	return show_signed(show, row, value);
}

json_t *show_signed(const struct show *show, const struct show_row *row, const json_t *value)
{
	(void)show;
	(void)row;
	if (!json_is_integer(value))
		return NULL;
	return show_format("%" JSON_INTEGER_FORMAT, json_integer_value(value));
}

/* The least double is no value. */
json_t *show_decimal(const struct show *show, const struct show_row *row, const json_t *value)
{
	char text[400];

	if (!json_is_real(value) || json_real_value(value) <= -DBL_MAX)
		return NULL;
	snprintf(text, sizeof(text), "%.2f", json_real_value(value));
	return with_unit(show, row, text);
}

json_t *show_degrees(const struct show *show, const struct show_row *row, const json_t *value)
{
	(void)show;
	(void)row;
	return json_is_real(value) ? show_format("%f", json_real_value(value)) : NULL;
}

json_t *show_yes_no(const struct show *show, const struct show_row *row, const json_t *value)
{
	(void)show;
	(void)row;
	return json_string(json_is_true(value) ? "yes" : "no");
}

json_t *show_hex(const struct show *show, const struct show_row *row, const json_t *value)
{
	(void)show;
	(void)row;
	return show_bytes(value);
}
