/* Bearer, taking up what another daemon has connected, or had another broker keep. */
#include <errno.h>
#include <stdio.h>

#include "bearer-inside.h"
#include "modem.h"
#include "netdev/mux.h"
#include "registry.h"

/* The link is the kernel's, and stays. */
static json_t *link_record(const struct bearer *bearer)
{
	if (!bearer->link.multiplex)
		return NULL;
	return json_pack("{s: i, s: b, s: s}", "id", bearer->link.mux_id, "made", bearer->link.made,
			 "name", bearer->link.name);
}

json_t *bearer_record(const struct bearer *bearer)
{
	json_t *legs;

	if (!bearer->connected && !bearer->intent.wanted)
		return NULL;
	legs = json_array();
	for (size_t i = 0; i < BEARER_LEGS; i++) {
		const struct leg *leg = &bearer->legs[i];

		if (leg->up && leg->client)
			json_array_append_new(legs, json_pack("{s: i, s: i, s: I}", "family",
							      (int)leg->family, "client",
							      qk_client_id(leg->client), "handle",
							      (json_int_t)leg->handle));
	}
	return json_pack("{s: i, s: O, s: o, s: o*, s: o*}", "number", (int)bearer->number,
			 "properties", bearer->properties, "legs", legs, "link",
			 link_record(bearer), "intent", intent_record(bearer));
}

static json_int_t number_of(const json_t *record, const char *key)
{
	const json_t *number = json_object_get(record, key);

	return json_is_integer(number) ? json_integer_value(number) : -1;
}

/* Takes up the client of a leg. */
static int take_up(struct bearer *bearer, const json_t *record)
{
	json_int_t client = number_of(record, "client"), handle = number_of(record, "handle");

	for (size_t i = 0; i < BEARER_LEGS; i++) {
		struct leg *leg = &bearer->legs[i];

		if (number_of(record, "family") != (json_int_t)leg->family || leg->client ||
		    client < 1 || client > UINT8_MAX || handle < 0 || handle > UINT32_MAX ||
		    qmi_port_take_up(bearer->modem->qmi, (uint8_t)client, &leg->client) < 0)
			continue;
		leg->handle = (uint32_t)handle;
		return data_call_listen(leg);
	}
	return -ENOENT;
}

static void take_link(struct bearer *bearer, const json_t *record)
{
	const char *name = json_string_value(json_object_get(record, "name"));
	json_int_t id = number_of(record, "id");

	if (!name || id < QK_MUX_MIN || id > QK_MUX_MAX ||
	    (name[0] && !qk_link_name_is_valid(name)))
		return;
	bearer->link.multiplex = true;
	bearer->link.mux_id = (uint8_t)id;
	bearer->link.made = json_is_true(json_object_get(record, "made")) && name[0];
	snprintf(bearer->link.name, sizeof(bearer->link.name), "%s", name);
}

bool bearer_has_calls(const struct bearer *bearer)
{
	return bearer->legs[0].client || bearer->legs[1].client;
}

void bearers_claim(struct modem *modem)
{
	for (size_t i = 0; i < MODEM_BEARERS_MAX; i++) {
		struct bearer *bearer = modem->bearers[i];

		if (!bearer || data_call_claim(bearer) || bearer->doing != BEARER_NOTHING)
			continue;
		bearer->ended = false;
		bearer_fall(bearer);
	}
}

void bearers_drop_ids(struct modem *modem)
{
	for (size_t i = 0; i < MODEM_BEARERS_MAX; i++)
		if (modem->bearers[i])
			data_call_release(modem->bearers[i]);
}

struct bearer *bearer_resume(struct modem *modem, const json_t *record, bool calls)
{
	const json_t *properties = json_object_get(record, "properties");
	json_int_t number = number_of(record, "number");
	const json_t *legs = json_object_get(record, "legs"), *leg;
	struct bearer *bearer;
	size_t i;

	if (!json_is_object(properties) || number < 0 || number > REGISTRY_INDEX_MAX ||
	    bearer_make(modem, (unsigned int)number, properties, &bearer) < 0)
		return NULL;
	take_link(bearer, json_object_get(record, "link"));
	json_array_foreach(legs, i, leg)
	{
		if (calls && take_up(bearer, leg) < 0)
			modem_log(modem, "a data call of %s is no more", bearer_path(bearer));
	}
	intent_resume(bearer, json_object_get(record, "intent"));
	if (!bearer_has_calls(bearer) && !bearer->intent.wanted)
		return bearer_free(bearer);
	if (*modem->host->next_bearer <= bearer->number)
		*modem->host->next_bearer = bearer->number + 1;
	return bearer;
}
