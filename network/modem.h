/*
 * Modem: the connection of one run to one modem: opened through qmi-proxy or directly, asked
 * questions that a signal ends.
 *
 * Owns: the qk_device and the clients it gave out that were not released or kept.
 * Does not know: what is asked, configuration, where anything is printed.
 * Lifetime: modem_open() to modem_close(), which leaves ids that were kept allocated in the modem.
 * Called from: the steps.
 *
 * What can fail returns 0, a positive QMI protocol error with which the modem refused, or a
 * negative errno: -EINTR when a signal came (see signals.h).
 */
#pragma once

#include <stdbool.h>
#include <qmikit/device.h>

#include "signals.h"

/* One thing that is waited for. When it is given up its end still comes, and finds it here. */
struct modem_wait {
	bool used, done, abandoned;
	int result;
	struct qk_client *client; /* of an allocation */
};

enum { MODEM_WAITS = 8 };

struct modem {
	struct signals *signals; /* borrowed */
	struct qk_device *device;
	uint64_t timeout_usec;
	struct modem_wait waits[MODEM_WAITS];
	char refusal[160]; /* of qmi-proxy, when it did not open the port; may be empty */
};

enum modem_way { MODEM_BY_PROXY_IF_RUNNING, MODEM_BY_PROXY, MODEM_DIRECTLY };

/* Opens the port at `path`. Zero `modem` and set its signals and timeout before; close it also when
 * this fails. */
__attribute__((warn_unused_result)) int modem_open(struct modem *modem, const char *path,
						   enum modem_way way);
void modem_close(struct modem *modem);

/* A client of a new id, or of one that is allocated already. The reference is the caller's. */
__attribute__((warn_unused_result)) int modem_allocate(struct modem *modem, uint8_t service,
						       struct qk_client **ret);
__attribute__((warn_unused_result)) int modem_adopt(struct modem *modem, uint8_t service,
						    uint8_t id, struct qk_client **ret);

/* Gives its id back and drops the client. NULL is fine. */
__attribute__((warn_unused_result)) int modem_release(struct modem *modem,
						      struct qk_client *take_client);

/* The answer, decoded; lists and texts in it are valid for this call alone. Comes for a refusal
 * too. */
typedef void (*modem_answer_fn)(const void *response, void *userdata);

/* Asks and waits. `fn` may be NULL. `timeout_usec` 0: as everything else. */
__attribute__((warn_unused_result)) int modem_ask(struct modem *modem, struct qk_client *client,
						  const struct qk_method *method,
						  const void *request, uint64_t timeout_usec,
						  modem_answer_fn fn, void *userdata);
