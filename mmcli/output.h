/*
 * Output: fields and lists on stdout, for people, as key-value pairs and as JSON, byte for byte as stock mmcli 1.20
 * writes them.
 *
 * Owns: the way text is laid out and escaped. Does not know: modems, buses, what a field means.
 * Lifetime: one call. Called from: screens.c, list.c and follow.c.
 */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

enum output_format { OUTPUT_HUMAN, OUTPUT_KEYVALUE, OUTPUT_JSON };

/* One field. `value` is borrowed: a string, an array of strings, or for JSON alone one of objects; without a value it
 * is NULL, and JSON's null where there would be an array. */
struct output_item {
	int section; /* fields of a section stand together on the screen; sections are in this order */
	const char *section_name;
	const char *key; /* modem.generic.state */
	const char *label;
	const json_t *value;
	bool lines; /* a line each, for the items of an array */
};

/* Shows the fields; for people and for JSON they are brought into their order. */
void output_fields(enum output_format format, struct output_item *items, size_t count);

/* A list of objects, an array of [PREFIX, PATH, TEXT] each; `title` for people, when it is empty: "modems". */
void output_list(enum output_format format, const char *key, const char *title, const json_t *list);
