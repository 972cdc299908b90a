/*
 * Config: the keys of qmi-network.conf.
 *
 * Owns: its texts. Does not know: how a line is read (assignments does), modems.
 * Lifetime: a struct on main's stack.
 * Called from: main; the steps read it.
 */
#pragma once

#include <stdbool.h>

#include "assignments.h"

/* Bits of a set of IP families. */
enum { FAMILY_4 = 1 << 0, FAMILY_6 = 1 << 1 };

struct config {
	/* As they stand in the file; "" where a key is unset. */
	char apn[101], user[128], password[128], ip_type[8], profile[8], proxy[8], metric[12];
	/* What that means. */
	unsigned int families;    /* FAMILY_*; 0: what the modem takes for granted */
	bool create_profile;      /* PROFILE=auto */
	uint8_t profile_index;    /* 0: none */
	bool use_proxy, no_proxy; /* PROXY=yes, PROXY=no; neither: if one runs */
	uint32_t route_metric;
};

/* The metric of routes unless METRIC says another: behind a cable and a wireless network, where
 * NetworkManager, too, puts a modem. */
enum { ROUTE_METRIC_DEFAULT = 700 };

/* Something in the file that is survived: "FILE:LINE: what". */
typedef void (*config_note_fn)(const char *note, void *userdata);

/* Fills `ret` from the text of a file. 0, or EXIT_USAGE with "FILE:LINE: what is wrong". */
__attribute__((warn_unused_result)) int config_parse(const char *file, const char *text,
						     size_t size, config_note_fn note,
						     void *userdata, struct config *ret,
						     struct failure *failure);

/* The same from the file itself. 0, an exit code, or -ENOENT when there is no regular file of that
 * name; `ret` is then what no file means. */
__attribute__((warn_unused_result)) int config_load(const char *file, config_note_fn note,
						    void *userdata, struct config *ret,
						    struct failure *failure);

/* What is shown of it, row by row as libqmi's script does; ends with a row without label. */
struct config_row {
	const char *key, *label, *unset;
	size_t offset, size; /* of its text in struct config */
	bool secret;
	const char *rule; /* what it must be */
};
extern const struct config_row config_rows[];
