/*
 * Whose message a number is: the vendors of the profile, one after the other.
 */
#include "vendors.h"

#include <qmikit/common.h>

static const struct qk_method *method_of(uint16_t vendor, uint16_t service, uint16_t message)
{
	const struct qk_service *s = qk_service_by_id(service);

	for (size_t i = 0; s && i < s->method_count; i++)
		if (s->methods[i].request->vendor == vendor && s->methods[i].request->id == message)
			return &s->methods[i];
	return NULL;
}

/* Whether the request has just the TLVs that the definition knows. Uses the arena of the message at
 * hand, and gives it back. */
static bool fits(struct qk_sim *sim, const struct qk_message *message, const struct qk_frame *frame)
{
	size_t used = sim->arena.used;
	struct qk_extras *request = qk_arena_take(&sim->arena, message->size);
	bool good = request && qk_decode(message, frame->tlvs, &sim->arena, request) == 0 &&
		    !request->count && qk_missing_tlv(message, request) < 0;

	sim->arena.used = used;
	return good;
}

const struct qk_method *qk_sim_vendor_method(struct qk_sim *sim, const struct qk_frame *frame)
{
	const struct qk_sim_profile *profile = sim->profile;
	const struct qk_method *first = NULL;

	for (size_t i = 0; i < profile->vendor_count; i++) {
		const struct qk_method *method =
			method_of(profile->vendors[i].id, frame->service, frame->message);

		if (method && fits(sim, method->request, frame))
			return method;
		if (!first)
			first = method;
	}
	return first;
}

bool qk_sim_vendor_known(const struct qk_sim_profile *profile, uint16_t vendor)
{
	for (size_t i = 0; i < profile->vendor_count; i++)
		if (profile->vendors[i].id == vendor)
			return true;
	return !vendor;
}
