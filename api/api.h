/*
 * Api: the D-Bus interfaces of org.freedesktop.ModemManager1 as tables, which codegen makes of api/ (the
 * folder of YAML files this header lies in).
 *
 * Owns: const tables. Does not know: buses, modems, what a method does.
 * Lifetime: the program's. Called from: the daemon (object.c serves them), mmcli (which shows them).
 *
 * For each member the generated api-names.h has a macro: API_MODEM_STATE is the row of a property,
 * API_METHOD_MODEM_ENABLE of a method, API_SIGNAL_MODEM_STATE_CHANGED of a signal, API_MODEM of the interface.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A value of an enumeration or of flags. */
struct api_value {
	const char *name; /* as mmcli shows it: sim-pin */
	int64_t number;
};

struct api_values {
	const char *name; /* modem-lock */
	bool flags;
	size_t count;
	const struct api_value *rows; /* by number */
};

struct api_dict;

/* A D-Bus signature of one complete type, and what it means. */
struct api_type {
	const char *signature;
	const struct api_values *values; /* of its numbers; or NULL */
	const struct api_dict *dict;     /* of each a{sv} in it; or NULL */
};

/* A key of a dictionary, an argument, a property: something with a name and a type. */
struct api_field {
	const char *name;
	struct api_type type;
};

struct api_dict {
	const char *name;
	size_t count;
	const struct api_field *keys;
};

struct api_interface;

/* A method, or a signal (whose arguments are its outputs). */
struct api_method {
	const struct api_interface *interface;
	const char *name;
	const char *access; /* the polkit action it takes; NULL: anyone may */
	size_t input_count, output_count;
	const struct api_field *inputs, *outputs;
};

struct api_property {
	const struct api_interface *interface;
	struct api_field field;
};

struct sd_bus_vtable;

struct api_interface {
	const char *name; /* org.freedesktop.ModemManager1.Modem */
	const struct sd_bus_vtable *vtable;
	size_t method_count, signal_count, property_count;
	const struct api_method *methods, *signals;
	const struct api_property *properties;
};

/* The name of a number: for flags of one bit or of none. NULL: it has none. */
const char *api_value_name(const struct api_values *values, int64_t number);
/* The number of a name; false: there is no such name. */
bool api_value_number(const struct api_values *values, const char *name, int64_t *ret);
/* Flags as text, "gsm-umts, lte"; of numbers without a name, in hex. Cut at `size`. Returns `buffer`. */
char *api_flags_text(const struct api_values *values, uint64_t flags, char *buffer, size_t size);

/* NULL: the dictionary has no such key. */
const struct api_type *api_dict_type(const struct api_dict *dict, const char *key);
