/*
 * Ticker: what is done for each modem from time to time, done for all of them in one turn of the event loop, on one
 * timer: whatever may be early comes with what is due.
 *
 * Owns: the timer. Does not know: what is done.
 * Lifetime: ticker_new() to ticker_free(); nothing ticks any more by then. A tick is a part of what it is for.
 * Called from: manager.c, which has one; signal.c, signal-quality.c, bearer-watch.c.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <qmikit/device.h>
#include <systemd/sd-event.h>

struct ticker;

/* The first three are its owner's to set, before it is started. */
struct tick {
	void (*fn)(void *userdata); /* may start and stop any tick, its own too */
	void *userdata;
	uint64_t early_usec; /* by how much it may be early */
	uint64_t due_usec;   /* of the monotonic clock */
	struct tick *prev, *next;
	bool on;
};

/* A negative errno. */
QK_MUST_CHECK int ticker_new(sd_event *event, struct ticker **ret);
/* NULL is fine; returns NULL. */
struct ticker *ticker_free(struct ticker *ticker);

/* Calls it once, so much later; another start replaces the one before. */
void ticker_start(struct ticker *ticker, struct tick *tick, uint64_t usec);
/* Fine where it was not started. */
void ticker_stop(struct ticker *ticker, struct tick *tick);
