/*
 * Clients: ids of a service in the modem, allocated, adopted, given back.
 *
 * The client is made before its id is asked for, so that nothing can fail between the modem's answer
 * and the caller. An id that came and that nobody kept goes back at once: modems have few.
 */
#include <errno.h>
#include <stdlib.h>
#include <qmikit/ctl.h>

#include "lib/device/internal.h"

static const char release_step[] = "release client id";

static bool is_ctl(const struct qk_client *client)
{
	return client == &client->device->ctl;
}

struct qk_client *qk_client_ref(struct qk_client *client)
{
	if (is_ctl(client))
		qk_device_ref(client->device);
	else
		client->refs++;
	return client;
}

struct qk_client *qk_client_unref(struct qk_client *client)
{
	struct qk_device *device;

	if (!client)
		return NULL;
	device = client->device;
	if (!is_ctl(client)) {
		if (--client->refs > 0)
			return NULL;
		qk_slots_cancel(device, client);
		free(client);
	}
	qk_device_unref(device);
	return NULL;
}

uint8_t qk_client_service(const struct qk_client *client)
{
	return client->service;
}

uint8_t qk_client_id(const struct qk_client *client)
{
	return client->id;
}

struct qk_device *qk_client_device(const struct qk_client *client)
{
	return client->device;
}

static struct qk_client *make_client(struct qk_device *device, uint8_t service)
{
	struct qk_client *client = calloc(1, sizeof(*client));

	if (client) {
		client->device = device;
		client->service = service;
	}
	return client;
}

/* From here on the client is one that keeps the device. */
static struct qk_client *enliven(struct qk_client *client, uint8_t id)
{
	client->id = id;
	client->refs = 1;
	qk_device_ref(client->device);
	return client;
}

int qk_client_adopt(struct qk_device *device, uint8_t service, uint8_t id, struct qk_client **ret)
{
	struct qk_client *client;

	if (service == QK_SERVICE_CTL || id == 0 || id == QK_CLIENT_BROADCAST)
		return -EINVAL;
	client = make_client(device, service);
	if (!client)
		return -ENOMEM;
	*ret = enliven(client, id);
	return 0;
}

int qk_client_subscribe(struct qk_client *client, qk_indication_fn fn, void *userdata,
			qk_destroy_fn destroy, struct qk_slot **ret_slot)
{
	const struct qk_call_options options = { .userdata = userdata, .destroy = destroy };
	struct qk_slot *slot = qk_slot_new(client, SLOT_SUBSCRIPTION, &options);

	if (!slot) {
		if (destroy)
			destroy(userdata);
		return -ENOMEM;
	}
	slot->fn.indication = fn;
	slot->born = client->device->indications;
	qk_slot_attach(slot);
	qk_slot_hand(slot, ret_slot);
	return 0;
}

int qk_response_error(const void *response, uint16_t *ret_error)
{
	const struct qk_response *answer = response;

	if (!answer->has_result)
		return -EBADMSG;
	*ret_error = 0;
	if (answer->result.status != 0)
		*ret_error = answer->result.error ? answer->result.error : QK_ERROR_INTERNAL;
	return 0;
}

/* Allocating. */

struct allocation {
	struct qk_client *client; /* NULL once the caller had it */
	qk_client_fn fn;
	void *userdata;
};

static void free_allocation(void *userdata)
{
	struct allocation *a = userdata;

	free(a->client);
	free(a);
}

static int read_allocation(const struct qk_ctl_allocate_cid_response *answer, uint8_t service,
			   uint16_t *ret_error)
{
	int r = qk_response_error(answer, ret_error);

	if (r < 0 || *ret_error)
		return r;
	if (!answer->has_allocation_info || answer->allocation_info.service != service)
		return -EBADMSG;
	if (answer->allocation_info.cid == 0 || answer->allocation_info.cid == QK_CLIENT_BROADCAST)
		return -EBADMSG;
	return 0;
}

static void on_allocated(struct qk_client *ctl, int status, const void *response, void *userdata)
{
	const struct qk_ctl_allocate_cid_response *answer = response;
	struct qk_device *device = ctl->device;
	struct allocation *a = userdata;
	struct qk_client *client;
	uint16_t error = 0;

	if (status == 0)
		status = read_allocation(answer, a->client->service, &error);
	if (status < 0 || error) {
		a->fn(device, status, error, NULL, a->userdata);
		return;
	}
	client = enliven(a->client, answer->allocation_info.cid);
	a->client = NULL;
	a->fn(device, 0, 0, client, a->userdata);
	if (client->refs == 1 && !client->released)
		qk_device_release_id(device, client->service, client->id);
	qk_client_unref(client);
}

int qk_client_allocate_slot(struct qk_device *device, uint8_t service, uint64_t timeout_usec,
			    qk_client_fn fn, void *userdata, struct qk_slot **ret_slot)
{
	const struct qk_ctl_allocate_cid_request request = {
		.has_service = true,
		.service = service,
	};
	struct qk_call_options options = {
		.timeout_usec = timeout_usec,
		.destroy = free_allocation,
		.ret_slot = ret_slot,
	};
	struct allocation *a;

	if (service == QK_SERVICE_CTL || !fn)
		return -EINVAL;
	a = calloc(1, sizeof(*a));
	if (!a)
		return -ENOMEM;
	a->fn = fn;
	a->userdata = userdata;
	a->client = make_client(device, service);
	if (!a->client) {
		free_allocation(a);
		return -ENOMEM;
	}
	options.userdata = a;
	return qk_call(&device->ctl, &qk_ctl_allocate_cid_method, &request, &options, on_allocated);
}

int qk_client_allocate(struct qk_device *device, uint8_t service, uint64_t timeout_usec,
		       qk_client_fn fn, void *userdata)
{
	return qk_client_allocate_slot(device, service, timeout_usec, fn, userdata, NULL);
}

/* Giving back. */

struct release {
	qk_done_fn fn; /* NULL: nobody asks */
	void *userdata;
	uint8_t service, id;
};

static void on_released(struct qk_client *ctl, int status, const void *response, void *userdata)
{
	const struct release *release = userdata;
	uint16_t error = 0;
	char label[16];

	if (status == 0)
		status = qk_response_error(response, &error);
	if (release->fn) {
		release->fn(ctl->device, status, error, release_step, release->userdata);
		return;
	}
	if (status < 0 || error)
		qk_device_log(ctl->device, "%s/%u: the client id was not given back (%d, error %u)",
			      qk_device_service_label(release->service, label), release->id, status,
			      error);
}

static int send_release(struct qk_device *device, const struct release *values,
			uint64_t timeout_usec, struct qk_slot **ret_slot)
{
	const struct qk_ctl_release_cid_request request = {
		.has_release_info = true,
		.release_info = { .service = values->service, .cid = values->id },
	};
	struct qk_call_options options = {
		.timeout_usec = timeout_usec,
		.destroy = free,
		.ret_slot = ret_slot,
	};
	struct release *release = malloc(sizeof(*release));

	if (!release)
		return -ENOMEM;
	*release = *values;
	options.userdata = release;
	return qk_call(&device->ctl, &qk_ctl_release_cid_method, &request, &options, on_released);
}

void qk_device_release_id(struct qk_device *device, uint8_t service, uint8_t id)
{
	const struct release values = { .service = service, .id = id };
	int r;

	if (device->error || service == QK_SERVICE_CTL || id == 0 || id == QK_CLIENT_BROADCAST)
		return;
	r = send_release(device, &values, QK_TIMEOUT_DEFAULT, NULL);
	if (r < 0) {
		char label[16];

		qk_device_log(device, "%s/%u: the client id was not given back (%d)",
			      qk_device_service_label(service, label), id, r);
	}
}

int qk_client_release_slot(struct qk_client *client, uint64_t timeout_usec, qk_done_fn fn,
			   void *userdata, struct qk_slot **ret_slot)
{
	const struct release values = {
		.fn = fn,
		.userdata = userdata,
		.service = client->service,
		.id = client->id,
	};
	int r;

	if (is_ctl(client))
		return -EINVAL;
	if (client->released)
		return -ESHUTDOWN;
	r = send_release(client->device, &values, timeout_usec, ret_slot);
	if (r == 0)
		client->released = true;
	return r;
}

int qk_client_release(struct qk_client *client, uint64_t timeout_usec, qk_done_fn fn,
		      void *userdata)
{
	return qk_client_release_slot(client, timeout_usec, fn, userdata, NULL);
}
