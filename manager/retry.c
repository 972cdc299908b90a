/*
 * Retry: one timer a device. A device that was well for a minute begins anew with the shortest wait.
 */
#include "retry.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <utlist.h>

enum {
	DEVICES_MAX = 256,
	/* A broker that systemd starts again is back after 100 ms; a machine under load takes longer. */
	BROKER_TRIES = 4,
	SECOND_USEC = 1000000,
	WELL_USEC = 60 * SECOND_USEC,
	/* Nobody tells when a device that was named by hand appears: it is looked for as often as this at least. */
	NAMED_WAIT_USEC = 5 * SECOND_USEC,
};

static const uint64_t waits_usec[] = {
	250000,           500000,           1 * SECOND_USEC,  2 * SECOND_USEC,  4 * SECOND_USEC,
	10 * SECOND_USEC, 20 * SECOND_USEC, 30 * SECOND_USEC, 60 * SECOND_USEC,
};

struct retry {
	struct manager *manager;
	struct modem_description description;
	bool shared;
	unsigned int tries;     /* since it was well */
	uint64_t tried_at_usec; /* the last time */
	bool told;              /* that it does not work */
	sd_event_source *timer;
	struct retry *prev, *next;
};

static struct retry *find(const struct manager *manager, const char *uid)
{
	struct retry *retry;

	DL_FOREACH(manager->retries, retry) {
		if (strcmp(retry->description.uid, uid) == 0)
			return retry;
	}
	return NULL;
}

static void retry_free(struct retry *retry)
{
	DL_DELETE(retry->manager->retries, retry);
	sd_event_source_disable_unref(retry->timer);
	free(retry);
}

static uint64_t now_usec(const struct manager *manager)
{
	uint64_t usec = 0;

	(void)sd_event_now(manager->event, CLOCK_MONOTONIC, &usec);
	return usec;
}

/* What is no path cannot be looked for. */
static bool is_there(const struct modem_description *description)
{
	return description->qmi[0] != '/' || access(description->qmi, F_OK) == 0;
}

static void wait_again(struct retry *retry)
{
	size_t last = sizeof(waits_usec) / sizeof(waits_usec[0]) - 1;
	uint64_t usec = waits_usec[retry->tries < last ? retry->tries : last];

	if (retry->description.named && usec > NAMED_WAIT_USEC)
		usec = NAMED_WAIT_USEC;
	retry->tries++;
	if (sd_event_source_set_time_relative(retry->timer, usec) < 0 ||
	    sd_event_source_set_enabled(retry->timer, SD_EVENT_ONESHOT) < 0)
		log_line(&retry->manager->log, LOG_WARNING, NULL, "%s is not tried again",
			 retry->description.qmi);
}

static int on_time(sd_event_source *source, uint64_t usec, void *userdata)
{
	struct retry *retry = userdata;
	struct modem_description description = retry->description;

	(void)source;
	if (is_there(&description)) {
		retry->tried_at_usec = usec;
		manager_add(retry->manager, &description);
	} else if (description.named) {
		wait_again(retry);
	} else {
		/* The event that tells of its end is on its way, or nobody listens for it. */
		retry_free(retry);
	}
	return 0;
}

static struct retry *retry_new(struct manager *manager, const char *uid)
{
	struct retry *retry = calloc(1, sizeof(*retry)), *other;
	size_t count;

	DL_COUNT(manager->retries, other, count);
	if (!retry || count == DEVICES_MAX ||
	    sd_event_add_time_relative(manager->event, &retry->timer, CLOCK_MONOTONIC,
				       UINT64_MAX / 2, 0, on_time, retry) < 0) {
		log_line(&manager->log, LOG_WARNING, NULL, "%s is not tried again", uid);
		free(retry);
		return NULL;
	}
	retry->manager = manager;
	DL_APPEND(manager->retries, retry);
	return retry;
}

static void tell(struct retry *retry, const char *port, const char *what, int error)
{
	/* What was unplugged needs no warning; the event that says so may be on its way. */
	int level = is_there(&retry->description) ? LOG_WARNING : LOG_NOTICE;

	log_line(&retry->manager->log, retry->told ? LOG_DEBUG : level,
		 &(struct log_about){ .port = port }, "%s %s: %s; it is tried again", port, what,
		 strerror(-error));
	retry->told = true;
}

void retry_later(struct manager *manager, const struct modem_description *description, bool shared,
		 const char *what, int error)
{
	struct retry *retry = find(manager, description->uid);

	if (!retry)
		retry = retry_new(manager, description->uid);
	if (!retry)
		return;
	if (now_usec(manager) - retry->tried_at_usec > WELL_USEC)
		retry->tries = 0;
	retry->description = *description;
	if (error < 0)
		tell(retry, description->qmi, what, error);
	retry->shared = shared || (retry->shared && retry->tries < BROKER_TRIES);
	wait_again(retry);
}

void retry_worked(struct manager *manager, const char *uid)
{
	struct retry *retry = find(manager, uid);

	if (!retry || !retry->told)
		return;
	retry->told = false;
	log_line(&manager->log, LOG_NOTICE, &(struct log_about){ .port = retry->description.qmi },
		 "%s can be used again", retry->description.qmi);
}

bool retry_wants_broker(const struct manager *manager, const char *uid)
{
	const struct retry *retry = find(manager, uid);

	return retry && retry->shared && retry->tries <= BROKER_TRIES;
}

void retry_stop(struct manager *manager, const char *uid)
{
	const struct retry *retry = find(manager, uid);

	if (retry)
		(void)sd_event_source_set_enabled(retry->timer, SD_EVENT_OFF);
}

void retry_forget(struct manager *manager, const char *node)
{
	struct retry *retry, *next;

	DL_FOREACH_SAFE(manager->retries, retry, next) {
		if (strcmp(retry->description.qmi, node) == 0 && !retry->description.named)
			retry_free(retry);
	}
}

void retry_close(struct manager *manager)
{
	while (manager->retries)
		retry_free(manager->retries);
}
