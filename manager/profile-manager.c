/*
 * Profile manager: a profile that was set is read back, as a modem may keep less than it was given.
 *
 * Changes come as indications, also those that the daemon made itself: what comes while it changes something, and
 * shortly after, tells nobody anything.
 */
#include "profile-manager.h"

#include <stdlib.h>
#include <qmikit/common.h>
#include <qmikit/wds.h>

#include "bearer.h"
#include "eps.h"
#include "profile.h"
#include "request.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

/* Several changes in a row are one; the modem's last word of a change of ours comes behind its answer. */
enum { GATHER_USEC = 2000000, ECHO_USEC = 100000 };

struct profile_manager {
	struct modem *modem;
	struct qk_slot *news;
	sd_event_source *timer; /* armed: a change is to be told of */
	unsigned int changing;  /* calls that change something */
	uint64_t quiet_until;   /* of the loop's clock */
};

/* --- List() */

/* The number of a profile, as a note of the request. */
static uint8_t noted_index(const void *about)
{
	return (uint8_t)json_integer_value(about);
}

static void take_listed(struct operation *op, const void *response, uint16_t error,
			const void *about)
{
	const struct qk_wds_get_profile_settings_response *r = response;
	char key[4];

	/* It was removed meanwhile. */
	if (error)
		return;
	snprintf(key, sizeof(key), "%u", noted_index(about));
	json_object_set_new(json_object_get(request_of(op)->notes, "profiles"), key,
			    profile_read(noted_index(about), r));
}

static void ask_settings(struct operation *op, uint8_t index, operation_answer_fn take,
			 const void *about)
{
	const struct qk_wds_get_profile_settings_request request = {
		.has_profile_id = true,
		.profile_id = { QK_WDS_PROFILE_TYPE_3GPP, index },
	};

	operation_ask(op, &(struct question){ .service = QK_SERVICE_ID_WDS,
					      .need = OPERATION_TRIES,
					      .method = &qk_wds_get_profile_settings_method,
					      .take = take,
					      .about = about,
					      .request = &request });
}

static void take_list(struct operation *op, const void *response, uint16_t error, const void *about)
{
	const struct qk_wds_get_profile_list_response *r = response;
	json_t *indices = json_array();
	struct failure failure;

	(void)about;
	if (error) {
		profile_failure(&failure, error, r && r->has_extended_error_code,
				r ? r->extended_error_code : 0, "list the profiles");
		operation_fail(op, failure.name, "%s", failure.text);
	}
	for (size_t i = 0; !error && i < r->profile_list.count; i++)
		json_array_append_new(indices,
				      json_integer(r->profile_list.items[i].profile_index));
	json_object_set_new(request_of(op)->notes, "indices", indices);
	json_object_set_new(request_of(op)->notes, "profiles", json_object());
}

static void ask_list(struct operation *op)
{
	static const struct qk_wds_get_profile_list_request request = {
		.has_profile_type = true,
		.profile_type = QK_WDS_PROFILE_TYPE_3GPP,
	};

	operation_ask(op, &(struct question){ .service = QK_SERVICE_ID_WDS,
					      .need = OPERATION_TRIES,
					      .method = &qk_wds_get_profile_list_method,
					      .take = take_list,
					      .request = &request });
}

static void ask_listed(struct operation *op)
{
	const json_t *indices = json_object_get(request_of(op)->notes, "indices"), *index;
	size_t i;

	json_array_foreach(indices, i, index)
		ask_settings(op, noted_index(index), take_listed, index);
}

static void answer_list(struct operation *op)
{
	const json_t *notes = request_of(op)->notes, *index;
	json_t *list = json_array();
	size_t i;

	json_array_foreach(json_object_get(notes, "indices"), i, index)
	{
		char key[4];

		snprintf(key, sizeof(key), "%u", noted_index(index));
		json_array_append(list, json_object_get(json_object_get(notes, "profiles"), key));
	}
	request_answer(op, json_pack("[o]", list));
}

static const struct step list_steps[] = {
	{ "list the profiles", ask_list },
	{ "read the profiles", ask_listed },
	{ "answer", answer_list },
};

static void on_list(struct api_call *call, const json_t *in, void *userdata)
{
	static const struct request_kind kind = { list_steps, COUNT(list_steps), OPERATION_ASIDE,
						  MM_MODEM_STATE_ENABLED };

	request_start(call, in, userdata, &kind);
}

/* --- Set() */

static void take_known(struct operation *op, const void *response, uint16_t error,
		       const void *about)
{
	const struct qk_wds_get_profile_settings_response *r = response;

	(void)r, (void)about;
	if (error)
		operation_fail(op, MM_CORE_ERROR_NOT_FOUND, "there is no profile %d",
			       profile_index(request_in(op, 0)));
}

static void look_for_it(struct operation *op)
{
	int index = profile_index(request_in(op, 0));

	if (index >= 0)
		ask_settings(op, (uint8_t)index, take_known, NULL);
}

/* Keeps the index for the reading, or the refusal. Whether the question is to be asked again, in older words. */
static bool take_end(struct operation *op, uint16_t error, bool has_reason, uint16_t reason,
		     int index, bool retried)
{
	struct failure failure;

	if (!error)
		json_object_set_new(request_of(op)->notes, "index", json_integer(index));
	/* So says who does not know the use of an APN. */
	if (error == QK_ERROR_INVALID_PROFILE_TYPE && !retried)
		return true;
	if (error) {
		profile_failure(&failure, error, has_reason, reason, "store the profile");
		operation_fail(op, failure.name, "%s", failure.text);
	}
	return false;
}

static void store(struct operation *op, bool retried);

static void take_created(struct operation *op, const void *response, uint16_t error,
			 const void *about)
{
	const struct qk_wds_create_profile_response *r = response;

	if (take_end(op, error, r && r->has_extended_error_code, r ? r->extended_error_code : 0,
		     r ? r->profile_identifier.profile_index : 0, about != NULL))
		store(op, true);
}

static void take_modified(struct operation *op, const void *response, uint16_t error,
			  const void *about)
{
	const struct qk_wds_modify_profile_response *r = response;

	if (take_end(op, error, r && r->has_extended_error_code, r ? r->extended_error_code : 0,
		     profile_index(request_in(op, 0)), about != NULL))
		store(op, true);
}

static void create(struct operation *op, bool retried)
{
	struct qk_wds_create_profile_request request;
	struct failure failure;

	if (profile_to_create(request_in(op, 0), &request, &failure) < 0) {
		operation_fail(op, failure.name, "%s", failure.text);
		return;
	}
	request.has_apn_type_mask = !retried;
	operation_ask(op, &(struct question){ .service = QK_SERVICE_ID_WDS,
					      .need = OPERATION_TRIES,
					      .method = &qk_wds_create_profile_method,
					      .take = take_created,
					      .about = retried ? op : NULL,
					      .request = &request });
}

static void modify(struct operation *op, bool retried)
{
	struct qk_wds_modify_profile_request request;
	struct failure failure;

	if (profile_to_modify(request_in(op, 0), &request, &failure) < 0) {
		operation_fail(op, failure.name, "%s", failure.text);
		return;
	}
	request.has_apn_type_mask = !retried;
	operation_ask(op, &(struct question){ .service = QK_SERVICE_ID_WDS,
					      .need = OPERATION_TRIES,
					      .method = &qk_wds_modify_profile_method,
					      .take = take_modified,
					      .about = retried ? op : NULL,
					      .request = &request });
}

static void store(struct operation *op, bool retried)
{
	if (profile_index(request_in(op, 0)) >= 0)
		modify(op, retried);
	else
		create(op, retried);
}

static void store_it(struct operation *op)
{
	store(op, false);
}

static void take_stored(struct operation *op, const void *response, uint16_t error,
			const void *about)
{
	uint8_t index =
		(uint8_t)json_integer_value(json_object_get(request_of(op)->notes, "index"));

	(void)about;
	if (error)
		operation_fail(op, MM_CORE_ERROR_FAILED,
			       "the modem keeps nothing of profile %u that it took", index);
	else
		request_answer(op, json_pack("[o]", profile_read(index, response)));
}

static void read_back(struct operation *op)
{
	const json_t *index = json_object_get(request_of(op)->notes, "index");

	ask_settings(op, (uint8_t)json_integer_value(index), take_stored, NULL);
}

void profile_manager_begin(struct operation *op)
{
	struct profile_manager *manager = operation_modem(op)->profile_manager;

	if (!manager)
		operation_fail(op, MM_CORE_ERROR_ABORTED, "the card has gone");
	else
		manager->changing++;
}

static const struct step set_steps[] = {
	{ "begin to change a profile", profile_manager_begin },
	{ "look for the profile", look_for_it },
	{ "store the profile", store_it },
	{ "read it back", read_back },
};

/* --- Delete() */

static void take_deleted(struct operation *op, const void *response, uint16_t error,
			 const void *about)
{
	const struct qk_wds_delete_profile_response *r = response;
	struct failure failure;

	(void)about;
	if (!error)
		return;
	profile_failure(&failure, error, r && r->has_extended_error_code,
			r ? r->extended_error_code : 0, "delete the profile");
	operation_fail(op, failure.name, "%s", failure.text);
}

static void delete_it(struct operation *op)
{
	const struct qk_wds_delete_profile_request request = {
		.has_profile_identifier = true,
		.profile_identifier = { QK_WDS_PROFILE_TYPE_3GPP,
					(uint8_t)profile_index(request_in(op, 0)) },
	};

	operation_ask(op, &(struct question){ .service = QK_SERVICE_ID_WDS,
					      .need = OPERATION_TRIES,
					      .method = &qk_wds_delete_profile_method,
					      .take = take_deleted,
					      .request = &request });
}

static const struct step delete_steps[] = {
	{ "begin to change a profile", profile_manager_begin },
	{ "delete the profile", delete_it },
};

/* --- Changing calls */

static uint64_t now_of(const struct modem *modem)
{
	uint64_t usec = 0;

	(void)sd_event_now(modem->event, CLOCK_MONOTONIC, &usec);
	return usec;
}

void profile_manager_finish(struct request *request, const struct failure *failure)
{
	struct profile_manager *manager = request->modem->profile_manager;

	if (!manager)
		return;
	manager->changing -= manager->changing ? 1 : 0;
	if (!failure)
		manager->quiet_until = now_of(request->modem) + ECHO_USEC;
}

/* Whether it may be changed; if not, the caller is told. */
static bool is_free(struct api_call *call, const struct modem *modem, const json_t *properties)
{
	int index = profile_index(properties);

	for (size_t i = 0; index >= 0 && i < MODEM_BEARERS_MAX; i++) {
		if (!modem->bearers[i] || !bearer_uses_profile(modem->bearers[i], index))
			continue;
		api_call_error(call, MM_CORE_ERROR_CONNECTED, "profile %d is in use by %s", index,
			       bearer_path(modem->bearers[i]));
		return false;
	}
	return true;
}

static void on_change(struct api_call *call, const json_t *in, void *userdata)
{
	static const struct request_kind kinds[] = {
		{ set_steps, COUNT(set_steps), OPERATION_IN_TURN, MM_MODEM_STATE_ENABLED,
		  profile_manager_finish },
		{ delete_steps, COUNT(delete_steps), OPERATION_IN_TURN, MM_MODEM_STATE_ENABLED,
		  profile_manager_finish },
	};
	bool deletes = api_call_method(call) == API_METHOD_PROFILE_MANAGER_DELETE;
	const json_t *properties = json_array_get(in, 0);
	const json_t *index = json_object_get(properties, "profile-id");
	struct modem *modem = userdata;

	/* -1 is none. */
	if (deletes && (!index || json_integer_value(index) == -1)) {
		request_invalid(call, "the profile's 'profile-id' is missing");
		return;
	}
	if (index && json_integer_value(index) != -1 && profile_index(properties) < 0) {
		api_call_error(call, MM_CORE_ERROR_NOT_FOUND, "there is no profile %lld",
			       (long long)json_integer_value(index));
		return;
	}
	if (modem->state >= MM_MODEM_STATE_ENABLED && !is_free(call, modem, properties))
		return;
	request_start(call, in, modem, &kinds[deletes]);
}

/* --- News */

static int on_timer(sd_event_source *source, uint64_t usec, void *userdata)
{
	struct profile_manager *manager = userdata;

	(void)source, (void)usec;
	manager->timer = sd_event_source_disable_unref(manager->timer);
	api_object_emit(manager->modem->object, API_SIGNAL_PROFILE_MANAGER_UPDATED, json_array());
	return 0;
}

static void on_news(struct qk_client *client, const struct qk_message *message, const void *decoded,
		    const struct qk_frame *frame, void *userdata)
{
	const struct qk_wds_profile_changed_indication *changed = decoded;
	struct profile_manager *manager = userdata;

	(void)client, (void)frame;
	if (message != &qk_wds_profile_changed_message)
		return;
	if (changed && changed->has_profile_event &&
	    changed->profile_event.profile_type == QK_WDS_PROFILE_TYPE_3GPP)
		eps_note_change(manager->modem, changed->profile_event.profile_index);
	if (manager->timer || manager->changing || now_of(manager->modem) < manager->quiet_until)
		return;
	if (sd_event_add_time_relative(manager->modem->event, &manager->timer, CLOCK_MONOTONIC,
				       GATHER_USEC, 0, on_timer, manager) < 0)
		modem_log(manager->modem, "out of memory: news of profiles is lost");
}

static void listen(struct operation *op, bool on)
{
	const struct qk_wds_indication_register_request changes = {
		.has_report_profile_changes = true,
		.report_profile_changes = on,
	};
	struct qk_wds_profile_id all = { 0xff, 0xff };
	const struct qk_wds_configure_profile_event_list_request events = {
		.has_register_ = true,
		.register_ = { &all, 1 },
	};

	operation_ask(op, &(struct question){ .service = QK_SERVICE_ID_WDS,
					      .need = OPERATION_SPARES,
					      .method = &qk_wds_indication_register_method,
					      .request = &changes });
	if (on)
		operation_ask(op, &(struct question){
					  .service = QK_SERVICE_ID_WDS,
					  .need = OPERATION_SPARES,
					  .method = &qk_wds_configure_profile_event_list_method,
					  .request = &events,
				  });
}

void profile_manager_listen(struct operation *operation)
{
	struct modem *modem = operation_modem(operation);
	struct profile_manager *manager = modem->profile_manager;
	struct qk_client *wds = qmi_port_client(modem->qmi, QK_SERVICE_ID_WDS);

	if (!manager || !wds)
		return;
	if (!manager->news && qk_client_subscribe(wds, on_news, manager, NULL, &manager->news) < 0)
		operation_fail(operation, MM_CORE_ERROR_FAILED, "out of memory");
	else
		listen(operation, true);
}

void profile_manager_ignore(struct operation *operation)
{
	struct profile_manager *manager = operation_modem(operation)->profile_manager;

	if (!manager)
		return;
	manager->news = qk_slot_free(manager->news);
	manager->timer = sd_event_source_disable_unref(manager->timer);
	listen(operation, false);
}

/* --- The interface */

static const struct api_handler handlers[] = {
	{ API_METHOD_PROFILE_MANAGER_LIST, on_list },
	{ API_METHOD_PROFILE_MANAGER_SET, on_change },
	{ API_METHOD_PROFILE_MANAGER_DELETE, on_change },
};

void profile_manager_add(struct modem *modem)
{
	struct profile_manager *manager =
		modem_add(modem, API_PROFILE_MANAGER, handlers, COUNT(handlers), sizeof(*manager));

	if (!manager)
		return;
	manager->modem = modem;
	modem->profile_manager = manager;
	modem_set(modem, API_PROFILE_MANAGER_INDEX_FIELD, json_string("profile-id"));
}

void profile_manager_end(struct modem *modem)
{
	struct profile_manager *manager = modem->profile_manager;

	modem->profile_manager = NULL;
	if (!manager)
		return;
	qk_slot_free(manager->news);
	sd_event_source_disable_unref(manager->timer);
	free(manager);
}
