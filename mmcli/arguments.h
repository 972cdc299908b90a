/*
 * Arguments: what is written on the command line, as the JSON that a method takes.
 *
 * Owns: nothing. Does not know: the bus, which option it was.
 * Lifetime: one call. Called from: actions.c and special.c.
 *
 * Each returns 0 and a new reference, or -EINVAL and says in `trouble` why, in stock's words.
 */
#pragma once

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

#include "api/api.h"

struct trouble {
	char text[512];
};

/* "key=value, key='value'" by the keys of a dictionary. */
int arguments_dictionary(const char *text, const struct api_dict *dict, json_t **ret,
			 struct trouble *trouble);

/* A name, or for flags names between bars; cases are alike. */
int arguments_number(const char *text, const struct api_values *values, json_t **ret,
		     struct trouble *trouble);
/* Names between bars, as an array of numbers. */
int arguments_numbers(const char *text, const struct api_values *values, json_t **ret,
		      struct trouble *trouble);

/* A whole number of 32 bits. */
int arguments_unsigned(const char *text, uint32_t *ret);

/* "310260,lte,26201" as [["310260", 16384], ["26201", 0]] */
int arguments_networks(const char *text, json_t **ret, struct trouble *trouble);

/* "4370-4372,919" as [[4370, 4372], [919, 919]] */
int arguments_channels(const char *text, json_t **ret, struct trouble *trouble);

/* "00ff" as [0, 255] */
int arguments_bytes(const char *text, json_t **ret, struct trouble *trouble);

/* The contents of a file: as bytes, an array, or as text. */
int arguments_file(const char *path, bool as_text, json_t **ret, struct trouble *trouble);
