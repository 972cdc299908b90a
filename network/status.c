/*
 * Asking each call how it is.
 */
#include "status.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <jansson.h>
#include <qmikit/wds.h>

#include "calls.h"
#include "netdev/link.h"

/* What was found out. */
struct found {
	uint8_t statuses[CALLS]; /* enum qk_wds_connection_status */
	bool known[CALLS];       /* the state has this call */
	bool any;
	uint8_t best; /* of all, that which counts */
};

/* libqmi's word. */
static const char *word(uint8_t status)
{
	const char *name = qk_value_name(&qk_wds_connection_status_values, status);

	return name ? name : "unknown";
}

static int ask_call(struct job *job, unsigned int call, struct found *found)
{
	uint32_t cid = job->state.calls[call].cid;
	int r = modem_adopt(&job->modem, QK_SERVICE_ID_WDS, (uint8_t)cid, &job->clients[call]);

	if (r == 0)
		r = calls_ask_status(job, job->clients[call], &found->statuses[call]);
	if (r == QK_ERROR_INVALID_CLIENT_ID) {
		job_note("client id %u of %s is void: the modem was reset since", cid,
			 calls_name(call));
		found->statuses[call] = QK_WDS_CONNECTION_STATUS_DISCONNECTED;
		r = 0;
	}
	if (r)
		return r;
	found->known[call] = found->any = true;
	if (found->best != QK_WDS_CONNECTION_STATUS_CONNECTED)
		found->best = found->statuses[call];
	if (found->statuses[call] == QK_WDS_CONNECTION_STATUS_CONNECTED)
		(void)!calls_ask_settings(job, call, &job->plans[call]);
	return 0;
}

/* Without a call of ours, what the modem says to anybody. */
static int ask_anyway(struct job *job, struct found *found)
{
	struct qk_client *client;
	int r = modem_allocate(&job->modem, QK_SERVICE_ID_WDS, &client), released;

	if (r)
		return r;
	r = calls_ask_status(job, client, &found->best);
	released = modem_release(&job->modem, client);
	return r ? r : released;
}

static json_t *address_json(const struct qk_address *address, bool with_prefix)
{
	char text[QK_ADDRESS_TEXT];

	qk_address_text(address, with_prefix, text);
	return json_string(text);
}

static json_t *call_json(const struct job *job, unsigned int call, uint8_t status)
{
	const struct state_call *state = &job->state.calls[call];
	const struct plan *plan = &job->plans[call];
	json_t *object = json_pack("{s:s, s:i, s:s}", "family", call == CALL_4 ? "ipv4" : "ipv6",
				   "client-id", (int)state->cid, "status", word(status));

	if (state->has_handle)
		json_object_set_new(object, "packet-data-handle",
				    json_integer((json_int_t)state->handle));
	if (plan->present) {
		json_t *servers = json_array();

		json_object_set_new(object, "address", address_json(&plan->address, true));
		json_object_set_new(object, "gateway", address_json(&plan->gateway, false));
		for (size_t i = 0; i < plan->server_count; i++)
			json_array_append_new(servers, address_json(&plan->servers[i], false));
		json_object_set_new(object, "name-servers", servers);
		if (plan->mtu)
			json_object_set_new(object, "mtu", json_integer((json_int_t)plan->mtu));
	}
	return object;
}

static json_t *interface_json(struct job *job)
{
	static const char *const formats[] = {
		[QK_LINK_802_3] = "802-3",
		[QK_LINK_RAW_IP] = "raw-ip",
		[QK_LINK_PASS_THROUGH] = "pass-through",
	};
	json_t *object = json_pack("{s:s}", "name", job->interface);
	enum qk_link_format format;
	struct qk_link link;

	if (qk_netlink_open(NETLINK_ROUTE, &job->netlink) < 0)
		return object;

	struct qk_links links = { .netlink = job->netlink };

	if (qk_link_find(&links, job->interface, &link) == 0) {
		json_object_set_new(object, "up", json_boolean(link.up));
		json_object_set_new(object, "mtu", json_integer((json_int_t)link.mtu));
	}
	if (qk_link_format(&links, job->interface, &format) == 0)
		json_object_set_new(object, "format", json_string(formats[format]));
	return object;
}

static int print_json(struct job *job, const struct found *found)
{
	json_t *document = json_pack("{s:s, s:s}", "device", job->options->device, "status",
				     word(found->best));
	json_t *calls = json_array();
	bool good;

	if (*job->interface)
		json_object_set_new(document, "interface", interface_json(job));
	for (unsigned int i = 0; i < CALLS; i++)
		if (found->known[i])
			json_array_append_new(calls, call_json(job, i, found->statuses[i]));
	json_object_set_new(document, "calls", calls);
	good = document && json_dumpf(document, stdout, JSON_INDENT(2)) == 0;
	json_decref(document);
	putchar('\n');
	return good && fflush(stdout) == 0
		       ? 0
		       : failure_set(job->failure, EXIT_HOST, "couldn't write to stdout: %s",
				     strerror(errno));
}

static void print_text(const struct job *job, const struct found *found)
{
	job_say(job, "Status: %s", word(found->best));
	if (!found->known[CALL_4] || !found->known[CALL_6])
		return;
	for (unsigned int i = 0; i < CALLS; i++)
		job_say(job, "    %s: %s", calls_name(i), word(found->statuses[i]));
}

int status_print(struct job *job)
{
	struct found found = { .best = QK_WDS_CONNECTION_STATUS_UNKNOWN };
	int r = job_open_quietly(job);

	job_say(job, "Getting status...");
	for (unsigned int i = 0; i < CALLS && r == 0; i++)
		if (job->state.calls[i].cid)
			r = ask_call(job, i, &found);
	if (r == 0 && !found.any)
		r = ask_anyway(job, &found);
	if (r)
		return job_fail(job, EXIT_NO_CALL, "couldn't get packet service status", r);
	if (job->options->json && print_json(job, &found))
		return job->failure->code;
	print_text(job, &found);
	return found.best == QK_WDS_CONNECTION_STATUS_CONNECTED ? 0 : EXIT_NOT_CONNECTED;
}
