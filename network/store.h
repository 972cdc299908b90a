/*
 * Store: the file that holds the state of a device's network, and the lock of those who change it.
 *
 * Owns: a descriptor of the folder and one of the lock. Does not know: what a state means.
 * Lifetime: store_open() to store_close(); on main's stack.
 * Called from: main, the steps.
 *
 * The folder is made with mode 0700 and must belong to this user (or root), who alone may write to
 * it: whoever could put a state there could have ids released that are not ours.
 */
#pragma once

#include "state.h"

struct store {
	int folder, lock;  /* descriptors; -1: none */
	char path[512];    /* of the state file, for messages */
	char old_path[64]; /* where libqmi's script keeps its own; "": nowhere */
	const char *name;  /* inside the folder */
	char lock_name[256];
	bool is_outdated; /* the file that was loaded is older than the device's node */
	const char *device;
};

#define STORE_FOLDER "/run/qmi-network"

/* Where the states are, and which is that of `device`. 0 or EXIT_HOST. The folder need not exist
 * before store_lock() makes it. */
__attribute__((warn_unused_result)) int store_open(struct store *store, const char *folder,
						   const char *device, struct failure *failure);

/* Makes the folder and takes the lock: nobody else starts or stops this device's network until
 * store_close(). 0, EXIT_BUSY or EXIT_HOST. */
__attribute__((warn_unused_result)) int store_lock(struct store *store, struct failure *failure);

/* The state that was left, and the path it is from; without one, that of libqmi's script if root
 * wrote it. 0, or -ENOENT when there is none; or EXIT_HOST, the file is not to be trusted or cannot
 * be read, and `ret` empty. */
__attribute__((warn_unused_result)) int store_load(struct store *store, struct state *ret,
						   const char **ret_path, struct failure *failure);

/* Replaces the file as a whole. 0 or EXIT_HOST. */
__attribute__((warn_unused_result)) int store_save(struct store *store, const struct state *state,
						   struct failure *failure);

/* Removes it, and that of libqmi's script. */
void store_clear(struct store *store);

void store_close(struct store *store);
