/*
 * Client ids, calls and settings.
 *
 * Sources: libqmi 1.32's qmi-network for the order, ModemManager's mm-bearer-qmi.c for two families,
 * for the start that has no effect and for how long a start may take.
 */
#include "calls.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <qmikit/wds.h>

enum { USEC_PER_SEC = 1000000 };
#define START_USEC ((uint64_t)180 * USEC_PER_SEC)
#define PROBE_USEC ((uint64_t)5 * USEC_PER_SEC)
/* The handle of whatever call there is. */
#define ANY_HANDLE UINT32_MAX

static const struct {
	const char *name, *cid, *handle;
	unsigned int bit;
	uint8_t family, address_family;
} kinds[CALLS] = {
	[CALL_4] = { "IPv4", "CID", "PDH", FAMILY_4, QK_WDS_IP_FAMILY_IPV4, AF_INET },
	[CALL_6] = { "IPv6", "CID6", "PDH6", FAMILY_6, QK_WDS_IP_FAMILY_IPV6, AF_INET6 },
};

const char *calls_name(unsigned int call)
{
	return kinds[call].name;
}

/* Which calls the configuration asks for; without a word about it one, of the modem's choice. */
static bool is_wanted(const struct job *job, unsigned int call)
{
	unsigned int families = job->config->families;

	return families ? families & kinds[call].bit : call == CALL_4;
}

/* What a modem says of a thing that is gone already. */
static bool is_gone(int error)
{
	return error == QK_ERROR_INVALID_CLIENT_ID || error == QK_ERROR_INVALID_HANDLE ||
	       error == QK_ERROR_NO_EFFECT || error == QK_ERROR_OUT_OF_CALL;
}

static void forget(struct job *job, unsigned int call)
{
	job->state.calls[call].cid = job->state.calls[call].has_handle = 0;
	job->state.calls[call].handle = 0;
	job->clients[call] = qk_client_unref(job->clients[call]);
}

void calls_forget(struct job *job)
{
	for (unsigned int i = 0; i < CALLS; i++)
		forget(job, i);
	job->state.profile_index = job->state.wda_cid = 0;
}

/* --- Questions */

static void on_status(const void *response, void *userdata)
{
	const struct qk_wds_get_packet_service_status_response *answer = response;
	uint8_t *ret = userdata;

	*ret = answer->has_connection_status ? answer->connection_status
					     : QK_WDS_CONNECTION_STATUS_UNKNOWN;
}

int calls_ask_status(struct job *job, struct qk_client *client, uint8_t *ret)
{
	uint64_t usec =
		job->options->timeout_usec < PROBE_USEC ? job->options->timeout_usec : PROBE_USEC;

	return modem_ask(&job->modem, client, &qk_wds_get_packet_service_status_method, NULL, usec,
			 on_status, ret);
}

struct settings {
	const struct job *job;
	unsigned int call;
	struct plan *plan;
};

static void on_settings(const void *response, void *userdata)
{
	const struct qk_wds_get_current_settings_response *answer = response;
	const struct settings *settings = userdata;
	uint8_t family = kinds[settings->call].address_family;

	/* The modem chose. */
	if (!settings->job->config->families && answer->has_ip_family)
		family = answer->ip_family == QK_WDS_IP_FAMILY_IPV6 ? AF_INET6 : AF_INET;
	plan_read(answer, family, settings->plan);
}

int calls_ask_settings(struct job *job, unsigned int call, struct plan *ret)
{
	struct qk_wds_get_current_settings_request request = {
		.has_requested_settings = true,
		.requested_settings = PLAN_SETTINGS,
	};
	struct settings settings = { job, call, ret };

	return modem_ask(&job->modem, job->clients[call], &qk_wds_get_current_settings_method,
			 &request, 0, on_settings, &settings);
}

/* --- Client ids */

/* Takes the id of the state up again, and sees whether its call is. 0 also when it is worth nothing
 * any more, and forgotten. */
static int take_up(struct job *job, unsigned int call)
{
	struct state_call *state = &job->state.calls[call];
	uint8_t status = QK_WDS_CONNECTION_STATUS_UNKNOWN;
	int r;

	if (!state->cid)
		return 0;
	r = modem_adopt(&job->modem, QK_SERVICE_ID_WDS, (uint8_t)state->cid, &job->clients[call]);
	if (r == 0)
		r = calls_ask_status(job, job->clients[call], &status);
	if (r > 0 || r == -ETIMEDOUT) {
		job_note("client id %u of %s is void; the modem was reset since", state->cid,
			 kinds[call].name);
		forget(job, call);
		return job_save(job);
	}
	if (r < 0)
		return job_fail(job, EXIT_NO_CLIENT, "couldn't ask the modem for its status", r);
	if (status == QK_WDS_CONNECTION_STATUS_CONNECTED && state->has_handle)
		return 0;
	if (state->has_handle)
		job_note("the %s call has ended since", kinds[call].name);
	state->has_handle = state->handle = 0;
	return job_save(job);
}

static int allocate(struct job *job, unsigned int call)
{
	int r = modem_allocate(&job->modem, QK_SERVICE_ID_WDS, &job->clients[call]);

	if (r)
		return job_fail(job, EXIT_NO_CLIENT, "network start failed, client not allocated",
				r);
	job->state.calls[call].cid = qk_client_id(job->clients[call]);
	job->allocated[call] = true;
	return job_save(job);
}

static int stop_one(struct job *job, unsigned int call);
static int release_one(struct job *job, unsigned int call);

int calls_get_clients(struct job *job)
{
	bool any = false;
	int r = 0;

	for (unsigned int i = 0; i < CALLS && !r; i++) {
		r = take_up(job, i);
		any |= r == 0 && job->state.calls[i].has_handle;
	}
	/* Until then what was there is taken to be up. */
	if (r == 0)
		job->was_running = any;
	for (unsigned int i = 0; i < CALLS && !r; i++) {
		/* The configuration was changed since. */
		if (!is_wanted(job, i)) {
			r = stop_one(job, i);
			r = r ? r : release_one(job, i);
		} else if (!job->clients[i]) {
			r = allocate(job, i);
		}
	}
	return r;
}

/* The client of an id in the state, for whoever undoes what another process did. */
static int need_client(struct job *job, unsigned int call)
{
	int r;

	if (job->clients[call])
		return 0;
	r = job_open_quietly(job);
	return r ? r
		 : modem_adopt(&job->modem, QK_SERVICE_ID_WDS, (uint8_t)job->state.calls[call].cid,
			       &job->clients[call]);
}

/* Whether an error says that there is no modem any more that could hold anything. */
static bool is_unplugged(int error)
{
	return error == -ENOENT || error == -ENODEV || error == -ENXIO;
}

static int release_one(struct job *job, unsigned int call)
{
	struct state_call *state = &job->state.calls[call];
	struct qk_client *client;
	int r;

	if (!state->cid)
		return 0;
	r = need_client(job, call);
	if (r == 0) {
		client = job->clients[call];
		job->clients[call] = NULL;
		r = modem_release(&job->modem, client);
	}
	if (r && !is_gone(r) && !is_unplugged(r))
		return job_fail(job, EXIT_NO_CALL, "the client id was not given back", r);
	forget(job, call);
	return job_save(job);
}

int calls_release_clients(struct job *job)
{
	int code = 0;

	for (unsigned int i = 0; i < CALLS; i++) {
		int r = release_one(job, i);

		code = code ? code : r;
	}
	return code;
}

/* --- Profile */

static struct qk_string text_of(const char *text)
{
	return (struct qk_string){ text, strlen(text) };
}

static void on_profile(const void *response, void *userdata)
{
	const struct qk_wds_create_profile_response *answer = response;
	uint32_t *ret = userdata;

	if (answer->has_profile_identifier)
		*ret = answer->profile_identifier.profile_index;
}

/* The first client there is. Without one there is nothing to do for it. */
static struct qk_client *any_client(const struct job *job)
{
	for (unsigned int i = 0; i < CALLS; i++)
		if (job->clients[i])
			return job->clients[i];
	return NULL;
}

static uint8_t pdp_type(unsigned int families)
{
	if (families == (FAMILY_4 | FAMILY_6))
		return QK_WDS_PDP_TYPE_IPV4_OR_IPV6;
	return families == FAMILY_6 ? QK_WDS_PDP_TYPE_IPV6 : QK_WDS_PDP_TYPE_IPV4;
}

int calls_create_profile(struct job *job)
{
	const struct config *c = job->config;
	struct qk_wds_create_profile_request request = {
		.has_profile_type = true,
		.profile_type = QK_WDS_PROFILE_TYPE_3GPP,
		.has_apn_name = *c->apn,
		.apn_name = text_of(c->apn),
		.has_pdp_type = c->families,
		.pdp_type = pdp_type(c->families),
		.has_username = *c->user,
		.username = text_of(c->user),
		.has_password = *c->user && *c->password,
		.password = text_of(c->password),
		.has_authentication = *c->user,
		.authentication = QK_WDS_AUTHENTICATION_PAP | QK_WDS_AUTHENTICATION_CHAP,
	};
	uint32_t index = 0;
	int r;

	if (!c->create_profile || job->was_running)
		return 0;
	job_say(job, "Creating profile...");
	r = modem_ask(&job->modem, any_client(job), &qk_wds_create_profile_method, &request, 0,
		      on_profile, &index);
	if (r == 0 && !index)
		r = -EBADMSG;
	if (r)
		return job_fail(job, EXIT_NO_CALL, "Profile ID creation failed", r);
	job->state.profile_index = index;
	return job_save(job);
}

static bool has_call(const struct job *job)
{
	for (unsigned int i = 0; i < CALLS; i++)
		if (job->state.calls[i].has_handle)
			return true;
	return false;
}

int calls_delete_profile(struct job *job)
{
	struct qk_wds_delete_profile_request request = {
		.has_profile_identifier = true,
		.profile_identifier = { QK_WDS_PROFILE_TYPE_3GPP,
					(uint8_t)job->state.profile_index },
	};
	struct qk_client *client;
	int r = 0;

	if (!job->state.profile_index)
		return 0;
	for (unsigned int i = 0; i < CALLS && r == 0; i++)
		if (job->state.calls[i].cid)
			r = need_client(job, i);
	client = any_client(job);
	job_say(job, "Deleting profile...");
	if (r == 0 && client)
		r = modem_ask(&job->modem, client, &qk_wds_delete_profile_method, &request, 0, NULL,
			      NULL);
	/* Some modems keep a profile while its call is up: it goes when that is stopped. */
	if (r > 0 && has_call(job))
		return 0;
	/* A profile too many is no reason to give the rest up. */
	if (r)
		job_note("profile %u was made for this call and could not be deleted",
			 job->state.profile_index);
	job->state.profile_index = 0;
	return job_save(job);
}

/* --- Calls */

struct started {
	bool has_handle, has_reason, has_verbose;
	uint32_t handle;
	uint16_t reason;
	struct qk_wds_verbose_call_end_reason verbose;
};

static void on_started(const void *response, void *userdata)
{
	const struct qk_wds_start_network_response *answer = response;
	struct started *ret = userdata;

	ret->has_handle = answer->has_packet_data_handle;
	ret->handle = answer->packet_data_handle;
	ret->has_reason = answer->has_call_end_reason;
	ret->reason = answer->call_end_reason;
	ret->has_verbose = answer->has_verbose_call_end_reason;
	ret->verbose = answer->verbose_call_end_reason;
}

/* Names of the verbose reasons that an administrator sees, by the list they are from. */
static const char *verbose_name(const struct qk_wds_verbose_call_end_reason *verbose)
{
	static const struct qk_values *const lists[] = {
		[QK_WDS_VERBOSE_CALL_END_REASON_TYPE_MIP] =
			&qk_wds_verbose_call_end_reason_mip_values,
		[QK_WDS_VERBOSE_CALL_END_REASON_TYPE_INTERNAL] =
			&qk_wds_verbose_call_end_reason_internal_values,
		[QK_WDS_VERBOSE_CALL_END_REASON_TYPE_CM] =
			&qk_wds_verbose_call_end_reason_cm_values,
		[QK_WDS_VERBOSE_CALL_END_REASON_TYPE_3GPP] =
			&qk_wds_verbose_call_end_reason_3gpp_values,
		[QK_WDS_VERBOSE_CALL_END_REASON_TYPE_PPP] =
			&qk_wds_verbose_call_end_reason_ppp_values,
		[QK_WDS_VERBOSE_CALL_END_REASON_TYPE_EHRPD] =
			&qk_wds_verbose_call_end_reason_ehrpd_values,
		[QK_WDS_VERBOSE_CALL_END_REASON_TYPE_IPV6] =
			&qk_wds_verbose_call_end_reason_ipv6_values,
	};
	const char *name = NULL;

	if (verbose->type < sizeof(lists) / sizeof(lists[0]) && lists[verbose->type])
		name = qk_value_name(lists[verbose->type], verbose->reason);
	return name ? name : "unknown";
}

/* Why a start failed, behind what is said of every failure. */
static int refuse(struct job *job, unsigned int call, const struct started *started, int error)
{
	char doing[100];
	size_t size;
	int code;

	snprintf(doing, sizeof(doing), "network start failed, no packet data handle (%s)",
		 kinds[call].name);
	code = job_fail(job, EXIT_NO_CALL, doing, error);
	size = strlen(job->failure->text);
	if (started->has_verbose)
		snprintf(job->failure->text + size, sizeof(job->failure->text) - size,
			 "; reason (%u,%d): %s", started->verbose.type, started->verbose.reason,
			 verbose_name(&started->verbose));
	else if (started->has_reason)
		snprintf(job->failure->text + size, sizeof(job->failure->text) - size,
			 "; reason (%u)", started->reason);
	return code;
}

static void fill_start(const struct job *job, unsigned int call,
		       struct qk_wds_start_network_request *request)
{
	const struct config *c = job->config;
	uint32_t index = job->state.profile_index ? job->state.profile_index : c->profile_index;

	*request = (struct qk_wds_start_network_request){
		.has_profile_index_3gpp = index,
		.profile_index_3gpp = (uint8_t)index,
		.has_ip_family_preference = c->families,
		.ip_family_preference = kinds[call].family,
	};
	/* What a profile says stands. */
	if (index || !*c->apn)
		return;
	request->has_apn = true;
	request->apn = text_of(c->apn);
	if (!*c->user)
		return;
	request->has_username = true;
	request->username = text_of(c->user);
	request->has_password = *c->password;
	request->password = text_of(c->password);
	/* Some modems take no word about it for "none". */
	request->has_authentication_preference = true;
	request->authentication_preference = QK_WDS_AUTHENTICATION_PAP | QK_WDS_AUTHENTICATION_CHAP;
}

/* Modems that do not know this message have one family for all calls; the start says it again. */
static int prefer_family(struct job *job, unsigned int call)
{
	struct qk_wds_set_ip_family_request request = {
		.has_preference = true,
		.preference = kinds[call].family,
	};
	int r = 0;

	if (job->config->families)
		r = modem_ask(&job->modem, job->clients[call], &qk_wds_set_ip_family_method,
			      &request, 0, NULL, NULL);
	return r < 0 ? r : 0;
}

static int start_one(struct job *job, unsigned int call)
{
	struct state_call *state = &job->state.calls[call];
	struct qk_wds_start_network_request request;
	struct started started = { 0 };
	int r;

	if (!job->clients[call] || state->has_handle)
		return 0;
	r = prefer_family(job, call);
	if (r == 0) {
		fill_start(job, call, &request);
		r = modem_ask(&job->modem, job->clients[call], &qk_wds_start_network_method,
			      &request, START_USEC, on_started, &started);
	}
	/* libqmi's script saves it now. */
	if (job->allocated[call] && job_save_key(job, kinds[call].cid, state->cid))
		return job->failure->code;
	/* It is up already, by a start whose answer nobody has seen. */
	if (r == QK_ERROR_NO_EFFECT) {
		started = (struct started){ .has_handle = true, .handle = ANY_HANDLE };
		r = 0;
	}
	if (started.has_handle && (r == 0 || r == -EINTR)) {
		state->has_handle = 1;
		state->handle = started.handle;
		if (job_save_key(job, kinds[call].handle, started.handle))
			return job->failure->code;
	} else if (r == 0) {
		r = -EBADMSG;
	}
	return r ? refuse(job, call, &started, r) : 0;
}

int calls_start(struct job *job)
{
	struct failure first = { 0 };
	bool any = false;

	if (!job->was_running)
		job_say(job, "Starting network...");
	for (unsigned int i = 0; i < CALLS; i++) {
		if (start_one(job, i)) {
			if (job->signals->caught)
				return job->failure->code;
			if (first.code)
				job_note("%s", job->failure->text);
			else
				first = *job->failure;
		}
		any |= job->state.calls[i].has_handle;
	}
	*job->failure = any ? (struct failure){ 0 } : first;
	if (!any || !first.code)
		return job->failure->code;
	/* One family is a network. The other's id is not kept for nothing. */
	job_note("%s", first.text);
	for (unsigned int i = 0; i < CALLS; i++)
		if (!job->state.calls[i].has_handle && release_one(job, i))
			return job->failure->code;
	return 0;
}

static int stop_one(struct job *job, unsigned int call)
{
	struct state_call *state = &job->state.calls[call];
	struct qk_wds_stop_network_request request = {
		.has_packet_data_handle = true,
		.packet_data_handle = state->handle,
		.has_disable_autoconnect = state->handle == ANY_HANDLE,
		.disable_autoconnect = true,
	};
	int r;

	if (!state->cid || !state->has_handle)
		return 0;
	r = need_client(job, call);
	if (r == 0)
		r = modem_ask(&job->modem, job->clients[call], &qk_wds_stop_network_method,
			      &request, 0, NULL, NULL);
	if (r == QK_ERROR_INVALID_CLIENT_ID || is_unplugged(r)) {
		job_note("the modem was reset or unplugged since; it has no %s call of ours",
			 kinds[call].name);
		forget(job, call);
	} else if (r && !is_gone(r)) {
		return job_fail(job, EXIT_NO_CALL, "network stop failed", r);
	}
	state->has_handle = state->handle = 0;
	return job_save(job);
}

int calls_stop(struct job *job)
{
	int code = 0;

	for (unsigned int i = 0; i < CALLS; i++) {
		int r = stop_one(job, i);

		code = code ? code : r;
	}
	return code;
}

/* --- Settings */

int calls_read_settings(struct job *job)
{
	bool any = false;

	for (unsigned int i = 0; i < CALLS; i++) {
		int r;

		if (!job->state.calls[i].has_handle)
			continue;
		r = calls_ask_settings(job, i, &job->plans[i]);
		if (r < 0)
			return job_fail(job, EXIT_NO_CALL, "couldn't get the call's settings", r);
		if (r > 0)
			failure_from(job->failure, EXIT_NO_CALL, "couldn't get the call's settings",
				     r);
		else if (!job->plans[i].present)
			failure_set(job->failure, EXIT_NO_CALL,
				    "the modem gave the %s call no address that can be used",
				    kinds[i].name);
		any |= job->plans[i].present;
	}
	if (!any)
		return job->failure->code;
	*job->failure = (struct failure){ 0 };
	return 0;
}
