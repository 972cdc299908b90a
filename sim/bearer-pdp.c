/*
 * Bearer: the stored PDP contexts, and what a profile says of contexts and network (see bearer.h).
 */
#include <errno.h>
#include <stddef.h>

#include "bearer.h"
#include "profile-read.h"
#include "profile.h"
#include "state.h"

static void tell(struct qk_sim_state *state, uint8_t id, uint32_t event)
{
	state->bearers.change.context = id;
	state->bearers.change.event = event;
	state->changed |= QK_SIM_CHANGED_CONTEXTS;
}

const struct qk_sim_pdp_context *qk_sim_pdp_get(const struct qk_sim_state *state, uint8_t id)
{
	if (!id || id > QK_SIM_CONTEXTS_MAX || !state->bearers.contexts[id - 1].id)
		return NULL;
	return &state->bearers.contexts[id - 1];
}

static uint8_t free_id(const struct qk_sim_state *state)
{
	for (uint8_t id = 1; id <= QK_SIM_CONTEXTS_MAX; id++)
		if (!qk_sim_pdp_get(state, id))
			return id;
	return 0;
}

int qk_sim_pdp_set(struct qk_sim_state *state, const struct qk_sim_pdp_context *context)
{
	uint8_t id = context->id ? context->id : free_id(state);

	if (!id)
		return -ENOSPC;
	if (id > QK_SIM_CONTEXTS_MAX)
		return -EINVAL;
	uint32_t event =
		qk_sim_pdp_get(state, id) ? QK_SIM_CONTEXT_MODIFIED : QK_SIM_CONTEXT_CREATED;
	state->bearers.contexts[id - 1] = *context;
	state->bearers.contexts[id - 1].id = id;
	tell(state, id, event);
	return id;
}

int qk_sim_pdp_delete(struct qk_sim_state *state, uint8_t id)
{
	if (!qk_sim_pdp_get(state, id))
		return -ENOENT;
	if (id == state->bearers.default_context)
		return -EPERM;
	if (qk_sim_bearer_of_context(state, id, 4) || qk_sim_bearer_of_context(state, id, 6))
		return -EBUSY;
	state->bearers.contexts[id - 1] = (struct qk_sim_pdp_context){ 0 };
	tell(state, id, QK_SIM_CONTEXT_DELETED);
	return 0;
}

int qk_sim_pdp_set_default(struct qk_sim_state *state, uint8_t id)
{
	if (!qk_sim_pdp_get(state, id))
		return -ENOENT;
	state->bearers.default_context = id;
	return 0;
}

/* --- what a profile has of it */

static const struct qk_sim_word pdp_words[] = {
	{ "ipv4", QK_SIM_PDP_IPV4 },
	{ "ppp", QK_SIM_PDP_PPP },
	{ "ipv6", QK_SIM_PDP_IPV6 },
	{ "ipv4v6", QK_SIM_PDP_IPV4V6 },
	{ NULL, 0 },
};

static const struct qk_sim_word apn_type_words[] = {
	{ "ipv4", QK_SIM_PDP_IPV4 },
	{ "ipv6", QK_SIM_PDP_IPV6 },
	{ "ipv4v6", QK_SIM_PDP_IPV4V6 },
	{ "either", QK_SIM_PDP_PPP },
	{ NULL, 0 },
};

static const struct qk_sim_word auth_words[] = {
	{ "pap", QK_SIM_AUTH_PAP },
	{ "chap", QK_SIM_AUTH_CHAP },
	{ NULL, 0 },
};

#define AT(type, member) offsetof(struct type, member), sizeof(((struct type *)0)->member)
#define DATA(member) AT(qk_sim_data_profile, member)
#define CONTEXT(member) AT(qk_sim_pdp_context, member)
#define APN(member) AT(qk_sim_apn, member)
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const struct qk_sim_member data_members[] = {
	{ "autoconnect", BOOL, DATA(autoconnect) },
	{ "default-bearer", BOOL, DATA(default_bearer) },
	{ "tx-packets", UINT, DATA(counters.tx_packets), .max = INT64_MAX },
	{ "rx-packets", UINT, DATA(counters.rx_packets), .max = INT64_MAX },
	{ "tx-bytes", UINT, DATA(counters.tx_bytes), .max = INT64_MAX },
	{ "rx-bytes", UINT, DATA(counters.rx_bytes), .max = INT64_MAX },
	{ "prefix", UINT, DATA(prefix_bits), .min = 27, .max = 30 },
	{ "mtu", UINT, DATA(mtu), .min = 576, .max = 9000 },
	{ "dns1-ipv4", ADDRESS4, DATA(dns4[0]) },
	{ "dns2-ipv4", ADDRESS4, DATA(dns4[1]) },
	{ "dns1-ipv6", ADDRESS6, DATA(dns6[0]) },
	{ "dns2-ipv6", ADDRESS6, DATA(dns6[1]) },
	{ "default-context", UINT, DATA(default_context), .min = 1, .max = QK_SIM_CONTEXTS_MAX },
	{ "other-apns", BOOL, DATA(other_apns) },
	{ "start-min-usec", UINT, DATA(start_min_usec), .max = 600000000 },
	{ "start-max-usec", UINT, DATA(start_max_usec), .max = 600000000 },
};

static const struct qk_sim_member context_members[] = {
	{ "id", UINT, CONTEXT(id), .min = 1, .max = QK_SIM_CONTEXTS_MAX },
	{ "name", TEXT, CONTEXT(name) },
	{ "type", WORD, CONTEXT(type), .words = pdp_words },
	{ "apn", TEXT, CONTEXT(apn) },
	{ "auth", WORDS, CONTEXT(login.auth), .words = auth_words, .optional = true },
	{ "user", TEXT, CONTEXT(login.user), .optional = true },
	{ "password", TEXT, CONTEXT(login.password), .optional = true },
	{ "disabled", BOOL, CONTEXT(disabled), .optional = true },
	{ "roaming-disallowed", BOOL, CONTEXT(roaming_disallowed), .optional = true },
	{ "apn-types", UINT, CONTEXT(apn_types), .max = INT64_MAX, .optional = true },
};

static const struct qk_sim_member apn_members[] = {
	{ "apn", TEXT, APN(apn) },
	{ "type", WORD, APN(type), .words = apn_type_words },
	{ "auth", WORDS, APN(login.auth), .words = auth_words, .optional = true },
	{ "user", TEXT, APN(login.user), .optional = true },
	{ "password", TEXT, APN(login.password), .optional = true },
	{ "end-reason", UINT, APN(end.call), .max = UINT16_MAX, .optional = true },
	{ "end-type", UINT, APN(end.type), .min = 1, .max = UINT16_MAX, .optional = true },
	{ "end-verbose", INT, APN(end.reason), .min = INT16_MIN, .max = INT16_MAX,
	  .optional = true },
};

const struct qk_sim_section qk_sim_data_section = { "data", data_members, COUNT(data_members),
						    offsetof(struct qk_sim_profile, data) };
const struct qk_sim_section qk_sim_contexts_section = { "contexts", context_members,
							COUNT(context_members), 0 };
const struct qk_sim_section qk_sim_apns_section = { "apns", apn_members, COUNT(apn_members), 0 };
