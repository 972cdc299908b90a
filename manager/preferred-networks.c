/*
 * Preferred networks: NAS writes the list, then the card is read again: it may have had less room.
 */
#include "preferred-networks.h"

#include <stdlib.h>
#include <string.h>
#include <qmikit/common.h>
#include <qmikit/nas.h>

#include "lib/3gpp/plmn.h"
#include "request.h"
#include "sim.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

/* More than any card has room for. */
enum { NETWORKS_MAX = 256 };

static const struct {
	uint16_t bit;
	uint32_t technology;
} technologies[] = {
	{ QK_PLMN_ACT_GSM, MM_MODEM_ACCESS_TECHNOLOGY_GSM },
	{ QK_PLMN_ACT_GSM_COMPACT, MM_MODEM_ACCESS_TECHNOLOGY_GSM_COMPACT },
	{ QK_PLMN_ACT_UTRAN, MM_MODEM_ACCESS_TECHNOLOGY_UMTS },
	{ QK_PLMN_ACT_EUTRAN, MM_MODEM_ACCESS_TECHNOLOGY_LTE },
	{ QK_PLMN_ACT_NGRAN, MM_MODEM_ACCESS_TECHNOLOGY_5GNR },
};

uint32_t preferred_networks_technologies(uint16_t bits)
{
	uint32_t found = 0;

	for (size_t i = 0; i < COUNT(technologies); i++)
		found |= bits & technologies[i].bit ? technologies[i].technology : 0;
	return found;
}

/* What the card has no bit for is left to it. */
static uint16_t bits_of(uint32_t wanted)
{
	uint16_t bits = 0;

	for (size_t i = 0; i < COUNT(technologies); i++)
		bits |= wanted & technologies[i].technology ? technologies[i].bit : 0;
	return bits;
}

/* false: it is no MCCMNC. */
static bool parse(const char *code, uint16_t *ret_mcc, uint16_t *ret_mnc)
{
	size_t length = code ? strlen(code) : 0;

	if ((length != 5 && length != 6) || strspn(code, "0123456789") != length)
		return false;
	*ret_mnc = (uint16_t)strtoul(code + 3, NULL, 10);
	*ret_mcc = (uint16_t)((code[0] - '0') * 100 + (code[1] - '0') * 10 + (code[2] - '0'));
	return true;
}

static void take_written(struct operation *op, const void *response, uint16_t error,
			 const void *about)
{
	struct failure failure;

	(void)response, (void)about;
	if (!error)
		return;
	failure_from(&failure, 0, error, "write the preferred networks");
	operation_fail(op,
		       error == QK_ERROR_INSUFFICIENT_RESOURCES ? MM_CORE_ERROR_TOO_MANY
								: failure.name,
		       "%s", failure.text);
}

static void write_list(struct operation *op)
{
	const json_t *list = request_in(op, 0), *network;
	size_t count = json_array_size(list), i;
	struct qk_nas_preferred_network *networks = calloc(count + 1, sizeof(*networks));
	struct qk_nas_mnc_pcs_digit *digits = calloc(count + 1, sizeof(*digits));
	const struct qk_nas_set_preferred_networks_request request = {
		.has_preferred_networks = true,
		.preferred_networks = { networks, count },
		.has_mnc_pcs_digit_include_status = count > 0,
		.mnc_pcs_digit_include_status = { digits, count },
		.has_clear_previous_preferred_networks = true,
		.clear_previous_preferred_networks = true,
	};

	json_array_foreach(networks && digits ? list : NULL, i, network)
	{
		const char *code = json_string_value(json_array_get(network, 0));

		(void)parse(code, &networks[i].mcc, &networks[i].mnc);
		networks[i].radio_access_technology =
			bits_of((uint32_t)json_integer_value(json_array_get(network, 1)));
		digits[i] = (struct qk_nas_mnc_pcs_digit){ networks[i].mcc, networks[i].mnc,
							   strlen(code) == 6 };
	}
	if (networks && digits)
		operation_ask(op,
			      &(struct question){ .service = QK_SERVICE_ID_NAS,
						  .need = OPERATION_TRIES,
						  .method = &qk_nas_set_preferred_networks_method,
						  .take = take_written,
						  .request = &request });
	else
		operation_fail(op, MM_CORE_ERROR_FAILED, "out of memory");
	free(networks);
	free(digits);
}

/* What was asked for and is not on the card. */
static void judge(struct operation *op)
{
	const struct modem *modem = operation_modem(op);
	const json_t *list = request_in(op, 0), *network;
	const json_t *kept =
		modem->sim ? api_object_get(modem->sim, API_SIM_PREFERRED_NETWORKS) : NULL;
	size_t i;

	json_array_foreach(list, i, network)
	{
		const json_t *found = json_array_get(kept, i);
		const char *code = json_string_value(json_array_get(network, 0));
		json_int_t wanted = json_integer_value(json_array_get(network, 1));
		json_int_t got = json_integer_value(json_array_get(found, 1));

		if (!found)
			request_refuse(op, MM_CORE_ERROR_TOO_MANY,
				       "the card has kept %zu of the networks",
				       json_array_size(kept));
		else if (!json_equal(json_array_get(found, 0), json_array_get(network, 0)))
			request_refuse(op, MM_CORE_ERROR_FAILED,
				       "the card has kept another network than %s", code);
		else if (wanted & ~got)
			request_refuse(op, MM_CORE_ERROR_UNSUPPORTED,
				       "the card has not kept the technologies %#llx of %s",
				       (unsigned long long)(wanted & ~got), code);
	}
}

static const struct step steps[] = {
	{ "write the preferred networks", write_list },
	{ "read the preferred networks", sim_read_networks },
	{ "judge", judge },
};

void preferred_networks_on_set(struct api_call *call, const json_t *in, void *userdata)
{
	static const struct request_kind kind = { steps, COUNT(steps), OPERATION_IN_TURN,
						  MM_MODEM_STATE_DISABLED };
	const json_t *list = json_array_get(in, 0), *network;
	uint16_t mcc, mnc;
	size_t i;

	json_array_foreach(list, i, network)
	{
		const char *code = json_string_value(json_array_get(network, 0));

		if (parse(code, &mcc, &mnc))
			continue;
		request_invalid(call, "'%.16s' is no MCCMNC", code ? code : "");
		return;
	}
	if (json_array_size(list) > NETWORKS_MAX)
		api_call_error(call, MM_CORE_ERROR_TOO_MANY, "no card has room for %zu networks",
			       json_array_size(list));
	else
		request_start(call, in, userdata, &kind);
}
