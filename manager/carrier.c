/*
 * Carrier: the id of the selected configuration, then its name and version. PDC answers by indications that repeat
 * the question's token.
 */
#include "carrier.h"

#include <stdio.h>
#include <qmikit/common.h>
#include <qmikit/pdc.h>

#include "firmware.h"
#include "indicated.h"
#include "modem.h"

enum { TOKEN_SELECTED = 1, TOKEN_INFO };

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static void tell(struct modem *modem, json_t *take_name, const char *version)
{
	modem_set(modem, API_MODEM_CARRIER_CONFIGURATION, take_name);
	modem_set(modem, API_MODEM_CARRIER_CONFIGURATION_REVISION, json_string(version));
	firmware_tell(modem);
}

static bool take_info(struct operation *op, const void *indication, const void *about)
{
	const struct qk_pdc_get_config_info_indication *info = indication;
	char version[9];

	(void)about;
	if (!info->has_token || info->token != TOKEN_INFO)
		return false;
	if (info->indication_result == QK_ERROR_NONE && info->has_description &&
	    info->has_version) {
		snprintf(version, sizeof(version), "%08X", (unsigned int)info->version);
		tell(operation_modem(op), json_text(info->description.data, info->description.size),
		     version);
	}
	return true;
}

static const struct indicated ask_info = {
	.service = QK_SERVICE_ID_PDC,
	.need = OPERATION_TRIES,
	.method = &qk_pdc_get_config_info_method,
	.indication = &qk_pdc_get_config_info_message,
	.take = take_info,
};

static bool take_selected(struct operation *op, const void *indication, const void *about)
{
	const struct qk_pdc_get_selected_config_indication *selected = indication;
	const struct qk_pdc_get_config_info_request request = {
		.has_type_with_id_v2 = true,
		.type_with_id_v2 = { QK_PDC_CONFIGURATION_TYPE_SOFTWARE, selected->active_id },
		.has_token = true,
		.token = TOKEN_INFO,
	};

	(void)about;
	if (!selected->has_token || selected->token != TOKEN_SELECTED)
		return false;
	if (selected->indication_result != QK_ERROR_NONE &&
	    selected->indication_result != QK_ERROR_NOT_PROVISIONED)
		return true;
	if (selected->has_active_id && selected->active_id.size > 0)
		indicated_ask(op, &ask_info, &request);
	else
		tell(operation_modem(op), json_string("default"), "");
	return true;
}

static const struct indicated ask_selected = {
	.service = QK_SERVICE_ID_PDC,
	.need = OPERATION_TRIES,
	.method = &qk_pdc_get_selected_config_method,
	.indication = &qk_pdc_get_selected_config_message,
	.take = take_selected,
};

void carrier_allocate(struct operation *operation)
{
	operation_allocate(operation, QK_SERVICE_ID_PDC, OPERATION_SPARES);
}

void carrier_read(struct operation *operation)
{
	static const struct qk_pdc_get_selected_config_request request = {
		.has_config_type = true,
		.config_type = QK_PDC_CONFIGURATION_TYPE_SOFTWARE,
		.has_token = true,
		.token = TOKEN_SELECTED,
	};

	if (qmi_port_client(operation_modem(operation)->qmi, QK_SERVICE_ID_PDC))
		indicated_ask(operation, &ask_selected, &request);
}

void carrier_release(struct operation *operation)
{
	qmi_port_dismiss(operation_modem(operation)->qmi, QK_SERVICE_ID_PDC);
}
