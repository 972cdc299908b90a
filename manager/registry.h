/*
 * Registry: which modem had which index, and what of it was up, beyond the end of the daemon. Who a modem is lasts in
 * a file of /var/lib; what is up lasts in one of /run, as calls do not outlive the boot either.
 *
 * Owns: the two files, and what they hold. Does not know: modems; when something is worth keeping.
 * Lifetime: registry_open() to registry_close(), in the manager's. Called from: manager.c, resume.c.
 *
 * What a file holds is checked when it is read: what makes no sense is left out, and a file that is no JSON is as if
 * it were empty. A file that cannot be written costs a line in the log, and nothing else.
 */
#pragma once

#include <jansson.h>
#include <qmikit/wire.h>

#include "log.h"

enum { REGISTRY_INDEX_MAX = 99999 };

struct registry {
	const struct log *log;
	char state_path[256], run_path[256];
	json_t *modems; /* [{"uid", "imei", "index"}], the one seen last at the end */
	bool unsaved;   /* they are not what the file holds */
	json_t *up;     /* {INDEX: what the modem's owner wants kept} */
};

/* A folder that is NULL: nothing of its kind lasts. -ENOMEM, -ENAMETOOLONG. */
QK_MUST_CHECK int registry_open(struct registry *registry, const struct log *log,
				const char *state_folder, const char *run_folder);
void registry_close(struct registry *registry);

/* The index of the modem that was seen last at this place, or that has this IMEI; -1: none. */
int registry_index_at(const struct registry *registry, const char *uid);
int registry_index_of(const struct registry *registry, const char *imei);
/* Whether the index is that of some modem with another IMEI. */
bool registry_is_taken(const struct registry *registry, unsigned int index, const char *imei);
/* The lowest index above all that are known; where that is too large, the lowest that nobody has. */
unsigned int registry_next(const struct registry *registry);
/* The modem with this IMEI is at that place, and has this index. Whether there is something to save. */
bool registry_note(struct registry *registry, unsigned int index, const char *uid,
		   const char *imei);
/* Writes what was noted, if that is news; so does registry_close(). It waits for the disk. */
void registry_save(struct registry *registry);

/* What is up; `take_what` NULL: nothing. */
void registry_keep(struct registry *registry, unsigned int index, json_t *take_what);
/* Borrowed; NULL: nothing was kept. */
const json_t *registry_kept(const struct registry *registry, unsigned int index);
