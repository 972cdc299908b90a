/*
 * AT hex: octets as AT ports write them, two digits each.
 *
 * Owns: nothing. Does not know: what they mean.
 * Lifetime: a pure function. Called from: at-news.c, ussd-text.c.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <qmikit/wire.h>

/* How many octets; -EBADMSG: it is something else; -EMSGSIZE: there are more. */
QK_MUST_CHECK int at_hex_read(const char *text, size_t size, uint8_t *ret, size_t ret_size);
