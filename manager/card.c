/*
 * Card: an indication says that something changed; then status and files are read again, as at the start.
 */
#include "card.h"

#include <qmikit/common.h>
#include <qmikit/uim.h>

#include "bearer.h"
#include "cell-broadcast.h"
#include "eps.h"
#include "firmware.h"
#include "location.h"
#include "messaging.h"
#include "modem.h"
#include "network.h"
#include "network-time.h"
#include "oma.h"
#include "operation.h"
#include "profile-manager.h"
#include "sar.h"
#include "signal.h"
#include "sim.h"
#include "simple.h"
#include "slots.h"
#include "ussd.h"
#include "voice.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

/* How far the card is. */
enum card_level { CARD_NONE, CARD_LOCKED, CARD_USABLE };

/* The interfaces of a modem, and from where on they are there. */
static const struct part {
	const struct api_interface *interface;
	enum card_level level;
	void (*add)(struct modem *modem);
	void (*end)(struct modem *modem); /* before the interface goes; NULL: nothing is to end */
} parts[] = {
	{ API_FIRMWARE, CARD_NONE, firmware_add, NULL },
	{ API_VOICE, CARD_NONE, voice_add, voice_end },
	{ API_MODEM3GPP, CARD_LOCKED, network_add, NULL },
	{ API_SIMPLE, CARD_LOCKED, simple_add, NULL },
	{ API_SIGNAL, CARD_USABLE, signal_add, signal_end },
	{ API_SAR, CARD_USABLE, sar_add, NULL },
	{ API_TIME, CARD_USABLE, network_time_add, NULL },
	{ API_MESSAGING, CARD_USABLE, messaging_add, messaging_end },
	{ API_CELL_BROADCAST, CARD_USABLE, cell_broadcast_add, cell_broadcast_end },
	{ API_LOCATION, CARD_USABLE, location_add, location_end },
	{ API_USSD, CARD_USABLE, ussd_add, ussd_end },
	{ API_OMA, CARD_USABLE, oma_add, oma_end },
	{ API_PROFILE_MANAGER, CARD_USABLE, profile_manager_add, profile_manager_end },
};

static enum card_level level_of(const struct modem_facts *facts)
{
	if (facts->failed != MM_MODEM_STATE_FAILED_REASON_NONE)
		return CARD_NONE;
	return modem_card_is_usable(facts) ? CARD_USABLE : CARD_LOCKED;
}

static void add_parts(struct modem *modem, enum card_level level)
{
	for (size_t i = 0; i < COUNT(parts); i++)
		if (parts[i].level <= level && !api_object_has(modem->object, parts[i].interface))
			parts[i].add(modem);
}

static void end_parts(struct modem *modem, enum card_level level)
{
	for (size_t i = 0; i < COUNT(parts); i++) {
		if (parts[i].level <= level || !api_object_has(modem->object, parts[i].interface))
			continue;
		if (parts[i].end)
			parts[i].end(modem);
		api_object_remove(modem->object, parts[i].interface);
	}
}

void card_end_calls(struct modem *modem)
{
	for (size_t i = 0; i < MODEM_BEARERS_MAX; i++)
		if (modem->bearers[i])
			bearer_fall(modem->bearers[i]);
}

/* Without a card nothing of what was reached by it is left. An emergency call goes on. */
static void lose(struct modem *modem, enum card_level level)
{
	card_end_calls(modem);
	if (modem->facts.enabled)
		network_forget(modem);
	modem->facts.enabled = false;
	end_parts(modem, level);
}

void card_end(struct modem *modem)
{
	for (size_t i = 0; i < COUNT(parts); i++)
		if (parts[i].end && modem->object &&
		    api_object_has(modem->object, parts[i].interface))
			parts[i].end(modem);
}

void card_settle(struct operation *operation)
{
	struct modem *modem = operation_modem(operation);
	enum card_level level = level_of(&modem->facts);

	if (!slots_check(modem))
		return;
	if (modem->facts.settling) {
		slots_tell(modem);
		modem_tell_state(modem);
		return;
	}
	modem->facts.initialized = true;
	if (level < CARD_USABLE)
		lose(modem, level);
	add_parts(modem, level);
	if (modem->facts.failed == MM_MODEM_STATE_FAILED_REASON_NONE)
		sim_publish(modem);
	else
		sim_remove(modem);
	slots_tell(modem);
	modem_tell_state(modem);
}

void card_read_status(struct operation *operation)
{
	sim_read_status(operation);
	slots_read(operation);
}

void card_read_files(struct operation *operation)
{
	sim_read_files(operation);
	eps_find_profile(operation);
}

void card_read_more(struct operation *operation)
{
	sim_read_more(operation);
	eps_read_profile(operation);
}

static void note_reading(struct operation *operation)
{
	operation_modem(operation)->card_news = false;
}

static const struct step steps[] = {
	{ "note that the card changed", note_reading },
	{ "read the card", card_read_status },
	{ "read its files", card_read_files },
	{ "read what depends on them", card_read_more },
	{ "tell what became of the card", card_settle },
};

void card_look_again(struct modem *modem)
{
	/* Several in a row are one change. */
	if (modem->card_news || modem->leaving || !modem->qmi)
		return;
	modem->card_news = true;
	if (operation_start(modem, OPERATION_IN_TURN, steps, COUNT(steps), NULL, NULL) < 0)
		modem->card_news = false;
}

static void on_news(struct qk_client *client, const struct qk_message *message, const void *decoded,
		    const struct qk_frame *frame, void *userdata)
{
	(void)client, (void)decoded, (void)frame;
	if (message == &qk_uim_card_status_message)
		card_look_again(userdata);
	else if (message == &qk_uim_slot_status_message)
		slots_look_again(userdata);
}

void card_listen(struct operation *operation)
{
	static const struct qk_uim_register_events_request request = {
		.has_event_registration_mask = true,
		.event_registration_mask = QK_UIM_EVENT_REGISTRATION_FLAG_CARD_STATUS |
					   QK_UIM_EVENT_REGISTRATION_FLAG_PHYSICAL_SLOT_STATUS,
	};
	struct modem *modem = operation_modem(operation);
	struct qk_client *uim = qmi_port_client(modem->qmi, QK_SERVICE_ID_UIM);

	if (uim && !modem->uim_news &&
	    qk_client_subscribe(uim, on_news, modem, NULL, &modem->uim_news) < 0)
		operation_fail(operation, MM_CORE_ERROR_FAILED, "out of memory");
	else
		operation_ask(operation, &(struct question){
						 .service = QK_SERVICE_ID_UIM,
						 .need = OPERATION_SPARES,
						 .method = &qk_uim_register_events_method,
						 .request = &request,
					 });
}
