/*
 * JSON line: on which line of a file a value stands, so that whoever wrote the file finds what is refused,
 * and that the message about it is one line.
 *
 * Owns: nothing. Does not know: what the values mean, JSON that is wrong (its reader tells that line).
 * Lifetime: none. Called from: profile-read.c and scenario.c, once something was refused.
 */
#pragma once

#include <stddef.h>

/*
 * The line, from 1, on which the value at `path` begins: names with dots between them, and numbers of items
 * in brackets ("services[1].major"); "" is the whole. Of a path that is not there it is the line of what
 * there is on the way to it. `json` was read without an error; with other text the line means nothing.
 */
unsigned int qk_json_line(const char *json, size_t size, const char *path);

/* Names and excerpts of a hostile file are in a message: it stays one line all the same. Returns -EINVAL. */
int qk_one_line(char *message);
