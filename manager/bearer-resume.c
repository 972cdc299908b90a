/* Bearer, taking up what another daemon has connected. */
#include "bearer-inside.h"
#include "modem.h"
#include "registry.h"

json_t *bearer_record(const struct bearer *bearer)
{
	json_t *legs;

	if (!bearer->connected)
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
	return json_pack("{s: i, s: O, s: o}", "number", (int)bearer->number, "properties",
			 bearer->properties, "legs", legs);
}

static json_int_t number_of(const json_t *record, const char *key)
{
	const json_t *number = json_object_get(record, key);

	return json_is_integer(number) ? json_integer_value(number) : -1;
}

/* Takes up the client of a leg. */
static bool take_up(struct bearer *bearer, const json_t *record)
{
	json_int_t client = number_of(record, "client"), handle = number_of(record, "handle");

	for (size_t i = 0; i < BEARER_LEGS; i++) {
		struct leg *leg = &bearer->legs[i];

		if (number_of(record, "family") != (json_int_t)leg->family || leg->client ||
		    client < 1 || client > UINT8_MAX || handle < 0 || handle > UINT32_MAX ||
		    qmi_port_take_up(bearer->modem->qmi, (uint8_t)client, &leg->client) < 0)
			continue;
		leg->handle = (uint32_t)handle;
		return data_call_listen(leg) == 0;
	}
	return false;
}

struct bearer *bearer_resume(struct modem *modem, const json_t *record)
{
	const json_t *properties = json_object_get(record, "properties");
	json_int_t number = number_of(record, "number");
	const json_t *legs = json_object_get(record, "legs"), *leg;
	struct bearer *bearer;
	bool any = false;
	size_t i;

	if (!json_is_object(properties) || number < 0 || number > REGISTRY_INDEX_MAX ||
	    bearer_make(modem, (unsigned int)number, properties, &bearer) < 0)
		return NULL;
	json_array_foreach(legs, i, leg)
	{
		any = take_up(bearer, leg) || any;
	}
	if (!any)
		return bearer_free(bearer);
	if (*modem->host->next_bearer <= bearer->number)
		*modem->host->next_bearer = bearer->number + 1;
	return bearer;
}
