/* Bearer, the data calls: one a family, each with a client of WDS of its own, which hears of its end. */
#include <stdio.h>
#include <string.h>
#include <qmikit/common.h>

#include "bearer-inside.h"
#include "ip-config.h"
#include "modem.h"

static const char *text_of(const struct bearer *bearer, const char *key)
{
	return json_string_value(json_object_get(bearer->properties, key));
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

void data_call_drop(struct bearer *bearer)
{
	for (size_t i = 0; i < BEARER_LEGS; i++) {
		struct leg *leg = &bearer->legs[i];

		leg->news = qk_slot_free(leg->news);
		if (leg->client)
			qmi_port_leave(bearer->modem->qmi, leg->client);
		leg->client = NULL;
	}
}

void bearer_fall(struct bearer *bearer)
{
	if (!bearer->connected)
		return;
	modem_log(bearer->modem, "%s ended by itself", bearer_path(bearer));
	for (size_t i = 0; i < BEARER_LEGS; i++)
		leave_leg(&bearer->legs[i]);
	bearer_tell(bearer, false);
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

int data_call_listen(struct leg *leg)
{
	return qk_client_subscribe(leg->client, on_news, leg, NULL, &leg->news);
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

void data_call_set_family(struct operation *op)
{
	struct bearer *bearer = operation_data(op);

	for (size_t i = 0; i < BEARER_LEGS; i++) {
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

void data_call_start(struct operation *op)
{
	struct bearer *bearer = operation_data(op);

	for (size_t i = 0; i < BEARER_LEGS; i++)
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
		bearer_set(bearer, API_BEARER_IP4_CONFIG, ip_config_v4(response));
	else
		bearer_set(bearer, API_BEARER_IP6_CONFIG, ip_config_v6(response));
}

void data_call_read_settings(struct operation *op)
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

	for (size_t i = 0; i < BEARER_LEGS; i++) {
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

static void take_status(struct operation *op, const void *response, uint16_t error,
			const void *about)
{
	const struct qk_wds_get_packet_service_status_response *r = response;
	struct bearer *bearer = operation_data(op);
	struct leg *leg = &bearer->legs[(const struct leg *)about - bearer->legs];

	leg->up = !error && r->has_connection_status &&
		  r->connection_status == QK_WDS_CONNECTION_STATUS_CONNECTED;
}

void data_call_ask_status(struct operation *op)
{
	struct bearer *bearer = operation_data(op);

	snprintf(bearer->end_reason, sizeof(bearer->end_reason), "it ended meanwhile");
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

void data_call_stop(struct operation *op)
{
	struct bearer *bearer = operation_data(op);

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
					  });
	}
}

void data_call_release(struct operation *op)
{
	struct bearer *bearer = operation_data(op);

	for (size_t i = 0; i < BEARER_LEGS; i++)
		leave_leg(&bearer->legs[i]);
}
