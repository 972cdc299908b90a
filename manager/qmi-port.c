/*
 * QMI port: a qk_device among those that are watched, from its opening to its end; its clients' ids live longer than
 * a broker does.
 */
#include "qmi-port.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <utlist.h>
#include <qmikit/ctl.h>
#include <qmikit/proxy.h>

#include "give-back.h"

enum { CLIENTS_MAX = 32, OPEN_TIMEOUT_USEC = 10000000, RELEASE_USEC = 2000000 };

/* A broker that systemd starts again is back after 100 ms; on a machine under load it takes longer. The first wait,
 * each is twice the one before; how often. */
enum { AGAIN_USEC = 50000, AGAIN_MAX = 7 };

/* Somebody who waits for a client. */
struct allocation {
	struct qmi_port *port;
	struct qk_slot *slot;
	struct allocation *prev, *next;
	uint8_t service;
	qmi_port_client_fn fn;
	void *userdata;
};

struct qmi_port {
	unsigned int refs; /* whoever opened it, and a turn of the device while it runs */
	struct qk_device *device;
	struct qk_slot *news; /* of CTL */
	struct qk_client *clients[CLIENTS_MAX];
	size_t client_count;
	uint8_t resumed[CLIENTS_MAX]; /* ids of WDS */
	size_t resumed_count;
	struct allocation *allocations; /* that did not end yet */
	struct port_watch *watch;
	struct watched watched; /* while it is connected */
	sd_event_source *again;
	struct qmi_port_events events;
	void *userdata;
	char path[256], lease[65];
	unsigned int tries; /* to find another broker */
	struct give_back *back;
	bool opened; /* it could be used once */
	bool away;
	bool shared; /* through the broker, which keeps ids whose user has gone */
	bool lost;
	bool closed; /* nobody wants to be told anything more */
};

static void port_unref(struct qmi_port *port)
{
	if (--port->refs == 0)
		free(port);
}

/* Whether it is news. */
static bool end(struct qmi_port *port)
{
	if (port->lost || port->closed)
		return false;
	port->lost = true;
	port->away = false;
	port_watch_remove(port->watch, &port->watched);
	(void)sd_event_source_set_enabled(port->again, SD_EVENT_OFF);
	return true;
}

static void lose(struct qmi_port *port, int error)
{
	if (end(port))
		port->events.lost(port->userdata, error);
}

static bool try_later(struct qmi_port *port);

/* Whether another broker is waited for, already or from now on. */
static bool is_waited_for(const struct qmi_port *port)
{
	return qmi_port_is_away(port) &&
	       (port->away || (port->events.away && port->events.away(port->userdata)));
}

/* The connection ended: by a broker that another one may follow, or for good. */
static void hang_up(struct qmi_port *port, int error)
{
	if (port->lost || port->closed)
		return;
	port_watch_remove(port->watch, &port->watched);
	if (!is_waited_for(port) || !try_later(port))
		lose(port, error);
}

/* The port may be closed by what is called from here: it and the device are kept meanwhile. */
static void process(void *userdata)
{
	struct qmi_port *port = userdata;
	struct qk_device *device = qk_device_ref(port->device);
	int r;

	port->refs++;
	r = qk_device_process(device);
	if (r < 0)
		hang_up(port, r);
	qk_device_unref(device);
	port_unref(port);
}

static void log_line(void *userdata, const char *line)
{
	struct qmi_port *port = userdata;

	if (!port->closed)
		port->events.log(port->userdata, line);
}

static void on_opened(struct qk_device *device, int status, uint16_t error, const char *step,
		      void *userdata)
{
	struct qmi_port *port = userdata;

	(void)device, (void)step;
	port->opened = status == 0 && !error;
	if (!port->closed)
		port->events.opened(port->userdata, status < 0 ? status : error ? -EIO : 0);
}

static int ask_versions(struct qmi_port *port)
{
	const struct qk_open_options options = {
		.version_info = true,
		.timeout_usec = OPEN_TIMEOUT_USEC,
	};

	return qk_device_open(port->device, &options, on_opened, port);
}

/* Keeps a reference of its own. -EMFILE: more services than there are. */
static int keep_client(struct qmi_port *port, struct qk_client *client)
{
	if (port->client_count == CLIENTS_MAX)
		return -EMFILE;
	port->clients[port->client_count++] = qk_client_ref(client);
	return 0;
}

/* The ids of a daemon before this one. Those of WDS are of bearers, which take them up themselves. Beyond what one
 * daemon can have had, the broker keeps them a minute. */
static int resume(struct qmi_port *port, const struct qk_proxy_opened *opened)
{
	int r = 0;

	for (size_t i = 0; r == 0 && opened && i < opened->resumed_count; i++) {
		uint8_t service = opened->resumed[i].service;
		struct qk_client *client;

		if (service == QK_SERVICE_ID_WDS && port->resumed_count < CLIENTS_MAX)
			port->resumed[port->resumed_count++] = opened->resumed[i].cid;
		if (service == QK_SERVICE_ID_WDS || qmi_port_client(port, service))
			continue;
		r = qk_client_adopt(port->device, service, opened->resumed[i].cid, &client);
		if (r == 0) {
			r = keep_client(port, client);
			qk_client_unref(client);
		}
	}
	return r;
}

static void on_proxy_opened(struct qk_device *device, int status, uint16_t error,
			    const struct qk_proxy_opened *opened, void *userdata)
{
	struct qmi_port *port = userdata;
	int r;

	(void)device;
	if (port->closed)
		return;
	r = status < 0 ? status : error ? -EACCES : resume(port, opened);
	if (r == 0)
		r = ask_versions(port);
	if (r < 0)
		port->events.opened(port->userdata, r);
}

void qmi_port_give_back(struct qmi_port *port, struct qk_client *take_client)
{
	const struct qk_ctl_client id = { qk_client_service(take_client),
					  qk_client_id(take_client) };

	qk_client_unref(take_client);
	give_back(port->back, &id);
}

/* --- Another broker */

/* Takes an id out of those that the next broker had for us. */
static bool take_id(struct qk_ctl_client *ids, size_t *count, const struct qk_client *client)
{
	for (size_t i = 0; i < *count; i++) {
		if (ids[i].service != qk_client_service(client) ||
		    ids[i].cid != qk_client_id(client))
			continue;
		ids[i] = ids[--*count];
		return true;
	}
	return false;
}

/* Whether the clients are what they were. Those of WDS that are left are claimed, or given back. */
static bool has_all(struct qmi_port *port, const struct qk_proxy_opened *opened)
{
	struct qk_ctl_client ids[256];
	size_t count = opened->resumed_count;

	if (count > sizeof(ids) / sizeof(ids[0]))
		return false;
	for (size_t i = 0; i < count; i++)
		ids[i] = opened->resumed[i];
	for (size_t i = 0; i < port->client_count; i++)
		if (!take_id(ids, &count, port->clients[i]))
			return false;
	port->resumed_count = 0;
	for (size_t i = 0; i < count; i++) {
		if (ids[i].service == QK_SERVICE_ID_WDS && port->resumed_count < CLIENTS_MAX)
			port->resumed[port->resumed_count++] = ids[i].cid;
		else
			give_back(port->back, &ids[i]); /* its allocation was under way */
	}
	return true;
}

static void on_proxy_back(struct qk_device *device, int status, uint16_t error,
			  const struct qk_proxy_opened *opened, void *userdata)
{
	struct qmi_port *port = userdata;

	/* Of a connection that ended, too, process() tells. */
	if (port->closed || port->lost || qk_device_error(device))
		return;
	if (status < 0 || error || !has_all(port, opened)) {
		lose(port, status < 0 ? status : -ENODEV);
		return;
	}
	port->away = false;
	port->tries = 0;
	port->events.back(port->userdata);
}

/* Connects to the broker that there is now. */
static int reconnect(struct qmi_port *port)
{
	struct qk_transport *transport;
	int r = qk_proxy_connect(NULL, &transport);

	if (r == 0)
		r = qk_device_reconnect(port->device, transport);
	if (r == 0)
		r = qk_proxy_open(port->device, port->path, port->lease, OPEN_TIMEOUT_USEC,
				  on_proxy_back, port);
	if (r == 0)
		r = port_watch_add(port->watch, &port->watched);
	return r < 0 ? r : 0;
}

static int on_again(sd_event_source *source, uint64_t usec, void *userdata)
{
	struct qmi_port *port = userdata;
	int r = reconnect(port);

	(void)source, (void)usec;
	if (r < 0 && !try_later(port))
		lose(port, r);
	return 0;
}

static bool try_later(struct qmi_port *port)
{
	uint64_t wait = (uint64_t)AGAIN_USEC << port->tries;

	if (port->tries == AGAIN_MAX)
		return false;
	port->away = true;
	port->tries++;
	if (!port->again)
		return sd_event_add_time_relative(port_watch_event(port->watch), &port->again,
						  CLOCK_MONOTONIC, wait, 0, on_again, port) >= 0;
	return sd_event_source_set_time_relative(port->again, wait) >= 0 &&
	       sd_event_source_set_enabled(port->again, SD_EVENT_ONESHOT) >= 0;
}

/* --- Opening and closing */

/* Nodes of QRTR and what qmuxd serves are shared by nature; the broker does not open them. */
static bool is_for_broker(const char *path)
{
	return strncmp(path, "qrtr:", 5) != 0 && strncmp(path, "qmuxd:", 6) != 0;
}

/* A modem that started anew without leaving its port has forgotten all clients: what was known of it is void. */
static void on_ctl_news(struct qk_client *ctl, const struct qk_message *message,
			const void *decoded, const struct qk_frame *frame, void *userdata)
{
	struct qmi_port *port = userdata;

	(void)ctl, (void)message, (void)decoded;
	if (frame->message == qk_ctl_sync_method.request->id && end(port))
		port->events.restarted(port->userdata);
}

/* Through the broker, or on the node itself where there is none. */
static int begin(struct qmi_port *port, const struct qmi_port_place *place,
		 const struct qk_device_hooks *hooks)
{
	struct qk_transport *transport;
	int r = 0;

	port->shared = is_for_broker(place->path) && qk_proxy_connect(NULL, &transport) == 0;
	if (!port->shared && place->wait_broker)
		return -ECONNREFUSED;
	if (!port->shared)
		r = qk_transport_open(place->path, &transport);

	if (r == 0)
		r = qk_device_new(transport, hooks, &port->device);
	if (r == 0)
		r = give_back_new(port_watch_event(port->watch), port->device, log_line, port,
				  &port->back);
	if (r == 0)
		r = qk_client_subscribe(qk_device_ctl(port->device), on_ctl_news, port, NULL,
					&port->news);
	port->watched = (struct watched){ port->device, process, port };
	if (r == 0)
		r = port_watch_add(port->watch, &port->watched);
	if (r == 0)
		r = port->shared ? qk_proxy_open(port->device, place->path, place->lease,
						 OPEN_TIMEOUT_USEC, on_proxy_opened, port)
				 : ask_versions(port);
	return r;
}

int qmi_port_open(struct port_watch *watch, const struct qmi_port_place *place,
		  const struct qmi_port_events *events, void *userdata, struct qmi_port **ret)
{
	struct qmi_port *port = calloc(1, sizeof(*port));
	int r;

	if (!port)
		return -ENOMEM;
	port->refs = 1;
	port->watch = watch;
	port->events = *events;
	port->userdata = userdata;
	snprintf(port->path, sizeof(port->path), "%s", place->path);
	snprintf(port->lease, sizeof(port->lease), "%s", place->lease);

	const struct qk_device_hooks hooks = { .log = log_line, .userdata = port };

	r = begin(port, place, &hooks);
	if (r < 0) {
		qmi_port_free(port);
		return r;
	}
	*ret = port;
	return 0;
}

static void cancel(struct allocation *allocation)
{
	DL_DELETE(allocation->port->allocations, allocation);
	qk_slot_free(allocation->slot);
	free(allocation);
}

void qmi_port_leave(struct qmi_port *port, struct qk_client *take_client)
{
	if (keep_client(port, take_client) < 0)
		log_line(port, "a client id could not be given back");
	qk_client_unref(take_client);
}

void qmi_port_dismiss(struct qmi_port *port, uint8_t service)
{
	for (size_t i = 0; i < port->client_count; i++) {
		if (qk_client_service(port->clients[i]) != service)
			continue;
		struct qk_client *client = port->clients[i];

		port->clients[i] = port->clients[--port->client_count];
		qmi_port_give_back(port, client);
		return;
	}
}

/* A modem that is silent is waited for once, not once a client. */
static void release_all(struct qmi_port *port)
{
	struct qk_ctl_client left[GIVE_BACK_MAX];
	size_t count = give_back_end(port->back, left);

	for (size_t i = 0; i < count && port->client_count < CLIENTS_MAX; i++)
		if (qk_client_adopt(port->device, left[i].service, left[i].cid,
				    &port->clients[port->client_count]) == 0)
			port->client_count++;

	bool answers = !port->lost && !port->shared;

	for (size_t i = 0; i < port->client_count; i++) {
		int r = answers ? qk_client_release_sync(port->clients[i], RELEASE_USEC) : 0;

		if (r != 0)
			port->events.log(port->userdata, "a client id could not be given back");
		answers = answers && r != -ETIMEDOUT;
		qk_client_unref(port->clients[i]);
	}
}

struct qmi_port *qmi_port_free(struct qmi_port *port)
{
	if (!port)
		return NULL;
	port->closed = true;
	port_watch_remove(port->watch, &port->watched);
	sd_event_source_disable_unref(port->again);
	qk_slot_free(port->news);
	while (port->allocations)
		cancel(port->allocations);
	release_all(port);
	qk_device_unref(port->device);
	port_unref(port);
	return NULL;
}

bool qmi_port_is_shared(const struct qmi_port *port)
{
	return port->shared;
}

bool qmi_port_is_away(const struct qmi_port *port)
{
	return port->shared && port->opened && !port->lost && !port->closed &&
	       (port->away || qk_device_error(port->device));
}

bool qmi_port_claim(struct qmi_port *port, const struct qk_client *client)
{
	for (size_t i = 0; i < port->resumed_count; i++) {
		if (qk_client_service(client) != QK_SERVICE_ID_WDS ||
		    port->resumed[i] != qk_client_id(client))
			continue;
		port->resumed[i] = port->resumed[--port->resumed_count];
		return true;
	}
	return false;
}

void qmi_port_drop_ids(struct qmi_port *port)
{
	for (size_t i = 0; i < port->client_count; i++)
		if (qk_client_release(port->clients[i], 0, NULL, NULL) < 0)
			log_line(port, "a client id could not be given back");
}

struct qk_device *qmi_port_device(const struct qmi_port *port)
{
	return port->device;
}

struct qk_client *qmi_port_client(const struct qmi_port *port, uint8_t service)
{
	for (size_t i = 0; i < port->client_count; i++)
		if (qk_client_service(port->clients[i]) == service)
			return port->clients[i];
	return NULL;
}

int qmi_port_take_up(struct qmi_port *port, uint8_t cid, struct qk_client **ret)
{
	for (size_t i = 0; i < port->resumed_count; i++) {
		if (port->resumed[i] != cid)
			continue;
		port->resumed[i] = port->resumed[--port->resumed_count];
		return qk_client_adopt(port->device, QK_SERVICE_ID_WDS, cid, ret);
	}
	return -ENOENT;
}

void qmi_port_release_resumed(struct qmi_port *port)
{
	while (port->resumed_count > 0) {
		struct qk_client *client;

		if (qmi_port_take_up(port, port->resumed[0], &client) == 0)
			qmi_port_give_back(port, client);
	}
}

static void on_allocated(struct qk_device *device, int status, uint16_t error,
			 struct qk_client *client, void *userdata)
{
	struct allocation *allocation = userdata;
	struct qmi_port *port = allocation->port;
	struct allocation ended = *allocation;

	(void)device;
	cancel(allocation);
	if (client && !qmi_port_client(port, ended.service))
		status = keep_client(port, client);
	ended.fn(ended.userdata, status, error);
}

int qmi_port_allocate(struct qmi_port *port, uint8_t service, qmi_port_client_fn fn, void *userdata)
{
	struct allocation *allocation = malloc(sizeof(*allocation));
	int r;

	if (!allocation)
		return -ENOMEM;
	*allocation = (struct allocation){
		.port = port, .service = service, .fn = fn, .userdata = userdata
	};
	r = qk_client_allocate_slot(port->device, service, 0, on_allocated, allocation,
				    &allocation->slot);
	if (r < 0)
		free(allocation);
	else
		DL_APPEND(port->allocations, allocation);
	return r;
}
