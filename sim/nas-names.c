/*
 * NAS, names and time: what networks are called, by the card and by the network, and the network's clock.
 *
 * A name is ASCII where it can be, else UCS-2; which of the codings a real modem prefers is not known [U].
 */
#include <stdio.h>
#include <string.h>

#include "lib/3gpp/plmn.h"
#include "lib/3gpp/sim-file.h"
#include "lib/3gpp/utf8.h"
#include "modem.h"
#include "nas.h"

#define SPN 0x6f46
#define OPL 0x6fc6
#define NAME_MAX_BYTES 64

static bool is_ascii(const char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text >= 0x80)
			return false;
	return true;
}

/* Text as UCS-2, little endian. */
static struct qk_bytes ucs2(struct qk_arena *arena, const char *text)
{
	uint8_t *bytes = qk_arena_take(arena, 2 * strlen(text) + 1);
	struct qk_span rest = { (const uint8_t *)text, strlen(text) };
	uint32_t character;
	size_t used = 0;

	if (!bytes)
		return (struct qk_bytes){ 0 };
	while (qk_utf8_next(&rest, &character)) {
		bytes[used++] = (uint8_t)character;
		bytes[used++] = (uint8_t)(character >> 8);
	}
	return (struct qk_bytes){ bytes, used };
}

/* A name as the answer to Get PLMN Name has it. */
static struct qk_bytes description(struct qk_arena *arena, const char *text, uint8_t *ret_encoding)
{
	char *copy = qk_arena_take(arena, strlen(text) + 1);

	if (!is_ascii(text)) {
		*ret_encoding = QK_NAS_NETWORK_DESCRIPTION_ENCODING_UNICODE;
		return ucs2(arena, text);
	}
	*ret_encoding = QK_NAS_NETWORK_DESCRIPTION_ENCODING_ASCII7;
	if (copy)
		memcpy(copy, text, strlen(text) + 1);
	return (struct qk_bytes){ (const uint8_t *)copy, copy ? strlen(copy) : 0 };
}

/* The card's name of who has issued it; false: it has none, or cannot be asked. */
static bool service_provider(const struct qk_sim_state *state, char *ret, size_t size,
			     uint8_t *ret_condition)
{
	const struct qk_sim_file *file = qk_sim_card_find_id(&state->card, SPN);
	struct qk_span bytes;

	return file && qk_sim_card_read(&state->card, file, 0, 0, &bytes) == QK_SIM_SW_OK &&
	       qk_spn_read(bytes, ret, size, ret_condition) == 0;
}

uint16_t qk_sim_nas_get_plmn_name(struct qk_sim_call *call)
{
	const struct qk_nas_get_plmn_name_request *request = call->request;
	struct qk_nas_get_plmn_name_response *response = call->response;
	const struct qk_sim_state *state = &call->sim->state;
	struct qk_nas_eons_plmn_name *name = &response->_3gpp_eons_plmn_name;
	char text[NAME_MAX_BYTES], spn[NAME_MAX_BYTES];
	const struct qk_sim_plmn plmn = {
		.mcc = request->plmn.mcc,
		.mnc = request->plmn.mnc,
		.mnc_digits = request->has_mnc_pcs_digit_include_status &&
					      request->mnc_pcs_digit_include_status
				      ? 3
				      : 2,
	};
	bool home = qk_sim_radio_is_home(state, &plmn);
	bool has_spn = home && service_provider(state, spn, sizeof(spn), NULL);

	qk_sim_radio_name(state, &plmn, false, text, sizeof(text));
	response->has_3gpp_eons_plmn_name = true;
	name->long_name = description(&call->sim->arena, text, &name->long_name_encoding);
	qk_sim_radio_name(state, &plmn, true, text, sizeof(text));
	name->short_name = description(&call->sim->arena, text, &name->short_name_encoding);
	if (has_spn)
		name->service_provider_name =
			description(&call->sim->arena, spn, &name->service_provider_name_encoding);
	response->has_display_bit_information = true;
	response->display_bit_information.service_provider_name_set =
		has_spn ? QK_NAS_BOOLEAN_TRUE : QK_NAS_BOOLEAN_FALSE;
	response->display_bit_information.plmn_name_set = QK_NAS_BOOLEAN_TRUE;
	response->has_network_information = true;
	response->network_information = home ? QK_NAS_BOOLEAN_TRUE : QK_NAS_BOOLEAN_FALSE;
	return QK_ERROR_NONE;
}

/* A name as the network or EF_PNN has it: packed, with its spare bits. */
static struct qk_bytes packed(struct qk_arena *arena, const char *text, uint8_t *ret_spare)
{
	uint8_t *bytes = qk_arena_take(arena, NAME_MAX_BYTES);
	int size = bytes ? qk_pnn_write(0x43, text, bytes, NAME_MAX_BYTES) : -1;

	if (size < 0)
		return (struct qk_bytes){ 0 };
	*ret_spare = bytes[2] & 0x07;
	return (struct qk_bytes){ bytes + 3, (size_t)size - 3 };
}

static struct qk_nas_operator_plmn_name plmn_name(struct qk_sim *sim,
						  const struct qk_sim_plmn *plmn)
{
	struct qk_nas_operator_plmn_name name = { .name_encoding =
							  QK_NAS_PLMN_ENCODING_SCHEME_GSM };
	char text[NAME_MAX_BYTES];

	qk_sim_radio_name(&sim->state, plmn, false, text, sizeof(text));
	name.long_name = packed(&sim->arena, text, &name.long_name_spare_bits);
	qk_sim_radio_name(&sim->state, plmn, true, text, sizeof(text));
	name.short_name = packed(&sim->arena, text, &name.short_name_spare_bits);
	return name;
}

/* The areas whose names the card knows, from EF_OPL. */
static size_t read_areas(struct qk_sim *sim, struct qk_nas_operator_plmn *ret, size_t max)
{
	const struct qk_sim_card *card = &sim->state.card;
	const struct qk_sim_file *file = qk_sim_card_find_id(card, OPL);
	size_t count = 0;
	struct qk_span record;
	struct qk_plmn plmn;

	for (unsigned int i = 1; file && i <= qk_sim_file_records(file) && count < max; i++) {
		char *digits = qk_arena_take(&sim->arena, 8);

		if (!digits || qk_sim_card_read_record(card, file, i, &record) != QK_SIM_SW_OK ||
		    record.size < 8 || qk_plmn_read(record.data, &plmn) < 0)
			continue;
		qk_plmn_text(&plmn, digits);
		/* the third digit of an MNC that has two is a blank */
		if (plmn.mnc_digits == 2)
			digits[5] = ' ';
		ret[count++] = (struct qk_nas_operator_plmn){
			.mcc = { digits, 3 },
			.mnc = { digits + 3, 3 },
			.lac1 = (uint16_t)(record.data[3] << 8 | record.data[4]),
			.lac2 = (uint16_t)(record.data[5] << 8 | record.data[6]),
			.plmn_name_record_identifier = record.data[7],
		};
	}
	return count;
}

#define AREAS_MAX 8

static uint16_t fill_operator_name(struct qk_sim *sim,
				   struct qk_nas_get_operator_name_response *response)
{
	const struct qk_sim_state *state = &sim->state;
	struct qk_nas_operator_plmn_name *names = qk_arena_take(&sim->arena, sizeof(*names));
	struct qk_nas_operator_plmn *areas = qk_arena_take(&sim->arena, AREAS_MAX * sizeof(*areas));
	char *spn = qk_arena_take(&sim->arena, NAME_MAX_BYTES);
	uint8_t condition;

	if (!names || !areas || !spn)
		return QK_ERROR_NO_MEMORY;
	response->has_service_provider_name =
		service_provider(state, spn, NAME_MAX_BYTES, &condition);
	if (response->has_service_provider_name)
		response->service_provider_name =
			(struct qk_nas_service_provider_name){ condition & 0x03, qk_sim_text(spn) };
	response->operator_plmn_list.items = areas;
	response->operator_plmn_list.count = read_areas(sim, areas, AREAS_MAX);
	response->has_operator_plmn_list = response->operator_plmn_list.count != 0;
	if (qk_sim_state_card_ready(state)) {
		*names = plmn_name(sim, &state->profile->network);
		response->has_operator_plmn_name = true;
		response->operator_plmn_name.items = names;
		response->operator_plmn_name.count = 1;
	}
	response->has_nitz_information = state->radio.time_known;
	if (response->has_nitz_information)
		response->nitz_information = plmn_name(sim, &state->network);
	return QK_ERROR_NONE;
}

uint16_t qk_sim_nas_get_operator_name(struct qk_sim_call *call)
{
	const struct qk_nas_get_operator_name_response *response = call->response;
	uint16_t error = fill_operator_name(call->sim, call->response);

	if (!error && !response->has_service_provider_name && !response->has_operator_plmn_name &&
	    !response->has_nitz_information)
		return QK_ERROR_INFORMATION_UNAVAILABLE;
	return error;
}

bool qk_sim_nas_operator_name_news(struct qk_sim *sim, const struct qk_sim_client *client,
				   void *indication)
{
	struct qk_nas_get_operator_name_response now = { 0 };

	(void)client;
	if (fill_operator_name(sim, &now))
		return false;
	qk_sim_copy_tlvs(qk_nas_get_operator_name_method.response, &now,
			 &qk_nas_operator_name_message, indication);
	return true;
}

static struct qk_nas_universal_time universal_time(const struct qk_sim_time *time)
{
	return (struct qk_nas_universal_time){
		.year = time->year,
		.month = time->month,
		.day = time->day,
		.hour = time->hour,
		.minute = time->minute,
		.second = time->second,
		.day_of_week = time->weekday,
	};
}

uint16_t qk_sim_nas_get_network_time(struct qk_sim_call *call)
{
	struct qk_nas_get_network_time_response *response = call->response;
	const struct qk_sim_state *state = &call->sim->state;
	struct qk_sim_time time;

	if (!qk_sim_radio_time(state, &time))
		return QK_ERROR_INFORMATION_UNAVAILABLE;
	response->has_3gpp_time = true;
	response->_3gpp_time = (struct qk_nas_network_time){
		.universal_time = universal_time(&time),
		.timezone_offset = time.zone_quarters,
		.daylight_savings_adjustment = time.saving_hours,
		.radio_interface = qk_sim_nas_radio_interface(state->cell.rat),
	};
	return QK_ERROR_NONE;
}

bool qk_sim_nas_network_time_news(struct qk_sim *sim, const struct qk_sim_client *client,
				  void *indication)
{
	struct qk_nas_network_time_indication *news = indication;
	struct qk_sim_time time;

	(void)client;
	if (!qk_sim_radio_time(&sim->state, &time))
		return false;
	news->has_universal_time = true;
	news->universal_time = universal_time(&time);
	news->has_timezone_offset = true;
	news->timezone_offset = time.zone_quarters;
	news->has_daylight_savings_adjustment = true;
	news->daylight_savings_adjustment = time.saving_hours;
	news->has_radio_interface = true;
	news->radio_interface = qk_sim_nas_radio_interface(sim->state.cell.rat);
	return true;
}
