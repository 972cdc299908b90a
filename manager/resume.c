/*
 * Resume: a modem with a call up was enabled, and is again without anything being changed on it.
 */
#include "resume.h"

#include "bearer.h"
#include "log.h"
#include "modem.h"
#include "network.h"
#include "registry.h"

static const struct step network_steps[] = {
	{ "listen to the network", network_listen },
	{ "read the network", network_read },
};

static void listen(struct modem *modem)
{
	modem->facts.enabled = true;
	if (operation_start(modem, OPERATION_IN_TURN, network_steps,
			    sizeof(network_steps) / sizeof(network_steps[0]), NULL, NULL) < 0)
		modem_log_at(modem, LOG_WARNING, "out of memory: the network is not listened to");
}

void resume_begin(struct modem *modem)
{
	const json_t *records =
		json_object_get(registry_kept(modem->host->registry, modem->index), "bearers");
	const json_t *record;
	size_t i;

	json_array_foreach(records, i, record)
	{
		struct bearer *bearer =
			bearer_resume(modem, record, modem_card_is_usable(&modem->facts));

		if (!bearer)
			continue;
		if (!bearer_has_calls(bearer)) {
			modem_log_at(modem, LOG_NOTICE, "%s is wanted still", bearer_path(bearer));
			continue;
		}
		if (!modem->facts.enabled)
			listen(modem);
		modem_log_at(modem, LOG_NOTICE, "%s is taken up again", bearer_path(bearer));
		bearer_verify(bearer);
	}
	/* What else the lease held is of no use any more. */
	qmi_port_release_resumed(modem->qmi);
}

void resume_note(struct modem *modem)
{
	json_t *records;

	if (!modem->facts.initialized || modem->facts.starting || !modem->identified ||
	    modem->leaving)
		return;
	records = json_array();
	for (size_t i = 0; i < MODEM_BEARERS_MAX; i++) {
		json_t *record = modem->bearers[i] ? bearer_record(modem->bearers[i]) : NULL;

		if (record)
			json_array_append_new(records, record);
	}
	if (json_array_size(records) == 0) {
		json_decref(records);
		registry_keep(modem->host->registry, modem->index, NULL);
	} else {
		registry_keep(modem->host->registry, modem->index,
			      json_pack("{s: o}", "bearers", records));
	}
}
