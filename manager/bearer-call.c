/* Bearer, the data calls: one a family, each with a client of WDS of its own, which hears of its end. */
#include <stdio.h>
#include <string.h>
#include <qmikit/common.h>

#include "bearer-inside.h"
#include "ip-config.h"
#include "log.h"
#include "modem.h"
#include "profile.h"

/* How long a network may take to let in and to let go. */
enum { START_USEC = 180000000, STOP_USEC = 120000000 };

/* The handle of a call that was up already. */
#define WHATEVER 0xffffffffu

bool data_call_is_up(const struct bearer *bearer)
{
	return bearer->legs[0].up || bearer->legs[1].up;
}

static void leave_leg(struct leg *leg)
{
	leg->up = false;
	leg->counted = false;
	leg->news = qk_slot_free(leg->news);
	if (!leg->client)
		return;
	qmi_port_give_back(leg->bearer->modem->qmi, leg->client);
	leg->client = NULL;
}

void data_call_release(struct bearer *bearer)
{
	for (size_t i = 0; i < BEARER_LEGS; i++)
		leave_leg(&bearer->legs[i]);
}

void data_call_drop(struct bearer *bearer)
{
	for (size_t i = 0; i < BEARER_LEGS; i++) {
		struct leg *leg = &bearer->legs[i];

		leg->news = qk_slot_free(leg->news);
		if (leg->client && bearer->modem->qmi)
			qmi_port_leave(bearer->modem->qmi, leg->client);
		else
			qk_client_unref(leg->client);
		leg->client = NULL;
	}
}

bool data_call_claim(struct bearer *bearer)
{
	bool all = true;

	for (size_t i = 0; i < BEARER_LEGS; i++) {
		struct leg *leg = &bearer->legs[i];

		if (!leg->client || qmi_port_claim(bearer->modem->qmi, leg->client))
			continue;
		leg->news = qk_slot_free(leg->news);
		leg->client = qk_client_unref(leg->client);
		leg->up = leg->counted = false;
		all = false;
	}
	return all;
}

/* --- What the modem says by itself */

/* A family without a call has no addresses; over a link that carries Ethernet frames the modem gives them by DHCP. */
static void tell_config(struct leg *leg, json_t *take_config)
{
	if (leg->up && leg->bearer->link.plain && json_object_get(take_config, "address"))
		json_object_set_new(take_config, "method", json_integer(MM_BEARER_IP_METHOD_DHCP));
	bearer_set(leg->bearer,
		   leg->family == QK_WDS_IP_FAMILY_IPV4 ? API_BEARER_IP4_CONFIG
							: API_BEARER_IP6_CONFIG,
		   take_config);
}

static void leg_ended(struct leg *leg, const struct qk_wds_packet_service_status_indication *news)
{
	struct bearer *bearer = leg->bearer;

	leg->up = false;
	bearer->ended = true;
	bearer->end = (struct call_end){
		.has_verbose = news->has_verbose_call_end_reason,
		.verbose = news->verbose_call_end_reason,
		.has_plain = news->has_call_end_reason,
		.plain = news->call_end_reason,
	};
	if (!bearer->connected || bearer->doing != BEARER_NOTHING)
		return;
	if (data_call_is_up(bearer)) {
		modem_log_at(bearer->modem, LOG_NOTICE, "%s has lost its IPv%d",
			     bearer_path(bearer), (int)leg->family);
		tell_config(leg, json_pack("{s: i}", "method", 0));
	} else {
		bearer_fall(bearer);
	}
}

static void on_news(struct qk_client *client, const struct qk_message *message, const void *decoded,
		    const struct qk_frame *frame, void *userdata)
{
	const struct qk_wds_packet_service_status_indication *news = decoded;
	struct leg *leg = userdata;
	bool changed = message == &qk_wds_extended_ip_config_message;

	(void)client, (void)frame;
	if (message == &qk_wds_packet_service_status_message && decoded &&
	    news->has_connection_status) {
		if (news->connection_status.status == QK_WDS_CONNECTION_STATUS_DISCONNECTED)
			leg_ended(leg, news);
		else
			changed = news->connection_status.reconfiguration_required;
	}
	if (changed && leg->bearer->connected)
		watch_settings(leg->bearer);
}

int data_call_listen(struct leg *leg)
{
	return qk_client_subscribe(leg->client, on_news, leg, NULL, &leg->news);
}

/* --- Up */

static void take_profile(struct operation *op, const void *response, uint16_t error,
			 const void *about)
{
	struct bearer *bearer = operation_data(op);
	json_t *profile = error ? NULL : profile_read(0, response);

	(void)about;
	if (error)
		operation_fail(op, MM_CORE_ERROR_NOT_FOUND, "the modem has no profile %d",
			       (int)bearer_number(bearer, "profile-id", -1));
	else if (!json_object_get(bearer->properties, "ip-type"))
		(void)bearer_choose_families(
			bearer, json_integer_value(json_object_get(profile, "ip-type")));
	json_decref(profile);
}

void data_call_read_profile(struct operation *op)
{
	struct bearer *bearer = operation_data(op);
	json_int_t index = bearer_number(bearer, "profile-id", -1);
	const struct qk_wds_get_profile_settings_request request = {
		.has_profile_id = true,
		.profile_id = { .profile_type = QK_WDS_PROFILE_TYPE_3GPP,
				.profile_index = (uint8_t)index },
	};

	if (index >= 0 && index <= UINT8_MAX)
		operation_ask(op, &(struct question){
					  .service = QK_SERVICE_ID_WDS,
					  .need = OPERATION_TRIES,
					  .method = &qk_wds_get_profile_settings_method,
					  .take = take_profile,
					  .request = &request,
				  });
	else if (index != -1)
		operation_fail(op, MM_CORE_ERROR_INVALID_ARGS, "%lld is no profile",
			       (long long)index);
	else if (!json_object_get(bearer->properties, "apn"))
		operation_fail(op, MM_CORE_ERROR_INVALID_ARGS,
			       "a connection takes an APN or a profile");
}

static void take_client(struct operation *op, struct qk_client *client, void *about)
{
	struct leg *leg = about;

	leg->client = qk_client_ref(client);
	if (data_call_listen(leg) < 0)
		operation_fail(op, MM_CORE_ERROR_FAILED, "out of memory");
}

void data_call_allocate(struct operation *op)
{
	struct bearer *bearer = operation_data(op);

	for (size_t i = 0; i < BEARER_LEGS; i++)
		if (bearer->legs[i].wanted && !bearer->legs[i].client)
			operation_allocate_own(op, QK_SERVICE_ID_WDS, take_client,
					       &bearer->legs[i]);
}

static void prepare_leg(struct operation *op, const struct leg *leg)
{
	static const struct qk_wds_indication_register_request news = {
		.has_report_extended_ip_configuration_change = true,
		.report_extended_ip_configuration_change = true,
	};
	const struct qk_wds_set_ip_family_request family = {
		.has_preference = true,
		.preference = (uint8_t)leg->family,
	};

	if (!leg->bearer->any_family)
		operation_ask(op, &(struct question){
					  .service = QK_SERVICE_ID_WDS,
					  .need = OPERATION_TRIES,
					  .method = &qk_wds_set_ip_family_method,
					  .request = &family,
					  .client = leg->client,
				  });
	operation_ask(op, &(struct question){
				  .service = QK_SERVICE_ID_WDS,
				  .need = OPERATION_TRIES,
				  .method = &qk_wds_indication_register_method,
				  .request = &news,
				  .client = leg->client,
			  });
}

void data_call_prepare(struct operation *op)
{
	const struct bearer *bearer = operation_data(op);

	link_bind(op);
	for (size_t i = 0; i < BEARER_LEGS; i++)
		if (bearer->legs[i].wanted)
			prepare_leg(op, &bearer->legs[i]);
}

static void take_start(struct operation *op, const void *response, uint16_t error,
		       const void *about)
{
	const struct qk_wds_start_network_response *r = response;
	struct bearer *bearer = operation_data(op);
	struct leg *leg = &bearer->legs[(const struct leg *)about - bearer->legs];

	if (error && error != QK_ERROR_NO_EFFECT) {
		bearer->ended = true;
		bearer->end = (struct call_end){
			.has_verbose = r->has_verbose_call_end_reason,
			.verbose = r->verbose_call_end_reason,
			.has_plain = r->has_call_end_reason,
			.plain = r->call_end_reason,
			.error = error,
		};
		return;
	}
	leg->up = true;
	leg->handle = r->has_packet_data_handle ? r->packet_data_handle : WHATEVER;
}

static struct qk_string string_of(const char *text)
{
	return (struct qk_string){ text ? text : "", text ? strlen(text) : 0 };
}

/* How to log in. -1: in no way that QMI has. */
static int authentication_of(const struct bearer *bearer)
{
	json_int_t allowed = bearer_number(bearer, "allowed-auth", MM_BEARER_ALLOWED_AUTH_UNKNOWN);
	int auth = 0;

	if (!bearer_text(bearer, "user") && !bearer_text(bearer, "password"))
		return 0;
	if (allowed == MM_BEARER_ALLOWED_AUTH_UNKNOWN)
		return QK_WDS_AUTHENTICATION_CHAP;
	if (allowed & MM_BEARER_ALLOWED_AUTH_PAP)
		auth |= QK_WDS_AUTHENTICATION_PAP;
	if (allowed & MM_BEARER_ALLOWED_AUTH_CHAP)
		auth |= QK_WDS_AUTHENTICATION_CHAP;
	return auth || allowed & MM_BEARER_ALLOWED_AUTH_NONE ? auth : -1;
}

/* A profile holds the rest of what a network wants to know. */
static void fill_login(const struct bearer *bearer, int auth,
		       struct qk_wds_start_network_request *request)
{
	const char *apn = bearer_text(bearer, "apn"), *user = bearer_text(bearer, "user");
	const char *password = bearer_text(bearer, "password");
	json_int_t profile = bearer_number(bearer, "profile-id", -1);

	if (profile >= 0) {
		request->has_profile_index_3gpp = true;
		request->profile_index_3gpp = (uint8_t)profile;
		return;
	}
	request->has_apn = apn != NULL;
	request->apn = string_of(apn);
	request->has_authentication_preference = true;
	request->authentication_preference = (uint8_t)auth;
	request->has_username = auth && user;
	request->username = string_of(user);
	request->has_password = auth && password;
	request->password = string_of(password);
}

void data_call_start(struct operation *op)
{
	struct bearer *bearer = operation_data(op);
	struct qk_wds_start_network_request request = { .has_ip_family_preference =
								!bearer->any_family };
	int auth = authentication_of(bearer);

	if (auth < 0) {
		operation_fail(op, MM_CORE_ERROR_UNSUPPORTED,
			       "none of the allowed ways to log in is known to the modem");
		return;
	}
	fill_login(bearer, auth, &request);
	for (size_t i = 0; i < BEARER_LEGS; i++) {
		request.ip_family_preference = (uint8_t)bearer->legs[i].family;
		if (bearer->legs[i].wanted)
			operation_ask(op, &(struct question){
						  .service = QK_SERVICE_ID_WDS,
						  .need = OPERATION_TRIES,
						  .method = &qk_wds_start_network_method,
						  .take = take_start,
						  .about = &bearer->legs[i],
						  .request = &request,
						  .client = bearer->legs[i].client,
						  .timeout_usec = START_USEC,
					  });
	}
}

/* --- As it is */

static void take_settings(struct operation *op, const void *response, uint16_t error,
			  const void *about)
{
	struct bearer *bearer = operation_data(op);
	struct leg *leg = &bearer->legs[(const struct leg *)about - bearer->legs];

	if (!error)
		tell_config(leg, leg->family == QK_WDS_IP_FAMILY_IPV4 ? ip_config_v4(response)
								      : ip_config_v6(response));
}

static void read_settings(struct operation *op, enum operation_need need)
{
	static const struct qk_wds_get_current_settings_request request = {
		.has_requested_settings = true,
		.requested_settings = QK_WDS_REQUESTED_SETTINGS_DNS_ADDRESS |
				      QK_WDS_REQUESTED_SETTINGS_IP_ADDRESS |
				      QK_WDS_REQUESTED_SETTINGS_GATEWAY_INFO |
				      QK_WDS_REQUESTED_SETTINGS_MTU |
				      QK_WDS_REQUESTED_SETTINGS_IP_FAMILY,
	};
	const struct bearer *bearer = operation_data(op);

	for (size_t i = 0; i < BEARER_LEGS; i++)
		if (bearer->legs[i].up)
			operation_ask(op, &(struct question){
						  .service = QK_SERVICE_ID_WDS,
						  .need = need,
						  .method = &qk_wds_get_current_settings_method,
						  .take = take_settings,
						  .about = &bearer->legs[i],
						  .request = &request,
						  .client = bearer->legs[i].client,
					  });
}

void data_call_read_settings(struct operation *op)
{
	const struct bearer *bearer = operation_data(op);
	struct failure failure = { MM_CORE_ERROR_FAILED, "the network call ended meanwhile" };

	read_settings(op, OPERATION_NEEDS);
	if (data_call_is_up(bearer))
		return;
	if (bearer->ended)
		call_end_tell(&bearer->end, &failure);
	operation_fail(op, failure.name, "%s", failure.text);
}

void data_call_read_again(struct operation *op)
{
	read_settings(op, OPERATION_TRIES);
}

static void take_status(struct operation *op, const void *response, uint16_t error,
			const void *about)
{
	const struct qk_wds_get_packet_service_status_response *r = response;
	struct bearer *bearer = operation_data(op);
	struct leg *leg = &bearer->legs[(const struct leg *)about - bearer->legs];

	/* A modem that has no time for the question has not ended the call. */
	if (error && bearer->doing == BEARER_NOTHING && error != QK_ERROR_INVALID_CLIENT_ID)
		return;
	leg->up = !error && r->has_connection_status &&
		  r->connection_status == QK_WDS_CONNECTION_STATUS_CONNECTED;
}

void data_call_ask_status(struct operation *op)
{
	const struct bearer *bearer = operation_data(op);

	for (size_t i = 0; i < BEARER_LEGS; i++)
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

/* --- Down */

void data_call_stop(struct operation *op, struct bearer *bearer)
{
	for (size_t i = 0; i < BEARER_LEGS; i++) {
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
						  .timeout_usec = STOP_USEC,
					  });
	}
}
