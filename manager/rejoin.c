/*
 * Rejoin: a node that was closed and opened again may have a modem behind it that took all ids back, whatever the
 * broker has noted. That is asked first.
 */
#include "rejoin.h"

#include <errno.h>
#include <string.h>
#include <qmikit/common.h>
#include <qmikit/dms.h>

#include "bearer.h"
#include "card.h"
#include "log.h"
#include "messaging.h"
#include "modem.h"
#include "network.h"
#include "operation.h"
#include "power-mode.h"
#include "voice.h"

static void take_mode(struct operation *op, const void *response, uint16_t error, const void *about)
{
	(void)response, (void)about;
	if (error == QK_ERROR_INVALID_CLIENT_ID)
		operation_fail(op, MM_CORE_ERROR_NOT_FOUND, "the modem has forgotten its clients");
}

static void ask_who_we_are(struct operation *op)
{
	static const struct question question = { QK_SERVICE_ID_DMS, OPERATION_TRIES,
						  &qk_dms_get_operating_mode_method, take_mode };

	operation_ask(op, &question);
}

static void read_again(struct operation *op)
{
	const struct modem *modem = operation_modem(op);

	power_mode_listen(op);
	if (!modem->facts.enabled)
		return;
	network_read(op);
	messaging_read(op);
	voice_listen(op);
}

static void read_messages(struct operation *op)
{
	if (operation_modem(op)->facts.enabled)
		messaging_read_listed(op);
}

static const struct step steps[] = {
	{ "ask whether the modem knows its clients", ask_who_we_are },
	{ "read what may have changed", read_again },
	{ "read the messages", read_messages },
};

static void on_read(struct modem *modem, const struct failure *failure, void *userdata)
{
	(void)userdata;
	if (modem->leaving)
		return;
	if (failure && strcmp(failure->name, MM_CORE_ERROR_NOT_FOUND) == 0) {
		/* Else the broker would have them for us the next time, too. */
		bearers_drop_ids(modem);
		qmi_port_drop_ids(modem->qmi);
		modem->host->gone(modem, "has forgotten its clients", -ECONNRESET,
				  modem->host->userdata);
		return;
	}
	if (failure)
		modem_log_at(modem, LOG_WARNING, "what changed meanwhile is not known: %s",
			     failure->text);
	modem_tell_state(modem);
	card_look_again(modem);
	bearers_look(modem);
}

void rejoin_begin(struct modem *modem)
{
	modem_log_at(modem, LOG_NOTICE, "another broker has the modem");
	bearers_claim(modem);
	/* What nobody claims is of no use any more. */
	qmi_port_release_resumed(modem->qmi);
	if (operation_start(modem, OPERATION_IN_TURN, steps, sizeof(steps) / sizeof(steps[0]),
			    on_read, NULL) < 0)
		modem_log_at(modem, LOG_WARNING, "out of memory: what changed is not known");
	operations_go_on(modem);
}
