/*
 * Store: the tables of leases in files, for the broker that comes after one that was killed. Each
 * modem has one of its own, so that an id costs as much however many modems there are.
 *
 * Owns: the folder's descriptor, a file while it is written, the lines of a table.
 * Does not know: sockets, modems (the broker opens them).
 * Lifetime: store_open() to store_close(), embedded. Called from: the server, and the tests.
 *
 * A table is text: a line "qmi-proxy 1 BOOT" with the boot in which it was written, a line "modem
 * IDENTITY PATH", and below it for each id "lease SERVICE CID CALL NAME", a name that is not there
 * being "-"; the last line is "sum CRC32" over all before it. What is not exactly that is no table,
 * but for the number of modems: an older broker had all of them in one file, "table".
 *
 * The file is "table-" and the modem's path with what is no letter, digit or one of "-_.:" as %XX:
 * table-%2Fdev%2Fcdc-wdm0. Whose it is stands inside; the name is not read.
 */
#pragma once

#include "broker.h"

#define STORE_MAX ((size_t)1 << 20) /* bytes of a file */
enum { STORE_BOOT_SIZE = 64, STORE_FILES_MAX = 4 * BROKER_MODEMS_MAX };

struct store {
	int folder; /* -1: nothing is kept */
	char boot[STORE_BOOT_SIZE];
};

/* Writes the table of a modem into `size` bytes; returns how many it needs. */
size_t store_write(const struct modem *modem, const char *boot, char *buffer, size_t size);

/* Calls `fn` for each lease of a table; first all of it is checked. 0; -ESTALE it is from another
 * boot; -EBADMSG it is none. */
typedef void (*store_fn)(void *userdata, const char *path, const char *identity,
			 const struct lease *lease);
QK_MUST_CHECK int store_read(const char *text, size_t size, const char *boot, store_fn fn,
			     void *userdata);

/* A folder in which nobody else writes what is named like a table. -errno: `folder` is -1 then. */
QK_MUST_CHECK int store_open(struct store *store, const char *folder);
void store_close(struct store *store);

/* Replaces the file of a modem as a whole, or removes it where it has no leases. 1; 0: nothing has
 * changed since, or there is no folder; -errno. */
QK_MUST_CHECK int store_save(const struct store *store, struct modem *modem);
/* Removes the file of a modem that is closed. */
void store_forget(const struct store *store, const struct modem *modem);

/* Reads all tables of this boot. What is none costs the leases in it alone, and is told to `bad`.
 * 0; -errno: one could not be read now. */
struct store_reader {
	store_fn lease;
	void (*bad)(void *userdata, const char *name, int error);
	void *userdata;
};
QK_MUST_CHECK int store_load(const struct store *store, const struct store_reader *reader);
/* Removes the tables of all but the broker's modems, and that of all modems. After store_load(), and
 * store_save() of each modem. */
void store_sweep(const struct store *store, const struct broker *broker);
