/*
 * Store: the table of leases in a file, for the broker that comes after one that was killed.
 *
 * Owns: nothing but the file while it is written; the lines of the table.
 * Does not know: sockets, modems (the broker opens them).
 * Lifetime: none. Called from: main, and the tests.
 *
 * The table is text: a line "qmi-proxy 1 BOOT" with the boot in which it was written, for each modem
 * "modem IDENTITY PATH", and below it for each id "lease SERVICE CID CALL NAME", a name that is not
 * there being "-"; the last line is "sum CRC32" over all before it. What is not exactly that is no
 * table.
 */
#pragma once

#include "broker.h"

#define STORE_MAX ((size_t)1 << 20)
enum { STORE_BOOT_SIZE = 64 };

/* Writes the table of what the broker has into `size` bytes; returns how many it needs. */
size_t store_write(const struct broker *broker, const char *boot, char *buffer, size_t size);

/* Calls `fn` for each lease of a table; first all of it is checked. 0; -ESTALE it is from another
 * boot; -EBADMSG it is none. */
typedef void (*store_fn)(void *userdata, const char *path, const char *identity,
			 const struct lease *lease);
QK_MUST_CHECK int store_read(const char *text, size_t size, const char *boot, store_fn fn,
			     void *userdata);

/* The boot that this is. -errno. */
QK_MUST_CHECK int store_boot(char ret[STORE_BOOT_SIZE]);

/* The same with a file, which is replaced as a whole. -errno. */
QK_MUST_CHECK int store_save(const struct broker *broker, const char *boot, const char *path);
QK_MUST_CHECK int store_load(const char *path, const char *boot, store_fn fn, void *userdata);
