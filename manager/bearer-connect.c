/* Bearer, connecting: a table of steps, and so is its undoing. */
#include <errno.h>
#include <string.h>
#include <qmikit/common.h>
#include <qmikit/wda.h>

#include "bearer-inside.h"
#include "modem.h"
#include "netdev/link.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

/* --- Connecting */

static void tell_connecting(struct operation *op)
{
	struct modem *modem = operation_modem(op);
	struct bearer *bearer = operation_data(op);

	bearer->attempts++;
	bearer->end_reason[0] = 0;
	modem->reason = MM_MODEM_STATE_CHANGE_REASON_USER_REQUESTED;
	modem->facts.transient = MM_MODEM_STATE_CONNECTING;
	modem_tell_state(modem);
}

static void take_format(struct operation *op, const void *response, uint16_t error,
			const void *about)
{
	static const struct qk_wda_set_data_format_request raw_ip = {
		.has_link_layer_protocol = true,
		.link_layer_protocol = QK_WDA_LINK_LAYER_PROTOCOL_RAW_IP,
	};
	static const struct question set_format = {
		.service = QK_SERVICE_ID_WDA,
		.need = OPERATION_NEEDS,
		.method = &qk_wda_set_data_format_method,
		.request = &raw_ip,
	};
	const struct qk_wda_get_data_format_response *r = response;

	(void)about;
	if (!error && (!r->has_link_layer_protocol ||
		       r->link_layer_protocol != QK_WDA_LINK_LAYER_PROTOCOL_RAW_IP))
		operation_ask(op, &set_format);
}

static void agree_on_format(struct operation *op)
{
	static const struct question question = { QK_SERVICE_ID_WDA, OPERATION_TRIES,
						  &qk_wda_get_data_format_method, take_format };

	operation_ask(op, &question);
}

static void set_up_interface(struct operation *op)
{
	const char *interface = bearer_interface(operation_modem(op));
	struct qk_links links = { 0 };
	int r;

	if (!interface)
		return;
	r = qk_netlink_open(NETLINK_ROUTE, &links.netlink);
	if (r == 0)
		r = qk_link_change_format(&links, interface, QK_LINK_RAW_IP);
	qk_netlink_free(links.netlink);
	if (r < 0 && r != -EOPNOTSUPP)
		operation_fail(op, MM_CORE_ERROR_FAILED, "%s cannot be set to raw IP: %s",
			       interface, strerror(-r));
}

static const struct step connect_steps[] = {
	{ "begin to connect", tell_connecting },
	{ "agree on the data format", agree_on_format },
	{ "set up the interface", set_up_interface },
	{ "allocate clients", data_call_allocate },
	{ "choose the family", data_call_set_family },
	{ "start the data call", data_call_start },
	{ "read the settings", data_call_read_settings },
};

/* --- Disconnecting */

static void tell_disconnecting(struct operation *op)
{
	struct modem *modem = operation_modem(op);
	const struct bearer *bearer = operation_data(op);

	if (!bearer->connected)
		return;
	modem->reason = MM_MODEM_STATE_CHANGE_REASON_USER_REQUESTED;
	modem->facts.transient = MM_MODEM_STATE_DISCONNECTING;
	modem_tell_state(modem);
}

static const struct step disconnect_steps[] = {
	{ "begin to disconnect", tell_disconnecting },
	{ "stop the data call", data_call_stop },
	{ "release the clients", data_call_release },
};

/* --- Asking for it */

/* Ends what was asked. The bearer may be freed by whom it tells. */
static void end_job(struct bearer *bearer, const struct failure *failure)
{
	operation_done_fn fn = bearer->job;
	void *userdata = bearer->job_data;

	bearer->job = NULL;
	bearer->busy = false;
	bearer->modem->facts.transient = MM_MODEM_STATE_UNKNOWN;
	if (fn)
		fn(bearer->modem, failure, userdata);
}

static void on_disconnected(struct modem *modem, const struct failure *failure, void *userdata)
{
	struct bearer *bearer = userdata;

	(void)failure; /* nothing of it is left that could be kept */
	modem->reason = MM_MODEM_STATE_CHANGE_REASON_USER_REQUESTED;
	modem->facts.transient = MM_MODEM_STATE_UNKNOWN;
	if (modem->object)
		bearer_tell(bearer, false);
	end_job(bearer, bearer->failed ? &bearer->failure : NULL);
}

static void tell_failure(struct bearer *bearer, const struct failure *failure)
{
	bearer->failed = failure;
	bearer->failure = failure ? *failure : (struct failure){ "", "" };
	bearer->failures += failure ? 1 : 0;
	bearer_set(bearer, API_BEARER_CONNECTION_ERROR,
		   json_pack("[s, s]", bearer->failure.name, bearer->failure.text));
}

/* A connection that did not come up is taken down as far as it came, before its end is told. */
static void on_connected(struct modem *modem, const struct failure *failure, void *userdata)
{
	struct bearer *bearer = userdata;

	if (!modem->object) {
		end_job(bearer, failure);
		return;
	}
	tell_failure(bearer, failure);
	if (failure) {
		if (operation_start(modem, OPERATION_IN_TURN, disconnect_steps,
				    COUNT(disconnect_steps), on_disconnected, bearer) < 0)
			end_job(bearer, failure);
		return;
	}
	if (modem->facts.transient == MM_MODEM_STATE_CONNECTING)
		modem->reason = MM_MODEM_STATE_CHANGE_REASON_USER_REQUESTED;
	modem->facts.transient = MM_MODEM_STATE_UNKNOWN;
	bearer_tell(bearer, true);
	end_job(bearer, NULL);
}

static void begin(struct bearer *bearer, const struct step *steps, size_t count,
		  operation_done_fn end, operation_done_fn fn, void *userdata)
{
	static const struct failure busy = { MM_CORE_ERROR_IN_PROGRESS,
					     "the bearer is being changed" };
	static const struct failure no_memory = { MM_CORE_ERROR_FAILED, "out of memory" };

	if (bearer->busy) {
		if (fn)
			fn(bearer->modem, &busy, userdata);
		return;
	}
	bearer->busy = true;
	bearer->job = fn;
	bearer->job_data = userdata;
	bearer->failed = false;
	if (operation_start(bearer->modem, OPERATION_IN_TURN, steps, count, end, bearer) < 0)
		end_job(bearer, &no_memory);
}

void bearer_connect(struct bearer *bearer, operation_done_fn fn, void *userdata)
{
	if (bearer->connected)
		fn(bearer->modem, NULL, userdata);
	else
		begin(bearer, connect_steps, COUNT(connect_steps), on_connected, fn, userdata);
}

void bearer_disconnect(struct bearer *bearer, operation_done_fn fn, void *userdata)
{
	begin(bearer, disconnect_steps, COUNT(disconnect_steps), on_disconnected, fn, userdata);
}

static const struct step verify_steps[] = {
	{ "ask whether the data call is up", data_call_ask_status },
	{ "read the settings", data_call_read_settings },
};

void bearer_verify(struct bearer *bearer)
{
	begin(bearer, verify_steps, COUNT(verify_steps), on_connected, NULL, NULL);
}
