/*
 * Value: what travels on the bus, as JSON in memory and back, by the tables of api.h.
 *
 * Owns: nothing. Does not know: interfaces, objects.
 * Lifetime: that of the message or of the JSON value. Called from: object.c, mmcli.
 *
 * Numbers are integers or reals, b a boolean, s, o and g strings; arrays and structs are arrays; dictionaries are
 * objects, whose numeric keys are written in decimal. A variant in an a{sv} is its bare value, since its key says
 * what it holds; any other is [SIGNATURE, VALUE].
 */
#pragma once

#include <jansson.h>
#include <systemd/sd-bus.h>

#include "api/api.h"

/* Where the trouble is, for a person: "'ip-type' holds s, not u". */
struct api_trouble {
	char text[128];
};

/*
 * Reads the next complete value of `message`. With `type`, keys that its dictionary does not have, and values of
 * another signature, are refused with -EINVAL and `trouble` (may be NULL); without, everything is taken.
 * -EBADMSG: no such value is there; -ENOMEM; what sd-bus says.
 */
int api_read(sd_bus_message *message, const struct api_type *type, json_t **ret,
	     struct api_trouble *trouble);

/* Appends `value`. -EINVAL, with `trouble`: it does not fit the type, or is NULL. */
int api_write(sd_bus_message *message, const struct api_type *type, const json_t *value,
	      struct api_trouble *trouble);
