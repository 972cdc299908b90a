/*
 * Ticker: an unsorted list, which is gone through once a wake-up.
 */
#include "ticker.h"

#include <errno.h>
#include <stdlib.h>
#include <utlist.h>

enum { ACCURACY_USEC = 1000 };

struct ticker {
	sd_event *event;
	sd_event_source *timer;
	uint64_t wakes_at;          /* by the timer; UINT64_MAX: never */
	struct tick *list, *coming; /* those that are looked at next while some are called */
};

static uint64_t now(const struct ticker *ticker)
{
	uint64_t usec = 0;

	(void)sd_event_now(ticker->event, CLOCK_MONOTONIC, &usec);
	return usec;
}

/* Setting the time of a timer that is there asks for no memory. */
static void wake(struct ticker *ticker, uint64_t at)
{
	ticker->wakes_at = at;
	(void)sd_event_source_set_time(ticker->timer, at);
	(void)sd_event_source_set_enabled(ticker->timer,
					  at == UINT64_MAX ? SD_EVENT_OFF : SD_EVENT_ONESHOT);
}

static uint64_t first_due(const struct ticker *ticker)
{
	uint64_t first = UINT64_MAX;
	const struct tick *tick;

	DL_FOREACH(ticker->list, tick)
		first = tick->due_usec < first ? tick->due_usec : first;
	return first;
}

static void take_out(struct ticker *ticker, struct tick *tick)
{
	if (!tick->on)
		return;
	if (ticker->coming == tick)
		ticker->coming = tick->next;
	DL_DELETE(ticker->list, tick);
	tick->on = false;
}

static int on_timer(sd_event_source *source, uint64_t usec, void *userdata)
{
	struct ticker *ticker = userdata;
	uint64_t at = now(ticker);

	ticker->wakes_at = 0; /* seen to below */
	(void)source, (void)usec;
	for (ticker->coming = ticker->list; ticker->coming;) {
		struct tick *tick = ticker->coming;

		ticker->coming = tick->next;
		if (tick->due_usec > at && tick->due_usec - at > tick->early_usec)
			continue;
		take_out(ticker, tick);
		tick->fn(tick->userdata);
	}
	wake(ticker, first_due(ticker));
	return 0;
}

int ticker_new(sd_event *event, struct ticker **ret)
{
	struct ticker *ticker = calloc(1, sizeof(*ticker));
	int r;

	if (!ticker)
		return -ENOMEM;
	ticker->event = event;
	r = sd_event_add_time(event, &ticker->timer, CLOCK_MONOTONIC, UINT64_MAX, ACCURACY_USEC,
			      on_timer, ticker);
	if (r < 0) {
		free(ticker);
		return r;
	}
	wake(ticker, UINT64_MAX);
	*ret = ticker;
	return 0;
}

struct ticker *ticker_free(struct ticker *ticker)
{
	if (!ticker)
		return NULL;
	sd_event_source_disable_unref(ticker->timer);
	free(ticker);
	return NULL;
}

/* At the head of the list: what is started by a call is not looked at in the same turn. */
void ticker_start(struct ticker *ticker, struct tick *tick, uint64_t usec)
{
	take_out(ticker, tick);
	tick->due_usec = now(ticker) + usec;
	tick->on = true;
	DL_PREPEND(ticker->list, tick);
	if (tick->due_usec < ticker->wakes_at)
		wake(ticker, tick->due_usec);
}

/* The timer that is early then is left alone: to wake up once in vain costs less than setting it each time. */
void ticker_stop(struct ticker *ticker, struct tick *tick)
{
	take_out(ticker, tick);
}
