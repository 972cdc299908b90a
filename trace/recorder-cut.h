/*
 * Recorder cut: cuts the bytes of a stream into frames.
 *
 * Owns: nothing; borrows the bytes. Does not know: descriptors, files, what a message means.
 * Lifetime: one call; no allocation. Called from: recorder-feed.c.
 */
#pragma once

#include <qmikit/wire.h>

#include "link-header.h"

/* What the cutter calls for each piece: a whole frame, or bytes that are none. */
typedef void (*qk_recorder_piece_fn)(void *userdata, struct qk_span piece, bool whole);

/*
 * Gives each whole frame in `bytes`, and each run between frames, to `piece`, in their order.
 * Returns how many bytes that was; what is left has begun as a frame does. `*greeting` counts bytes
 * that come before the first frame as a piece of their own (qmuxd's client number).
 */
size_t qk_recorder_cut(enum qk_link_transport transport, struct qk_span bytes, size_t *greeting,
		       qk_recorder_piece_fn piece, void *userdata);
