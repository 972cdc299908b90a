/*
 * Orphans: ids whose peer went without releasing them. After a grace time they go back to the modem,
 * but for WDS ids with a data call; one that may have a call is asked first.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <qmikit/wds.h>

#include "inside.h"

/* A modem that does not answer the question is asked again then. */
#define ASK_AGAIN_USEC ((uint64_t)60000000)

void modem_due_at(struct modem *modem, uint64_t usec)
{
	if (usec < modem->due_usec)
		modem->due_usec = usec;
	if (usec < modem->broker->due_usec)
		modem->broker->due_usec = usec;
}

static bool ask_for_call(struct modem *modem, struct lease *lease)
{
	uint8_t buffer[QK_QMUX_HEADER + 7];
	struct qk_writer w = qk_writer(buffer, sizeof(buffer));
	struct qk_frame frame = {
		.service = lease->service,
		.client = lease->id,
		.type = QK_REQUEST,
		.transaction = --modem->question,
		.message = qk_wds_get_packet_service_status_method.request->id,
	};
	int size = qk_frame_end(&w, qk_frame_begin(&w, &frame));

	if (size < 0 || modem_is_full(modem))
		return false;
	lease_ask(lease, frame.transaction, LEASE_ASKED_BROKER);
	return modem_send(modem, (struct qk_span){ buffer, (size_t)size }) == 0;
}

/* What is due for one orphan. When to look again. */
static uint64_t tend(struct modem *modem, struct lease *lease)
{
	uint64_t now = modem->broker->now_usec;
	uint64_t due = lease->since_usec + modem->broker->grace_usec;

	if (lease->call == LEASE_CALL_UP)
		return UINT64_MAX; /* what ends the call makes it due */
	if (lease_is_kept(&modem->leases, lease))
		return now + ASK_AGAIN_USEC;
	if (due < lease->retry_usec)
		due = lease->retry_usec;
	if (due > now)
		return due;
	lease->retry_usec = now + ASK_AGAIN_USEC;
	if (lease->call == LEASE_CALL_UNSURE && lease->service == 0x01)
		(void)ask_for_call(modem, lease);
	else if (!ctl_reclaim(modem, lease, NULL, 0, 0))
		lease->retry_usec = now + ASK_AGAIN_USEC / 60;
	return lease->retry_usec;
}

/* What the modem never answered to: it is as it was before. */
static uint64_t tend_releasing(struct modem *modem, struct lease *lease)
{
	uint64_t due = lease->since_usec + CTL_PATIENCE_USEC;

	if (due > modem->broker->now_usec)
		return due;
	lease_orphan(&modem->leases, lease, modem->broker->now_usec);
	return modem->broker->now_usec + modem->broker->grace_usec;
}

void modem_due(struct modem *modem)
{
	uint64_t due = UINT64_MAX;

	ctl_map_expire(&modem->ctl, modem->broker->now_usec);
	for (struct lease *at = modem->leases.releasing.first, *next; at; at = next) {
		uint64_t again;

		next = at->next;
		again = tend_releasing(modem, at);
		due = again < due ? again : due;
	}
	for (struct lease *at = modem->leases.orphans.first, *next; at && !modem->closing;
	     at = next) {
		uint64_t again;

		next = at->next;
		again = tend(modem, at);
		due = again < due ? again : due;
	}
	if (modem->closing)
		return;
	modem->due_usec = due;
	if (modem->starved.first || modem->ctl.used)
		modem_due_at(modem, modem->broker->now_usec + CTL_PATIENCE_USEC + 1);
	modem_let_in(modem);
	modem_close_if_unused(modem);
}

void broker_due(struct broker *broker)
{
	if (broker->due_usec > broker->now_usec)
		return;
	broker->due_usec = UINT64_MAX;
	for (struct modem *modem = broker->modems, *next; modem; modem = next) {
		next = modem->next;
		if (modem->due_usec <= broker->now_usec)
			modem_due(modem);
	}
	for (struct modem *modem = broker->modems; modem; modem = modem->next) {
		if (modem->due_usec < broker->due_usec)
			broker->due_usec = modem->due_usec;
	}
}

void orphan_answered(struct modem *modem, struct lease *lease, const struct qk_frame *frame)
{
	(void)frame;
	if (lease->state != LEASE_ORPHAN || lease->call == LEASE_CALL_UP)
		return;
	/* call_answered() has seen it: no call, or no such client */
	lease->call = LEASE_CALL_NONE;
	if (!ctl_reclaim(modem, lease, NULL, 0, 0))
		modem_due_at(modem, lease->retry_usec);
}

bool broker_is_idle(const struct broker *broker)
{
	if (broker->peer_count)
		return false;
	for (const struct modem *modem = broker->modems; modem; modem = modem->next) {
		if (modem->leases.releasing.first)
			return false;
		for (const struct lease *at = modem->leases.orphans.first; at; at = at->next) {
			if (!lease_is_kept(&modem->leases, at))
				return false;
		}
	}
	return true;
}

/* The modem that a table names, if it is the same one still. */
static struct modem *modem_to_restore(struct broker *broker, const char *path, const char *identity)
{
	struct modem *modem = modem_find(broker, path);
	char *real = NULL, *now = NULL, why[BROKER_WHY_MAX] = "";
	int r;

	if (modem)
		return strcmp(modem->identity, identity) ? NULL : modem;
	r = broker->host.find(broker->host.userdata, path, NULL, &real, &now, why);
	if (r == 0 && (strcmp(real, path) != 0 || strcmp(now, identity) != 0)) {
		snprintf(why, sizeof(why), "another modem is in its place");
		free(real);
		free(now);
		r = -ENODEV;
	} else if (r == 0) {
		r = modem_open(broker, real, now, &modem, why);
	}
	if (r == 0)
		return modem;
	broker_log(broker, BROKER_NOTE, "%s: its ids are forgotten: %s", path,
		   *why ? why : strerror(-r));
	return NULL;
}

int broker_restore(struct broker *broker, const char *path, const char *identity,
		   const struct lease *lease)
{
	struct modem *modem = modem_to_restore(broker, path, identity);
	struct lease *restored;

	if (!modem || lease_find(&modem->leases, lease->service, lease->id))
		return -ENODEV;
	restored = lease_add(&modem->leases, lease->service, lease->id);
	if (!restored)
		return -ENOMEM;
	restored->unproven = true;
	/* nobody listened meanwhile */
	restored->call = lease->call == LEASE_CALL_UP ? LEASE_CALL_UNSURE : lease->call;
	lease_orphan(&modem->leases, restored, broker->now_usec);
	modem_due_at(modem, broker->now_usec + broker->grace_usec);
	return lease_name(restored, lease->name);
}
