/*
 * NAS, scan: the networks that can be heard, all at once or as they are found.
 *
 * An incremental scan goes through the radio technologies, the newest first, and takes as long as the other one. Each
 * is told of when it is done. Which indications a real modem sends is not known [U].
 */
#include "modem.h"
#include "nas.h"

static uint8_t status_bits(const struct qk_sim_found *found)
{
	unsigned int bits = found->serving ? QK_NAS_NETWORK_STATUS_CURRENT_SERVING
					   : QK_NAS_NETWORK_STATUS_AVAILABLE;

	bits |= found->home ? QK_NAS_NETWORK_STATUS_HOME : QK_NAS_NETWORK_STATUS_ROAMING;
	bits |= found->forbidden ? QK_NAS_NETWORK_STATUS_FORBIDDEN
				 : QK_NAS_NETWORK_STATUS_NOT_FORBIDDEN;
	bits |= found->preferred ? QK_NAS_NETWORK_STATUS_PREFERRED
				 : QK_NAS_NETWORK_STATUS_NOT_PREFERRED;
	return (uint8_t)bits;
}

static uint16_t fill_scan(struct qk_sim_call *call, const struct qk_sim_found *found, size_t count)
{
	struct qk_nas_network_scan_response *response = call->response;
	struct qk_arena *arena = &call->sim->arena;
	struct qk_nas_network_scan_response_network_information *networks =
		qk_arena_take(arena, (count + 1) * sizeof(*networks));
	struct qk_nas_network_radio_interface *rats =
		qk_arena_take(arena, (count + 1) * sizeof(*rats));
	struct qk_nas_mnc_pcs_digit *digits = qk_arena_take(arena, (count + 1) * sizeof(*digits));

	if (!networks || !rats || !digits)
		return QK_ERROR_NO_MEMORY;
	for (size_t i = 0; i < count; i++) {
		const struct qk_sim_plmn *plmn = &found[i].plmn;
		char *name = qk_arena_take(arena, sizeof(plmn->name));
		if (!name)
			return QK_ERROR_NO_MEMORY;
		qk_sim_radio_name(&call->sim->state, plmn, false, name, sizeof(plmn->name));
		networks[i] = (struct qk_nas_network_scan_response_network_information){
			plmn->mcc, plmn->mnc, status_bits(&found[i]), qk_sim_text(name)
		};
		rats[i] = (struct qk_nas_network_radio_interface){
			plmn->mcc, plmn->mnc, qk_sim_nas_radio_interface(found[i].rat)
		};
		digits[i] = (struct qk_nas_mnc_pcs_digit){ plmn->mcc, plmn->mnc,
							   plmn->mnc_digits == 3 };
	}
	response->has_network_information = true;
	response->network_information.items = networks;
	response->network_information.count = count;
	response->has_radio_access_technology = true;
	response->radio_access_technology.items = rats;
	response->radio_access_technology.count = count;
	response->has_mnc_pcs_digit_include_status = true;
	response->mnc_pcs_digit_include_status.items = digits;
	response->mnc_pcs_digit_include_status.count = count;
	response->has_network_scan_result = true;
	response->network_scan_result = QK_NAS_NETWORK_SCAN_RESULT_SUCCESS;
	return QK_ERROR_NONE;
}

static uint32_t wanted(bool given, uint8_t types)
{
	uint32_t rats = 0;

	if (!given)
		return QK_SIM_RAT_ALL;
	rats |= types & QK_NAS_NETWORK_SCAN_TYPE_GSM ? QK_SIM_RAT_GSM : 0;
	rats |= types & QK_NAS_NETWORK_SCAN_TYPE_UMTS ? QK_SIM_RAT_UMTS : 0;
	rats |= types & QK_NAS_NETWORK_SCAN_TYPE_LTE ? QK_SIM_RAT_LTE : 0;
	return rats;
}

uint16_t qk_sim_nas_network_scan(struct qk_sim_call *call)
{
	const struct qk_nas_network_scan_request *request = call->request;
	const struct qk_sim_state *state = &call->sim->state;
	struct qk_sim_found found[QK_SIM_NETWORKS_MAX];
	uint32_t rats = wanted(request->has_network_type, request->network_type);

	if (!qk_sim_state_has_radio(state))
		return QK_ERROR_DEVICE_NOT_READY;
	if (!call->again)
		return qk_sim_later(call, qk_sim_after(state, qk_sim_radio_scan_usec(state)), 0, 0);
	return fill_scan(call, found, qk_sim_radio_scan(state, rats, found, QK_SIM_NETWORKS_MAX));
}

/* --- Incrementally */

static const uint32_t order[] = { QK_SIM_RAT_LTE, QK_SIM_RAT_UMTS, QK_SIM_RAT_GSM };

/* The next radio technology that is looked for; 0: none. */
static uint32_t next_rat(const struct qk_sim_nas_client *client)
{
	for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++)
		if (client->scan & order[i])
			return order[i];
	return QK_SIM_RAT_NONE;
}

static void schedule(const struct qk_sim *sim, struct qk_sim_client *client)
{
	uint64_t usec = qk_sim_radio_scan_usec(&sim->state) / (sizeof(order) / sizeof(order[0]));

	client->due_usec = qk_sim_after(&sim->state, usec);
}

uint16_t qk_sim_nas_incremental_network_scan(struct qk_sim_call *call)
{
	const struct qk_nas_incremental_network_scan_request *request = call->request;

	if (!qk_sim_state_has_radio(&call->sim->state))
		return QK_ERROR_DEVICE_NOT_READY;
	call->client->nas.scanning = true;
	call->client->nas.scan = wanted(request->has_network_type, request->network_type);
	schedule(call->sim, call->client);
	return QK_ERROR_NONE;
}

/* What was found, into the indication. Without memory nothing was. */
static void fill_found(struct qk_sim *sim, const struct qk_sim_found *found, size_t count,
		       struct qk_nas_incremental_network_scan_indication *scan)
{
	struct qk_nas_incremental_network_scan_indication_network_information *networks =
		qk_arena_take(&sim->arena, (count + 1) * sizeof(*networks));
	size_t used = 0;

	for (; networks && used < count; used++) {
		const struct qk_sim_plmn *plmn = &found[used].plmn;
		char *name = qk_arena_take(&sim->arena, sizeof(plmn->name));

		if (!name)
			break;
		qk_sim_radio_name(&sim->state, plmn, false, name, sizeof(plmn->name));
		networks[used] =
			(struct qk_nas_incremental_network_scan_indication_network_information){
				.mcc = plmn->mcc,
				.mnc = plmn->mnc,
				.network_status = status_bits(&found[used]),
				.radio_interface = qk_sim_nas_radio_interface(found[used].rat),
				.includes_pcs_digit = plmn->mnc_digits == 3,
				.description = qk_sim_text(name),
			};
	}
	scan->has_network_information = used > 0;
	scan->network_information.items = networks;
	scan->network_information.count = used;
}

void qk_sim_nas_due(struct qk_sim *sim, struct qk_sim_client *client)
{
	struct qk_sim_found found[QK_SIM_NETWORKS_MAX];
	struct qk_nas_incremental_network_scan_indication scan = {
		.has_status = true,
		.status = QK_NAS_INCREMENTAL_NETWORK_SCAN_STATUS_PARTIAL,
	};
	uint32_t rat = next_rat(&client->nas);

	if (!client->nas.scanning)
		return;
	sim->arena.used = 0;
	if (!qk_sim_state_has_radio(&sim->state)) {
		client->nas.scan = 0;
		scan.status = QK_NAS_INCREMENTAL_NETWORK_SCAN_STATUS_ABORTED;
	} else if (rat) {
		fill_found(sim, found,
			   qk_sim_radio_scan(&sim->state, rat, found, QK_SIM_NETWORKS_MAX), &scan);
		client->nas.scan &= ~rat;
	}
	if (!client->nas.scan && scan.status == QK_NAS_INCREMENTAL_NETWORK_SCAN_STATUS_PARTIAL)
		scan.status = QK_NAS_INCREMENTAL_NETWORK_SCAN_STATUS_COMPLETE;
	client->nas.scanning = client->nas.scan != 0;
	if (client->nas.scanning)
		schedule(sim, client);
	qk_sim_tell(sim, client, &qk_nas_incremental_network_scan_message, &scan);
}
