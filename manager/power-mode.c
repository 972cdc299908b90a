/* Power mode: modes between two others (a reset, a shutdown) say nothing of the power. */
#include "power-mode.h"

#include <qmikit/common.h>
#include <qmikit/dms.h>

#include "modem.h"
#include "operation.h"

static void note(struct modem *modem, uint8_t mode)
{
	static const struct {
		enum qk_dms_operating_mode mode;
		enum mm_modem_power_state power;
	} rows[] = {
		{ QK_DMS_OPERATING_MODE_ONLINE, MM_MODEM_POWER_STATE_ON },
		{ QK_DMS_OPERATING_MODE_LOW_POWER, MM_MODEM_POWER_STATE_LOW },
		{ QK_DMS_OPERATING_MODE_PERSISTENT_LOW_POWER, MM_MODEM_POWER_STATE_LOW },
		{ QK_DMS_OPERATING_MODE_MODE_ONLY_LOW_POWER, MM_MODEM_POWER_STATE_LOW },
		{ QK_DMS_OPERATING_MODE_OFFLINE, MM_MODEM_POWER_STATE_OFF },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (rows[i].mode == mode)
			modem->facts.power = rows[i].power;
}

static void on_news(struct qk_client *client, const struct qk_message *message, const void *decoded,
		    const struct qk_frame *frame, void *userdata)
{
	const struct qk_dms_event_report_indication *news = decoded;
	struct modem *modem = userdata;

	(void)client, (void)frame;
	if (message != &qk_dms_event_report_message || !news || !news->has_operating_mode)
		return;
	note(modem, news->operating_mode);
	modem_tell_state(modem);
}

static void take_mode(struct operation *op, const void *response, uint16_t error, const void *about)
{
	const struct qk_dms_get_operating_mode_response *r = response;

	(void)about;
	if (!error && r->has_mode)
		note(operation_modem(op), r->mode);
}

static void take_listening(struct operation *op, const void *response, uint16_t error,
			   const void *about)
{
	(void)response, (void)about;
	operation_modem(op)->power_told = !error;
}

void power_mode_listen(struct operation *operation)
{
	static const struct qk_dms_set_event_report_request request = {
		.has_operating_mode_reporting = true,
		.operating_mode_reporting = true,
	};
	static const struct question questions[] = {
		{ .service = QK_SERVICE_ID_DMS,
		  .need = OPERATION_SPARES,
		  .method = &qk_dms_set_event_report_method,
		  .take = take_listening,
		  .request = &request },
		{ .service = QK_SERVICE_ID_DMS,
		  .need = OPERATION_SPARES,
		  .method = &qk_dms_get_operating_mode_method,
		  .take = take_mode },
	};
	struct modem *modem = operation_modem(operation);
	struct qk_client *dms = qmi_port_client(modem->qmi, QK_SERVICE_ID_DMS);

	if (dms && !modem->dms_news &&
	    qk_client_subscribe(dms, on_news, modem, NULL, &modem->dms_news) < 0) {
		operation_fail(operation, MM_CORE_ERROR_FAILED, "out of memory");
		return;
	}
	for (size_t i = 0; i < sizeof(questions) / sizeof(questions[0]); i++)
		operation_ask(operation, &questions[i]);
}

static void take_mode_now(struct operation *op, const void *response, uint16_t error,
			  const void *about)
{
	take_mode(op, response, error, about);
	modem_tell_state(operation_modem(op));
}

void power_mode_read(struct operation *operation)
{
	static const struct question question = { QK_SERVICE_ID_DMS, OPERATION_SPARES,
						  &qk_dms_get_operating_mode_method,
						  take_mode_now };

	operation_ask(operation, &question);
}

void power_mode_end(struct modem *modem)
{
	modem->dms_news = qk_slot_free(modem->dms_news);
}
