/*
 * QMI port: one qk_device in the daemon's event loop, opened through the broker where one answers, and its
 * clients, one a service.
 *
 * Owns: the device, its clients.
 * Does not know: what is asked of the modem.
 * Lifetime: qmi_port_open() to qmi_port_free(); one of `lost` and `restarted` is called, once at most, and
 * the port is still to be freed. In between a broker that ends is waited for some seconds: until then the port is
 * away, and if the next broker has all its client ids it goes on with them.
 * Called from: modem.c and operation.c.
 */
#pragma once

#include <qmikit/device.h>

#include "port-watch.h"

struct qmi_port;

struct qmi_port_events {
	/* The port can be used. `error` negative: it could not be opened. */
	void (*opened)(void *userdata, int error);
	/* It is gone: the modem left, or the broker did and no other came. */
	void (*lost)(void *userdata, int error);
	/* The broker ended. Whether another one is worth waiting for; NULL: it is not. */
	bool (*away)(void *userdata);
	/* Another one has the modem, and the ids of the services' clients; those of one's own are to be claimed by
	 * qmi_port_claim(). What was asked has ended, what the modem told meanwhile is not known. */
	void (*back)(void *userdata);
	/* The modem is there, and knows nothing any more of what it was told; the port is as good as lost. */
	void (*restarted)(void *userdata);
	void (*log)(void *userdata, const char *line);
};

/* What is opened. */
struct qmi_port_place {
	const char *path;
	const char *lease; /* what the broker keeps its ids by */
	bool wait_broker;  /* not past the broker */
};

/* Opens it; the end of that is told. -ENOMEM, -ECONNREFUSED (the broker is waited for), or what opening said at
 * once. */
QK_MUST_CHECK int qmi_port_open(struct port_watch *watch, const struct qmi_port_place *place,
				const struct qmi_port_events *events, void *userdata,
				struct qmi_port **ret);
/* Gives the client ids back (the broker does it where it is asked no more) and closes. NULL is fine; returns NULL. */
struct qmi_port *qmi_port_free(struct qmi_port *port);

/* Whether the broker has it. */
bool qmi_port_is_shared(const struct qmi_port *port);
/* Whether it is to be waited for until something is asked: the broker has ended, and it is not known yet what follows. */
bool qmi_port_is_away(const struct qmi_port *port);

struct qk_device *qmi_port_device(const struct qmi_port *port);

/* The client of a service; NULL: none was allocated. */
struct qk_client *qmi_port_client(const struct qmi_port *port, uint8_t service);

/* An id of WDS that the daemon before this one left under the same lease. -ENOENT: it is not there any more. */
QK_MUST_CHECK int qmi_port_take_up(struct qmi_port *port, uint8_t cid, struct qk_client **ret);
/* Whether the id of a client of one's own is still its: behind `back`. */
bool qmi_port_claim(struct qmi_port *port, const struct qk_client *client);
/* Gives all ids back without waiting; the port is of no use then but to be freed. */
void qmi_port_drop_ids(struct qmi_port *port);
/* Gives the id of a client of one's own back, now or as soon as the modem takes it. */
void qmi_port_give_back(struct qmi_port *port, struct qk_client *take_client);
/* Takes over a client that was somebody's own: it is given back with the others. */
void qmi_port_leave(struct qmi_port *port, struct qk_client *take_client);
/* Gives those back that nobody took up. */
void qmi_port_release_resumed(struct qmi_port *port);

/* Gives the id of a service's client back, where there is one: nothing more is asked of it. */
void qmi_port_dismiss(struct qmi_port *port, uint8_t service);

typedef void (*qmi_port_client_fn)(void *userdata, int status, uint16_t error);
/* Allocates it; `fn` runs later, also where it is there already. */
QK_MUST_CHECK int qmi_port_allocate(struct qmi_port *port, uint8_t service, qmi_port_client_fn fn,
				    void *userdata);
