/*
 * Bearer: connecting is a table of steps, and so is its undoing. A bearer of both families has two data calls; it is
 * connected when one of them is up, as a network may know one family alone.
 */
#include "bearer.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <qmikit/common.h>
#include <qmikit/wda.h>
#include <qmikit/wds.h>

#include "ip-config.h"
#include "registry.h"
#include "netdev/link.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

/* Seconds that whoever configures the interface may take. */
enum { IP_TIMEOUT = 20 };

/* One data call. */
struct leg {
	struct bearer *bearer;
	enum qk_wds_ip_family family;
	bool wanted, up;
	struct qk_client *client;
	struct qk_slot *news;
	uint32_t handle;
};

struct bearer {
	struct modem *modem;
	struct api_object *object;
	unsigned int number; /* in its path */
	json_t *properties;
	struct leg legs[2];
	bool connected;
	unsigned int attempts, failures;
	char end_reason[96];
	operation_done_fn job; /* of who wants it up or down; NULL: nobody */
	void *job_data;
	bool failed; /* as the job goes */
	struct failure failure;
};

const char *bearer_path(const struct bearer *bearer)
{
	return api_object_path(bearer->object);
}

bool bearer_is_connected(const struct bearer *bearer)
{
	return bearer->connected;
}

static void set(struct bearer *bearer, const struct api_property *property, json_t *take_value)
{
	(void)api_object_set(bearer->object, property, take_value);
}

static const char *text_of(const struct bearer *bearer, const char *key)
{
	return json_string_value(json_object_get(bearer->properties, key));
}

/* The network interface of the modem; NULL: it has none, as on a pty. */
static const char *interface_of(const struct modem *modem)
{
	for (size_t i = 0; i < modem->description.port_count; i++)
		if (modem->description.ports[i].type == MM_MODEM_PORT_TYPE_NET)
			return modem->description.ports[i].name;
	return NULL;
}

/* --- What is told */

static void tell(struct bearer *bearer, bool connected)
{
	struct modem *modem = bearer->modem;
	const char *interface = interface_of(modem);

	if (bearer->connected != connected) {
		bearer->connected = connected;
		if (connected)
			modem->facts.connected++;
		else
			modem->facts.connected--;
	}
	set(bearer, API_BEARER_INTERFACE, json_string(connected && interface ? interface : ""));
	if (!connected) {
		set(bearer, API_BEARER_IP4_CONFIG, json_pack("{s: i}", "method", 0));
		set(bearer, API_BEARER_IP6_CONFIG, json_pack("{s: i}", "method", 0));
	}
	set(bearer, API_BEARER_CONNECTED, json_boolean(connected));
	set(bearer, API_BEARER_STATS,
	    json_pack("{s: i, s: i}", "attempts", bearer->attempts, "failed-attempts",
		      bearer->failures));
	modem_tell_state(modem);
}

static void leave_leg(struct leg *leg)
{
	leg->up = false;
	leg->news = qk_slot_free(leg->news);
	if (!leg->client)
		return;
	if (qk_client_release(leg->client, 0, NULL, NULL) < 0)
		modem_log(leg->bearer->modem, "a client id of WDS could not be given back");
	leg->client = qk_client_unref(leg->client);
}

void bearer_fall(struct bearer *bearer)
{
	if (!bearer->connected)
		return;
	modem_log(bearer->modem, "%s ended by itself", bearer_path(bearer));
	for (size_t i = 0; i < COUNT(bearer->legs); i++)
		leave_leg(&bearer->legs[i]);
	tell(bearer, false);
}

static void on_news(struct qk_client *client, const struct qk_message *message, const void *decoded,
		    const struct qk_frame *frame, void *userdata)
{
	const struct qk_wds_packet_service_status_indication *news = decoded;
	struct leg *leg = userdata;
	struct bearer *bearer = leg->bearer;

	(void)client, (void)frame;
	if (message != &qk_wds_packet_service_status_message || !news->has_connection_status ||
	    news->connection_status.status != QK_WDS_CONNECTION_STATUS_DISCONNECTED ||
	    !bearer->connected || bearer->modem->facts.transient != MM_MODEM_STATE_UNKNOWN)
		return;
	leg->up = false;
	if (!bearer->legs[0].up && !bearer->legs[1].up)
		bearer_fall(bearer);
}

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
	const char *interface = interface_of(operation_modem(op));
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

static void take_client(struct operation *op, struct qk_client *client, void *about)
{
	struct leg *leg = about;

	leg->client = qk_client_ref(client);
	if (qk_client_subscribe(client, on_news, leg, NULL, &leg->news) < 0)
		operation_fail(op, MM_CORE_ERROR_FAILED, "out of memory");
}

static void allocate(struct operation *op)
{
	struct bearer *bearer = operation_data(op);

	for (size_t i = 0; i < COUNT(bearer->legs); i++)
		if (bearer->legs[i].wanted && !bearer->legs[i].client)
			operation_allocate_own(op, QK_SERVICE_ID_WDS, take_client,
					       &bearer->legs[i]);
}

static void set_family(struct operation *op)
{
	struct bearer *bearer = operation_data(op);

	for (size_t i = 0; i < COUNT(bearer->legs); i++) {
		const struct qk_wds_set_ip_family_request request = {
			.has_preference = true,
			.preference = (uint8_t)bearer->legs[i].family,
		};

		if (bearer->legs[i].wanted)
			operation_ask(op, &(struct question){
						  .service = QK_SERVICE_ID_WDS,
						  .need = OPERATION_TRIES,
						  .method = &qk_wds_set_ip_family_method,
						  .request = &request,
						  .client = bearer->legs[i].client,
					  });
	}
}

/* What the modem said of a call that did not come up. */
static void note_reason(struct bearer *bearer, const struct qk_wds_start_network_response *r,
			uint16_t error)
{
	const char *name = qk_value_name(&qk_error_values, error);

	if (r->has_verbose_call_end_reason)
		snprintf(bearer->end_reason, sizeof(bearer->end_reason),
			 "%s: call end reason (%u, %d)", name ? name : "refused",
			 r->verbose_call_end_reason.type, r->verbose_call_end_reason.reason);
	else
		snprintf(bearer->end_reason, sizeof(bearer->end_reason),
			 "QMI protocol error (%u): '%s'", error, name ? name : "unknown");
}

static void take_start(struct operation *op, const void *response, uint16_t error,
		       const void *about)
{
	const struct qk_wds_start_network_response *r = response;
	struct bearer *bearer = operation_data(op);
	struct leg *leg = &bearer->legs[(const struct leg *)about - bearer->legs];

	if (error && error != QK_ERROR_NO_EFFECT) {
		note_reason(bearer, r, error);
		return;
	}
	leg->up = true;
	leg->handle = r->packet_data_handle;
}

static struct qk_string string_of(const char *text)
{
	return (struct qk_string){ text ? text : "", text ? strlen(text) : 0 };
}

static void start_leg(struct operation *op, const struct leg *leg)
{
	const struct bearer *bearer = leg->bearer;
	const char *apn = text_of(bearer, "apn"), *user = text_of(bearer, "user");
	const char *password = text_of(bearer, "password");
	json_int_t auth = json_integer_value(json_object_get(bearer->properties, "allowed-auth"));
	const struct qk_wds_start_network_request request = {
		.has_apn = apn != NULL,
		.apn = string_of(apn),
		.has_username = user != NULL,
		.username = string_of(user),
		.has_password = password != NULL,
		.password = string_of(password),
		.has_authentication_preference = user || password,
		.authentication_preference =
			(uint8_t)((auth & MM_BEARER_ALLOWED_AUTH_PAP ? QK_WDS_AUTHENTICATION_PAP
								     : 0) |
				  (!auth || auth & MM_BEARER_ALLOWED_AUTH_CHAP
					   ? QK_WDS_AUTHENTICATION_CHAP
					   : 0)),
		.has_ip_family_preference = true,
		.ip_family_preference = (uint8_t)leg->family,
	};

	operation_ask(op, &(struct question){
				  .service = QK_SERVICE_ID_WDS,
				  .need = OPERATION_TRIES,
				  .method = &qk_wds_start_network_method,
				  .take = take_start,
				  .about = leg,
				  .request = &request,
				  .client = leg->client,
			  });
}

static void start(struct operation *op)
{
	struct bearer *bearer = operation_data(op);

	for (size_t i = 0; i < COUNT(bearer->legs); i++)
		if (bearer->legs[i].wanted)
			start_leg(op, &bearer->legs[i]);
}

static void take_settings(struct operation *op, const void *response, uint16_t error,
			  const void *about)
{
	struct bearer *bearer = operation_data(op);
	const struct leg *leg = about;

	if (error)
		return;
	if (leg->family == QK_WDS_IP_FAMILY_IPV4)
		set(bearer, API_BEARER_IP4_CONFIG, ip_config_v4(response));
	else
		set(bearer, API_BEARER_IP6_CONFIG, ip_config_v6(response));
}

static void read_settings(struct operation *op)
{
	static const struct qk_wds_get_current_settings_request request = {
		.has_requested_settings = true,
		.requested_settings = QK_WDS_REQUESTED_SETTINGS_DNS_ADDRESS |
				      QK_WDS_REQUESTED_SETTINGS_IP_ADDRESS |
				      QK_WDS_REQUESTED_SETTINGS_GATEWAY_INFO |
				      QK_WDS_REQUESTED_SETTINGS_MTU |
				      QK_WDS_REQUESTED_SETTINGS_IP_FAMILY,
	};
	struct bearer *bearer = operation_data(op);
	bool up = false;

	for (size_t i = 0; i < COUNT(bearer->legs); i++) {
		const struct leg *leg = &bearer->legs[i];

		up = up || leg->up;
		if (leg->up)
			operation_ask(op, &(struct question){
						  .service = QK_SERVICE_ID_WDS,
						  .need = OPERATION_NEEDS,
						  .method = &qk_wds_get_current_settings_method,
						  .take = take_settings,
						  .about = leg,
						  .request = &request,
						  .client = leg->client,
					  });
	}
	if (!up)
		operation_fail(op, MM_CORE_ERROR_FAILED, "the network call failed: %s",
			       bearer->end_reason);
}

static const struct step connect_steps[] = {
	{ "begin to connect", tell_connecting },
	{ "agree on the data format", agree_on_format },
	{ "set up the interface", set_up_interface },
	{ "allocate clients", allocate },
	{ "choose the family", set_family },
	{ "start the data call", start },
	{ "read the settings", read_settings },
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

static void stop(struct operation *op)
{
	struct bearer *bearer = operation_data(op);

	for (size_t i = 0; i < COUNT(bearer->legs); i++) {
		const struct leg *leg = &bearer->legs[i];
		const struct qk_wds_stop_network_request request = {
			.has_packet_data_handle = true,
			.packet_data_handle = leg->handle,
		};

		if (leg->up)
			operation_ask(op, &(struct question){
						  .service = QK_SERVICE_ID_WDS,
						  .need = OPERATION_TRIES,
						  .method = &qk_wds_stop_network_method,
						  .request = &request,
						  .client = leg->client,
					  });
	}
}

static void release(struct operation *op)
{
	struct bearer *bearer = operation_data(op);

	for (size_t i = 0; i < COUNT(bearer->legs); i++)
		leave_leg(&bearer->legs[i]);
}

static const struct step disconnect_steps[] = {
	{ "begin to disconnect", tell_disconnecting },
	{ "stop the data call", stop },
	{ "release the clients", release },
};

/* --- Asking for it */

/* Ends what was asked. The bearer may be freed by whom it tells. */
static void end_job(struct bearer *bearer, const struct failure *failure)
{
	operation_done_fn fn = bearer->job;
	void *userdata = bearer->job_data;

	bearer->job = NULL;
	bearer->modem->facts.transient = MM_MODEM_STATE_UNKNOWN;
	if (fn)
		fn(bearer->modem, failure, userdata);
}

static void on_disconnected(struct modem *modem, const struct failure *failure, void *userdata)
{
	struct bearer *bearer = userdata;

	(void)failure; /* nothing of it is left that could be kept */
	modem->facts.transient = MM_MODEM_STATE_UNKNOWN;
	if (modem->object)
		tell(bearer, false);
	end_job(bearer, bearer->failed ? &bearer->failure : NULL);
}

static void tell_failure(struct bearer *bearer, const struct failure *failure)
{
	bearer->failed = failure;
	bearer->failure = failure ? *failure : (struct failure){ "", "" };
	bearer->failures += failure ? 1 : 0;
	set(bearer, API_BEARER_CONNECTION_ERROR,
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
	modem->facts.transient = MM_MODEM_STATE_UNKNOWN;
	tell(bearer, true);
	end_job(bearer, NULL);
}

static void begin(struct bearer *bearer, const struct step *steps, size_t count,
		  operation_done_fn end, operation_done_fn fn, void *userdata)
{
	static const struct failure busy = { MM_CORE_ERROR_IN_PROGRESS,
					     "the bearer is being changed" };
	static const struct failure no_memory = { MM_CORE_ERROR_FAILED, "out of memory" };

	if (bearer->job) {
		fn(bearer->modem, &busy, userdata);
		return;
	}
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

static void on_connect(struct api_call *call, const json_t *in, void *userdata)
{
	struct bearer *bearer = userdata;

	(void)in;
	if (bearer->modem->state < MM_MODEM_STATE_REGISTERED)
		api_call_error(call, MM_CORE_ERROR_WRONG_STATE, "the modem is %s, not registered",
			       api_value_name(&api_values_modem_state, bearer->modem->state));
	else
		bearer_connect(bearer, operation_answer, call);
}

static void on_disconnect(struct api_call *call, const json_t *in, void *userdata)
{
	(void)in;
	bearer_disconnect(userdata, operation_answer, call);
}

static const struct api_handler handlers[] = {
	{ API_METHOD_BEARER_CONNECT, on_connect },
	{ API_METHOD_BEARER_DISCONNECT, on_disconnect },
};

/* --- The objects */

static void tell_bearers(struct modem *modem)
{
	json_t *paths = json_array();

	for (size_t i = 0; i < MODEM_BEARERS_MAX; i++)
		if (modem->bearers[i])
			json_array_append_new(paths, json_string(bearer_path(modem->bearers[i])));
	modem_set(modem, API_MODEM_BEARERS, paths);
}

static void choose_families(struct bearer *bearer)
{
	json_int_t type = json_integer_value(json_object_get(bearer->properties, "ip-type"));
	bool both = type & MM_BEARER_IP_FAMILY_IPV4V6;

	bearer->legs[0] = (struct leg){ .bearer = bearer, .family = QK_WDS_IP_FAMILY_IPV4 };
	bearer->legs[1] = (struct leg){ .bearer = bearer, .family = QK_WDS_IP_FAMILY_IPV6 };
	bearer->legs[1].wanted = both || type & MM_BEARER_IP_FAMILY_IPV6;
	/* What nobody chose is IPv4, as it always was. */
	bearer->legs[0].wanted = both || type & MM_BEARER_IP_FAMILY_IPV4 || !bearer->legs[1].wanted;
}

static int make_object(struct bearer *bearer)
{
	char path[64];
	int r;

	snprintf(path, sizeof(path), "/org/freedesktop/ModemManager1/Bearer/%u", bearer->number);
	r = api_object_new(bearer->modem->bus, path, API_UNLISTED, bearer, &bearer->object);
	if (r == 0)
		r = api_object_add(bearer->object, API_BEARER, handlers, COUNT(handlers));
	if (r < 0)
		return r;
	set(bearer, API_BEARER_PROPERTIES, json_incref(bearer->properties));
	set(bearer, API_BEARER_BEARER_TYPE, json_integer(MM_BEARER_TYPE_DEFAULT));
	set(bearer, API_BEARER_IP_TIMEOUT, json_integer(IP_TIMEOUT));
	set(bearer, API_BEARER_PROFILE_ID, json_integer(-1));
	set(bearer, API_BEARER_IP4_CONFIG, json_pack("{s: i}", "method", 0));
	set(bearer, API_BEARER_IP6_CONFIG, json_pack("{s: i}", "method", 0));
	api_object_publish(bearer->object);
	return 0;
}

static int make(struct modem *modem, unsigned int number, const json_t *properties,
		struct bearer **ret)
{
	struct bearer *bearer;
	size_t place = 0;
	int r;

	while (place < MODEM_BEARERS_MAX && modem->bearers[place])
		place++;
	if (place == MODEM_BEARERS_MAX)
		return -ENOSPC;
	bearer = calloc(1, sizeof(*bearer));
	if (!bearer)
		return -ENOMEM;
	bearer->modem = modem;
	bearer->number = number;
	bearer->properties = json_deep_copy(properties);
	modem->bearers[place] = bearer;
	choose_families(bearer);
	r = bearer->properties ? make_object(bearer) : -ENOMEM;
	if (r < 0) {
		bearer_free(bearer);
		return r;
	}
	tell_bearers(modem);
	*ret = bearer;
	return 0;
}

int bearer_new(struct modem *modem, const json_t *properties, struct bearer **ret)
{
	return make(modem, (*modem->host->next_bearer)++, properties, ret);
}

struct bearer *bearer_free(struct bearer *bearer)
{
	struct modem *modem;

	if (!bearer)
		return NULL;
	modem = bearer->modem;
	for (size_t i = 0; i < COUNT(bearer->legs); i++) {
		qk_slot_free(bearer->legs[i].news);
		qk_client_unref(bearer->legs[i].client);
	}
	modem->facts.connected -= bearer->connected ? 1 : 0;
	for (size_t i = 0; i < MODEM_BEARERS_MAX; i++)
		if (modem->bearers[i] == bearer)
			modem->bearers[i] = NULL;
	api_object_free(bearer->object);
	json_decref(bearer->properties);
	free(bearer);
	if (modem->object)
		tell_bearers(modem);
	return NULL;
}

struct bearer *bearer_find(const struct modem *modem, const char *path)
{
	for (size_t i = 0; i < MODEM_BEARERS_MAX; i++)
		if (modem->bearers[i] && strcmp(bearer_path(modem->bearers[i]), path) == 0)
			return modem->bearers[i];
	return NULL;
}

struct bearer *bearer_find_like(const struct modem *modem, const json_t *properties)
{
	for (size_t i = 0; i < MODEM_BEARERS_MAX; i++)
		if (modem->bearers[i] && json_equal(modem->bearers[i]->properties, properties))
			return modem->bearers[i];
	return NULL;
}

/* --- Taking up what another daemon has connected */

json_t *bearer_record(const struct bearer *bearer)
{
	json_t *legs;

	if (!bearer->connected)
		return NULL;
	legs = json_array();
	for (size_t i = 0; i < COUNT(bearer->legs); i++) {
		const struct leg *leg = &bearer->legs[i];

		if (leg->up && leg->client)
			json_array_append_new(legs, json_pack("{s: i, s: i, s: I}", "family",
							      (int)leg->family, "client",
							      qk_client_id(leg->client), "handle",
							      (json_int_t)leg->handle));
	}
	return json_pack("{s: i, s: O, s: o}", "number", (int)bearer->number, "properties",
			 bearer->properties, "legs", legs);
}

static json_int_t number_of(const json_t *record, const char *key)
{
	const json_t *number = json_object_get(record, key);

	return json_is_integer(number) ? json_integer_value(number) : -1;
}

/* Takes up the client of a leg. */
static bool take_up(struct bearer *bearer, const json_t *record)
{
	json_int_t client = number_of(record, "client"), handle = number_of(record, "handle");

	for (size_t i = 0; i < COUNT(bearer->legs); i++) {
		struct leg *leg = &bearer->legs[i];

		if (number_of(record, "family") != (json_int_t)leg->family || leg->client ||
		    client < 1 || client > UINT8_MAX || handle < 0 || handle > UINT32_MAX ||
		    qmi_port_take_up(bearer->modem->qmi, (uint8_t)client, &leg->client) < 0)
			continue;
		leg->handle = (uint32_t)handle;
		return qk_client_subscribe(leg->client, on_news, leg, NULL, &leg->news) == 0;
	}
	return false;
}

struct bearer *bearer_resume(struct modem *modem, const json_t *record)
{
	const json_t *properties = json_object_get(record, "properties");
	json_int_t number = number_of(record, "number");
	const json_t *legs = json_object_get(record, "legs"), *leg;
	struct bearer *bearer;
	bool any = false;
	size_t i;

	if (!json_is_object(properties) || number < 0 || number > REGISTRY_INDEX_MAX ||
	    make(modem, (unsigned int)number, properties, &bearer) < 0)
		return NULL;
	json_array_foreach(legs, i, leg)
	{
		any = take_up(bearer, leg) || any;
	}
	if (!any)
		return bearer_free(bearer);
	if (*modem->host->next_bearer <= bearer->number)
		*modem->host->next_bearer = bearer->number + 1;
	return bearer;
}

static void take_status(struct operation *op, const void *response, uint16_t error,
			const void *about)
{
	const struct qk_wds_get_packet_service_status_response *r = response;
	struct bearer *bearer = operation_data(op);
	struct leg *leg = &bearer->legs[(const struct leg *)about - bearer->legs];

	leg->up = !error && r->has_connection_status &&
		  r->connection_status == QK_WDS_CONNECTION_STATUS_CONNECTED;
}

static void ask_status(struct operation *op)
{
	struct bearer *bearer = operation_data(op);

	snprintf(bearer->end_reason, sizeof(bearer->end_reason), "it ended meanwhile");
	for (size_t i = 0; i < COUNT(bearer->legs); i++)
		if (bearer->legs[i].client)
			operation_ask(op,
				      &(struct question){
					      .service = QK_SERVICE_ID_WDS,
					      .need = OPERATION_TRIES,
					      .method = &qk_wds_get_packet_service_status_method,
					      .take = take_status,
					      .about = &bearer->legs[i],
					      .client = bearer->legs[i].client,
				      });
}

static const struct step verify_steps[] = {
	{ "ask whether the data call is up", ask_status },
	{ "read the settings", read_settings },
};

void bearer_verify(struct bearer *bearer)
{
	begin(bearer, verify_steps, COUNT(verify_steps), on_connected, NULL, NULL);
}

/* --- The methods of the modem */

void bearer_on_list(struct api_call *call, const json_t *in, void *userdata)
{
	const struct modem *modem = userdata;

	(void)in;
	api_call_reply(call, json_pack("[O]", api_object_get(modem->object, API_MODEM_BEARERS)));
}

void bearer_on_create(struct api_call *call, const json_t *in, void *userdata)
{
	struct bearer *bearer;
	int r = bearer_new(userdata, json_array_get(in, 0), &bearer);

	if (r == -ENOSPC)
		api_call_error(call, MM_CORE_ERROR_TOO_MANY, "there are %d bearers already",
			       MODEM_BEARERS_MAX);
	else if (r < 0)
		api_call_error(call, MM_CORE_ERROR_FAILED, "%s", strerror(-r));
	else
		api_call_reply(call, json_pack("[s]", bearer_path(bearer)));
}

/* A call that waits for a bearer to be down. */
struct deletion {
	struct bearer *bearer;
	struct api_call *call;
};

static void on_down(struct modem *modem, const struct failure *failure, void *userdata)
{
	struct deletion *deletion = userdata;

	if (failure && modem->object) {
		api_call_error(deletion->call, failure->name, "%s", failure->text);
	} else {
		if (modem->object)
			bearer_free(deletion->bearer);
		api_call_reply(deletion->call, NULL);
	}
	free(deletion);
}

void bearer_on_delete(struct api_call *call, const json_t *in, void *userdata)
{
	const char *path = json_string_value(json_array_get(in, 0));
	struct bearer *bearer = bearer_find(userdata, path);
	struct deletion *deletion = bearer ? malloc(sizeof(*deletion)) : NULL;

	if (!bearer) {
		api_call_error(call, MM_CORE_ERROR_NOT_FOUND, "the modem has no bearer %s", path);
		return;
	}
	if (!deletion) {
		api_call_error(call, MM_CORE_ERROR_FAILED, "out of memory");
		return;
	}
	*deletion = (struct deletion){ bearer, call };
	bearer_disconnect(bearer, on_down, deletion);
}
