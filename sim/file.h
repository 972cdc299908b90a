/*
 * File: reading a small file that a user names.
 *
 * Owns: nothing. Does not know: what is in it.
 * Lifetime: none. Called from: profile.c, scenario.c.
 */
#pragma once

#include <stddef.h>

/* All of a file of at most `limit` bytes, in memory that the caller frees. -EFBIG, -ENOMEM, or what open(2)
 * and read(2) say. */
int qk_sim_read_file(const char *path, size_t limit, char **ret, size_t *ret_size);
