/*
 * SAR: the state of the transmit power, which is kept as it is set and lowers nothing here.
 */
#include <qmikit/sar.h>

#include "modem.h"

static uint16_t set_state(struct qk_sim_call *call)
{
	const struct qk_sar_rf_set_state_request *request = call->request;

	if (request->state > QK_SAR_RF_STATE_20)
		return QK_ERROR_INVALID_ARGUMENT;
	call->sim->state.power.sar_state = (uint8_t)request->state;
	return QK_ERROR_NONE;
}

static uint16_t get_state(struct qk_sim_call *call)
{
	struct qk_sar_rf_get_state_response *response = call->response;

	response->has_state = true;
	response->state = call->sim->state.power.sar_state;
	return QK_ERROR_NONE;
}

static const struct qk_sim_handler handlers[] = {
	{ "rf-set-state", set_state },
	{ "rf-get-state", get_state },
};

const struct qk_sim_service_table qk_sim_sar = {
	.service = QK_SERVICE_ID_SAR,
	.handlers = handlers,
	.handler_count = sizeof(handlers) / sizeof(handlers[0]),
};
