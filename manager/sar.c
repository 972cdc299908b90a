/*
 * SAR: level 0 is the full power, which the bus calls "off"; while it is off, the bus keeps telling the level that
 * was on.
 */
#include "sar.h"

#include <qmikit/common.h>
#include <qmikit/sar.h>

#include "request.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static void take_level(struct operation *op, const void *response, uint16_t error,
		       const void *about)
{
	const struct qk_sar_rf_get_state_response *r = response;
	struct modem *modem = operation_modem(op);

	(void)about;
	modem->sar.known = !error && r->has_state;
	if (modem->sar.known)
		modem->sar.level = r->state;
}

void sar_read(struct operation *operation)
{
	static const struct question question = { QK_SERVICE_ID_SAR, OPERATION_SPARES,
						  &qk_sar_rf_get_state_method, take_level };

	operation_ask(operation, &question);
}

static json_int_t told_level(const struct modem *modem)
{
	return json_integer_value(api_object_get(modem->object, API_SAR_POWER_LEVEL));
}

/* What Enable() and SetPowerLevel() ask for. */
static uint32_t wanted(const struct operation *op)
{
	json_int_t told = told_level(operation_modem(op));

	if (api_call_method(request_of(op)->call) == API_METHOD_SAR_SET_POWER_LEVEL)
		return (uint32_t)request_number(op, 0);
	if (!json_is_true(request_in(op, 0)))
		return QK_SAR_RF_STATE_0;
	return told ? (uint32_t)told : QK_SAR_RF_STATE_1;
}

static void set_level(struct operation *op)
{
	const struct qk_sar_rf_set_state_request request = { .has_state = true,
							     .state = wanted(op) };

	operation_ask(op, &(struct question){ .service = QK_SERVICE_ID_SAR,
					      .need = OPERATION_NEEDS,
					      .method = &qk_sar_rf_set_state_method,
					      .request = &request });
}

static void note_level(struct operation *op)
{
	struct modem *modem = operation_modem(op);
	uint32_t level = wanted(op);

	modem->sar.level = level;
	modem_set(modem, API_SAR_STATE, json_boolean(level != QK_SAR_RF_STATE_0));
	if (level != QK_SAR_RF_STATE_0)
		modem_set(modem, API_SAR_POWER_LEVEL, json_integer(level));
}

static const struct step steps[] = {
	{ "set the power's limit", set_level },
	{ "note the power's limit", note_level },
};

static const struct request_kind kind = { steps, COUNT(steps), OPERATION_IN_TURN,
					  MM_MODEM_STATE_FAILED, NULL };

static bool is_on(const struct modem *modem)
{
	return json_is_true(api_object_get(modem->object, API_SAR_STATE));
}

static void on_enable(struct api_call *call, const json_t *in, void *userdata)
{
	if (json_is_true(json_array_get(in, 0)) == is_on(userdata))
		api_call_reply(call, NULL);
	else
		request_start(call, in, userdata, &kind);
}

static void on_set_level(struct api_call *call, const json_t *in, void *userdata)
{
	json_int_t level = json_integer_value(json_array_get(in, 0));

	if (!is_on(userdata))
		api_call_error(call, MM_CORE_ERROR_WRONG_STATE,
			       "there is no limit of the power: enable it first");
	else if (level == told_level(userdata))
		api_call_reply(call, NULL);
	else if (level == QK_SAR_RF_STATE_0 || level > QK_SAR_RF_STATE_20)
		request_invalid(call, "a power level is 1 to %d", QK_SAR_RF_STATE_20);
	else
		request_start(call, in, userdata, &kind);
}

static const struct api_handler handlers[] = {
	{ API_METHOD_SAR_ENABLE, on_enable },
	{ API_METHOD_SAR_SET_POWER_LEVEL, on_set_level },
};

void sar_add(struct modem *modem)
{
	if (!modem->sar.known)
		return;
	if (!modem_add(modem, API_SAR, handlers, COUNT(handlers), 0))
		return;
	modem_set(modem, API_SAR_STATE, json_boolean(modem->sar.level != QK_SAR_RF_STATE_0));
	modem_set(modem, API_SAR_POWER_LEVEL, json_integer(modem->sar.level));
}
