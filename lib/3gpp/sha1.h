/*
 * SHA-1: the digest by which modems are named and their configurations told apart. Nothing that it is used for
 * is a secret: too little to need a library.
 *
 * Owns: nothing. Does not know: what it digests.
 * Lifetime: on the stack, from QK_SHA1_INIT to qk_sha1_finish().
 * Called from: the daemon's device ids; qmicli, which names the configuration that it loads.
 * Source: FIPS 180-4, 6.1.
 */
#pragma once

#include <qmikit/wire.h>

enum { QK_SHA1_SIZE = 20, QK_SHA1_BLOCK = 64 };

struct qk_sha1 {
	uint32_t state[5];
	uint8_t block[QK_SHA1_BLOCK];
	uint64_t size; /* bytes so far */
};

/* Of nothing yet. */
/* clang-format off */
#define QK_SHA1_INIT { .state = { 0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0 } }
/* clang-format on */

QK_PUBLIC void qk_sha1_add(struct qk_sha1 *sha1, const void *data, size_t size);
QK_PUBLIC void qk_sha1_finish(struct qk_sha1 *sha1, uint8_t ret[QK_SHA1_SIZE]);
