/*
 * Show: how one value from the bus becomes text: the functions that rows of screens name.
 *
 * Owns: nothing. Does not know: the bus, sections, where text goes.
 * Lifetime: one call. Called from: screens.c; compose*.c add those of values that have parts.
 *
 * Each gives a new reference: a string, an array of strings; NULL for no value, JSON's null for an array without
 * one, JSON's false for no field at all. `value` is what the row names, NULL where the object lacks it.
 */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "api/api.h"
#include "mmcli/output.h"

struct show_row;

struct show {
	enum output_format format;
	bool newer;           /* as mmcli has it since 1.20 */
	const json_t *object; /* {INTERFACE: {PROPERTY: VALUE}}, or the answer of a method */
	const char *path;
};

typedef json_t *(*show_fn)(const struct show *show, const struct show_row *row,
			   const json_t *value);

struct show_row {
	int section;
	const char *key, *label;
	const struct api_property *property; /* NULL: a member of the object itself */
	const char *member;                  /* of a dictionary, where that is not all of it */
	show_fn show;
	const char *unit;                /* for people alone; what else it is, the function says */
	const struct api_values *values; /* the names, where the property's type has none */
	bool lines;                      /* the items of an array stand in a line each */
	bool newer;                      /* mmcli 1.20 does not show it */
};

/* The value of a property; NULL: the object lacks it. */
const json_t *show_property(const struct show *show, const struct api_property *property);
/* What a row names. */
const json_t *show_find(const struct show *show, const struct show_row *row);
const struct api_values *show_values(const struct show_row *row);

json_t *show_format(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* Cuts at the commas, and strips. */
json_t *show_split(const char *text, char separator);
/* Bytes, an array of numbers, in hexadecimal. NULL: there are none. */
json_t *show_bytes(const json_t *bytes);

json_t *show_path(const struct show *show, const struct show_row *row, const json_t *value);
json_t *show_text(const struct show *show, const struct show_row *row, const json_t *value);
json_t *show_object(const struct show *show, const struct show_row *row, const json_t *value);
json_t *show_array(const struct show *show, const struct show_row *row, const json_t *value);
json_t *show_array_or_none(const struct show *show, const struct show_row *row,
			   const json_t *value);
json_t *show_name(const struct show *show, const struct show_row *row, const json_t *value);
json_t *show_names(const struct show *show, const struct show_row *row, const json_t *value);
json_t *show_flags(const struct show *show, const struct show_row *row, const json_t *value);
json_t *show_flags_array(const struct show *show, const struct show_row *row, const json_t *value);
json_t *show_flags_line(const struct show *show, const struct show_row *row, const json_t *value);
json_t *show_flags_lines(const struct show *show, const struct show_row *row, const json_t *value);
json_t *show_number(const struct show *show, const struct show_row *row, const json_t *value);
json_t *show_positive(const struct show *show, const struct show_row *row, const json_t *value);
json_t *show_known(const struct show *show, const struct show_row *row, const json_t *value);
json_t *show_signed(const struct show *show, const struct show_row *row, const json_t *value);
json_t *show_decimal(const struct show *show, const struct show_row *row, const json_t *value);
json_t *show_degrees(const struct show *show, const struct show_row *row, const json_t *value);
json_t *show_yes_no(const struct show *show, const struct show_row *row, const json_t *value);
json_t *show_hex(const struct show *show, const struct show_row *row, const json_t *value);
